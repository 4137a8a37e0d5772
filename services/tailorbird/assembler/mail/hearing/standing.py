"""Whether an address may be written to: what it said, and what became of mail to it, folded in one value."""

from __future__ import annotations

from msgspec.structs import replace

from tailorbird.contracts.mail import Standing, StandingChange

__all__ = ["SOFT_BOUNCES", "changed", "refusal"]

SOFT_BOUNCES = 5
"""Deliveries in a row that may fail for the time being; then nobody reads there any more."""

_WORDS = {
    "unsubscribed": "unsubscribed from everything",
    "bounced": "cannot be reached: mail comes back",
    "complained": "called our mail spam",
    "refused": "asked not to be written to",
}


def changed(standing: Standing, change: StandingChange, at: float) -> Standing:
    """The standing with this in it. Heard twice it is the same."""
    word = change.word
    if word == "unsubscribed" and change.topic:
        without = tuple(sorted({*standing.without, change.topic}))
        return standing if without == standing.without else replace(standing, without=without, at=at)
    if word == "subscribed" and change.topic:
        return replace(standing, without=tuple(one for one in standing.without if one != change.topic), at=at)
    if word == "subscribed":
        # Who comes back of their own will; a complaint or a dead address is not undone by a link in an old mail.
        return replace(standing, stopped="", at=at) if standing.stopped == _WORDS["unsubscribed"] else standing
    if word == "bounced_softly":
        failed = standing.soft_bounces + 1
        if failed < SOFT_BOUNCES:
            return replace(standing, soft_bounces=failed)
        return _stopped(replace(standing, soft_bounces=failed), _WORDS["bounced"], at, change.source)
    if word is not None:
        return _stopped(standing, _WORDS[word], at, change.source)
    return replace(
        standing,
        without=standing.without if change.without is None else tuple(sorted(set(change.without))),
        per_week=standing.per_week if change.per_week is None else change.per_week,
        at=at,
        source=change.source,
    )


def refusal(standing: Standing | None, topic: str) -> str:
    """Why nothing about this topic may go to the address; empty: it may."""
    if standing is None:
        return ""
    if standing.stopped:
        return standing.stopped
    return f"does not want to hear of '{topic}'" if topic in standing.without else ""


def _stopped(standing: Standing, why: str, at: float, source: str) -> Standing:
    # The first reason stays: it is the one that somebody acted upon.
    return standing if standing.stopped else replace(standing, stopped=why, at=at, source=source)
