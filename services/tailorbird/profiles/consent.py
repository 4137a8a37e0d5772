"""What a person agreed to, purpose by purpose: the latest word counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tailorbird.profiles.profile import Consent

__all__ = ["PURPOSES", "allows_personalization", "heard", "latest"]

PURPOSES = ("analytics", "personalization", "email", "advertising")


def heard(context: Mapping[str, Any], at: int) -> dict[str, Consent]:
    """Purpose -> consent out of an event's context, in Segment's words: `consent.categoryPreferences`."""
    consent = context.get("consent")
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    if not isinstance(preferences, dict):
        return {}
    return {
        purpose: Consent(preferences[purpose], at) for purpose in PURPOSES if isinstance(preferences.get(purpose), bool)
    }


def latest(known: Mapping[str, Consent], new: Mapping[str, Consent]) -> dict[str, Consent]:
    """Of each purpose the later word; of two at the same moment the refusal."""
    found = dict(known)
    for purpose, consent in new.items():
        before = found.get(purpose)
        if before is None or (consent.at, not consent.granted) > (before.at, not before.granted):
            found[purpose] = consent
    return found


def allows_personalization(consent: Mapping[str, Consent]) -> bool:
    """False only for a person who refused it."""
    refused = consent.get("personalization")
    return refused is None or refused.granted
