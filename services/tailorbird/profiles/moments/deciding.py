"""Which moments come with an event, which begin to wait, and whether one whose wait is over comes at last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from tailorbird.contracts.profiles import Event, MomentNote, Profile
from tailorbird.profiles.moments.document import MomentIndex, Prepared
from tailorbird.profiles.person.noted import Fired, fired_kept
from tailorbird.profiles.person.products import amount, item_id_of, order_of, text
from tailorbird.profiles.person.profile import StoredProfile
from tailorbird.profiles.person.timeline import lines_of
from tailorbird.profiles.traits.items import Items
from tailorbird.rules.plain import holds

__all__ = [
    "SEEN_AS",
    "Wait",
    "comes",
    "comes_after_waiting",
    "event_attributes",
    "fired_for",
    "name_of",
    "note_of",
    "notes",
    "raised",
    "with_fired",
]

LATE = 3_600.0
"""Seconds by which an event may be late and still raise a moment: what happened yesterday is no moment any more."""
SEEN_AS = "moment/"
"""How a moment is called among offers and actions: `moment/<id>`."""


class Wait(Struct, frozen=True):
    """A moment raised that waits: kept until it is due."""

    person: str
    moment: str
    occasion: str
    raised_at: float
    due_at: float


def name_of(event: Event) -> str:
    """What `on` and `unless` call it, in lower case."""
    return event.event.lower() if event.type == "track" else event.type


def raised(index: MomentIndex, event: Event, person: str, occasion: str, now: float) -> list[Wait]:
    """The moments that this event raises; one without waiting is due already."""
    found: list[Wait] = []
    for prepared in index.by_event.get(name_of(event), ()):
        due_at = event.at + prepared.moment.wait_seconds
        if due_at >= now - LATE:
            found.append(Wait(person, prepared.moment_id, occasion, event.at, due_at))
    return found


def comes(
    prepared: Prepared,
    wait: Wait,
    profile: Profile,
    stored: StoredProfile,
    now: float,
    event: Mapping[str, Any] | None = None,
) -> bool:
    """Whether it comes now: its rule holds, and it hasn't come too often. `event`: attributes `event.*`."""
    return _may_come(prepared, wait, stored, now) and holds(prepared.node, _values(profile, event or {}))


def comes_after_waiting(
    prepared: Prepared, wait: Wait, profile: Profile, stored: StoredProfile, now: float
) -> bool:
    """The same when the wait is over: nothing may have called it off meanwhile."""
    if prepared.unless:
        since = int(wait.raised_at)
        if any(line.at >= since and line.name in prepared.unless for line in lines_of(stored.timeline)):
            return False
    return comes(prepared, wait, profile, stored, now)


def event_attributes(event: Event, items: Items) -> dict[str, Any]:
    """`event.*` of this event."""
    properties = event.properties
    item_id = item_id_of(properties) if properties else ""
    kind = items.get(item_id)
    found: dict[str, Any] = {"event.name": name_of(event)}
    if kind is not None:
        found["event.item_id"] = item_id
        found["event.item_category"] = kind.category
        found["event.item_department"] = kind.department
    if "seconds" in properties:
        found["event.seconds"] = amount(properties["seconds"])
    value = order_of(properties, "")[1]
    if value:
        found["event.value"] = value
    for name in ("geofence", "reason"):
        if properties.get(name):
            found[f"event.{name}"] = text(properties[name])
    return found


def with_fired(prepared: Prepared, wait: Wait, fired: Sequence[Fired], now: float) -> tuple[Fired, ...]:
    """What has come to a person, with this as the latest."""
    until = int(now + prepared.moment.shown_seconds)
    return fired_kept((Fired(wait.moment, wait.occasion, int(now), until, int(wait.raised_at)), *fired))


def fired_for(stored: StoredProfile, occasion: str) -> list[Fired]:
    """What came for this very occasion."""
    return [one for one in stored.fired if one.occasion == occasion]


def notes(index: MomentIndex, stored: StoredProfile, at: float) -> tuple[MomentNote, ...]:
    """What is still to be said, latest first: what came lately and was not seen yet."""
    if not stored.fired:
        return ()
    seen = {one.offer_id: one.last_at for one in stored.responses if one.offer_id.startswith(SEEN_AS)}
    found: list[MomentNote] = []
    for one in stored.fired:
        prepared = index.moments.get(one.moment)
        if prepared is None or seen.get(SEEN_AS + one.moment, -1) >= one.at:
            continue
        if one.until > at:
            found.append(note_of(prepared, one))
    return tuple(found)


def note_of(prepared: Prepared, fired: Fired) -> MomentNote:
    """What a moment says."""
    moment = prepared.moment
    return MomentNote(
        moment=prepared.moment_id,
        occasion=fired.occasion,
        at=float(fired.at),
        until=float(fired.until),
        headline=moment.headline,
        text=moment.text,
        call_to_action=moment.call_to_action,
        url=moment.url,
        tone=moment.tone,
        page=moment.page,
        browser=moment.browser,
    )


def _may_come(prepared: Prepared, wait: Wait, stored: StoredProfile, now: float) -> bool:
    moment = prepared.moment
    before = [one for one in stored.fired if one.moment == wait.moment]
    if not before:
        return True
    if moment.once == "ever" or any(one.occasion == wait.occasion for one in before):
        return False
    latest = max(one.at for one in before)
    if moment.once == "visit" and stored.session is not None and latest >= stored.session.started:
        return False
    return now - latest >= moment.pause_seconds


def _values(profile: Profile, event: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = dict(profile.facts.attributes)
    values["segments"] = list(profile.facts.segments)
    values["persona"] = profile.facts.persona
    values["cart.count"] = sum(line.quantity for line in profile.cart)
    values["cart.item_ids"] = [line.item_id for line in profile.cart]
    values.update(event)
    return values
