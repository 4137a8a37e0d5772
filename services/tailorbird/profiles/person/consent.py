"""What a person agreed to, purpose by purpose: the latest word counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tailorbird.contracts.profiles import Event
from tailorbird.contracts.words import Consent
from tailorbird.rules.consent import PURPOSES, allowed

__all__ = ["allows_personalization", "heard", "latest", "silent", "taken"]

def heard(context: Mapping[str, Any], at: int, source: str = "") -> dict[str, Consent]:
    """Purpose -> consent out of an event's context, in Segment's words: `consent.categoryPreferences`."""
    consent = context.get("consent")
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    if not isinstance(preferences, dict):
        return {}
    said = {purpose: preferences.get(purpose) for purpose in PURPOSES}
    return {purpose: Consent(word, at, source) for purpose, word in said.items() if isinstance(word, bool)}


def latest(known: Mapping[str, Consent], new: Mapping[str, Consent]) -> dict[str, Consent]:
    """Of each purpose the later word; of two at the same moment the refusal."""
    found = dict(known)
    for purpose, consent in new.items():
        before = found.get(purpose)
        if before is None or (consent.at, not consent.granted) > (before.at, not before.granted):
            found[purpose] = consent
    return found


def allows_personalization(words: Mapping[str, Consent], needs_word: bool = False) -> bool:
    """Whether what this person does may be kept and used. `needs_word`: the region's default says no."""
    return allowed(words, "personalization", needs_word)


def silent(event: Event) -> bool:
    """Whether an event of a region that needs a yes says neither yes nor no: of a stranger nothing is kept then."""
    return event.needs_consent and not heard(event.context, 0)


def taken(
    known: Mapping[str, Consent], event: Event, at: int, *, is_customer: bool, own: bool
) -> dict[str, Consent] | None:
    """What the person agrees to after this event; None: it changes nothing.

    A server speaks for anybody. A browser speaks for its `own` anonymous id; once that is a customer's, it may still
    refuse for them, but a yes for a customer needs somebody who is trusted.
    """
    new = heard(event.context, at, "server" if event.trusted else "browser") if event.context else {}
    if not event.trusted:
        new = {purpose: word for purpose, word in new.items() if own and not (is_customer and word.granted)}
    return latest(known, new) if new else None
