"""What an event tells beside items, carts and orders: how somebody looks at things, where they are, what they ask help
for, when they open mails, and a line for their timeline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import structs
from msgspec.structs import replace

from tailorbird.contracts.profiles import Event
from tailorbird.profiles.person import timeline
from tailorbird.profiles.person.noted import Contact, Dwell, Fence, Loyalty, Observed, Ticket
from tailorbird.profiles.person.products import amount, item_id_of, text
from tailorbird.profiles.person.profile import StoredProfile
from tailorbird.profiles.traits.rhythm import added, counted, opened_by_somebody
from tailorbird.rules.attributes import moment

__all__ = ["looked_at", "noticed", "noticed_again", "together"]

TICKETS_KEPT = 30
CONTACTS_KEPT = 20
LONGEST_DWELL = 3_600
ADVOCACY_KEPT = 1_000

_Note = Callable[[Observed, Event, int], Observed]


def noticed(draft: StoredProfile, event: Event, at: int, name: str) -> None:
    """Puts into the draft what the event tells of these. `name`: of a track event, in lower case, else empty."""
    draft.timeline = timeline.with_line(draft.timeline, at, name or event.type, _detail(event, name))
    note = _NOTES.get(name)
    if note is not None:
        draft.observed = note(draft.observed, event, at)
    zone = event.context.get("timezone")
    if isinstance(zone, str) and zone and (at, zone[:60]) > draft.observed.time_zone:
        draft.observed = replace(draft.observed, time_zone=(at, zone[:60]))


def noticed_again(draft: StoredProfile, event: Event, at: int) -> bool:
    """Whether the event tells of these what was not known; for one that may be told any number of times."""
    name = event.event.lower()
    observed = _NOTES[name](draft.observed, event, at)
    if observed == draft.observed:
        return False
    draft.observed = observed
    draft.timeline = timeline.with_line(draft.timeline, at, name, _detail(event, name))
    draft.last_at = max(draft.last_at, at)
    return True


def looked_at(event: Event, at: int, name: str) -> dict[str, Any]:
    """The fields of a visit that this event tells of; few events tell of any."""
    found: dict[str, Any] = {}
    if name in ("item dwelled", "item hovered"):
        item_id = item_id_of(event.properties)
        seconds = min(int(amount(event.properties.get("seconds"))), LONGEST_DWELL)
        if item_id:
            dwelled = name == "item dwelled"
            found["dwells"] = (Dwell(item_id, seconds if dwelled else 0, 0 if dwelled else 1),)
    elif name in ("geofence entered", "geofence exited"):
        fence = text(event.properties.get("geofence") or event.properties.get("geofence_id"), 60)
        if fence:
            found["fences"] = (Fence(fence, at, name == "geofence entered"),)
    elif name == "checkout started":
        found["checkout_at"] = at
    if event.context:
        device = event.context.get("device")
        if isinstance(device, dict) and device.get("type"):
            found["device"] = (at, text(device["type"], 40).lower())
        location = event.context.get("location")
        if isinstance(location, dict):
            place = text(location.get("city") or location.get("region") or location.get("country"), 60)
            if place:
                found["place"] = (at, place)
    return found


def together(one: Observed, other: Observed) -> Observed:
    """What was noticed of two that turn out to be the same person."""
    if other == Observed():
        return one
    contacts = sorted({*one.contacts, *other.contacts}, key=_contact_place)
    return Observed(
        tickets=_tickets((*one.tickets, *other.tickets)),
        contacts=tuple(contacts[:CONTACTS_KEPT]),
        opens=added(one.opens, other.opens),
        shops=added(one.shops, other.shops),
        advocacy=min(one.advocacy + other.advocacy, ADVOCACY_KEPT),
        time_zone=max(one.time_zone, other.time_zone),
        loyalty=_latest(one.loyalty, other.loyalty),
    )


def _detail(event: Event, name: str) -> str:
    properties = event.properties
    item_id = properties.get("product_id")
    if isinstance(item_id, str) and name not in _DETAILS:
        return item_id
    if event.type in ("page", "screen"):
        page = event.context.get("page")
        path = page.get("path") if isinstance(page, dict) else None
        return event.event or text(properties.get("path") or path, 60)
    found = _DETAILS.get(name)
    return text(properties.get(found), 60) if found else item_id_of(properties) if properties else ""


_DETAILS = {
    "order completed": "order_id",
    "order updated": "order_id",
    "order refunded": "order_id",
    "order cancelled": "order_id",
    "products searched": "query",
    "promotion viewed": "promotion_id",
    "promotion clicked": "promotion_id",
    "offer redeemed": "offer_id",
    "offer refused": "offer_id",
    "email opened": "email_id",
    "email link clicked": "link_url",
    "geofence entered": "geofence",
    "geofence exited": "geofence",
    "ticket opened": "ticket_id",
    "ticket updated": "ticket_id",
    "ticket resolved": "ticket_id",
    "contact made": "reason",
    "loyalty changed": "level",
}


def _ticket(observed: Observed, event: Event, at: int) -> Observed:
    properties = event.properties
    ticket_id = text(properties.get("ticket_id"), 80)
    if not ticket_id:
        return observed
    reason = text(properties.get("reason") or properties.get("subject"), 120)
    promised = _moment(properties.get("promised_at"))
    told = Ticket(
        ticket_id,
        opened_at=at,
        resolved_at=at if event.event.lower() == "ticket resolved" else 0,
        reason=(at, reason) if reason else (0, ""),
        promised=(at, promised) if promised else (0, 0),
    )
    return replace(observed, tickets=_tickets((*observed.tickets, told)))


def _tickets(told: Iterable[Ticket]) -> tuple[Ticket, ...]:
    """Each ticket once, the one opened last first. What is known of it is the same in whatever order it was told."""
    found: dict[str, Ticket] = {}
    for ticket in told:
        known = found.get(ticket.ticket_id)
        found[ticket.ticket_id] = (
            ticket
            if known is None
            else Ticket(
                ticket.ticket_id,
                opened_at=min(known.opened_at, ticket.opened_at),
                resolved_at=max(known.resolved_at, ticket.resolved_at),
                reason=max(known.reason, ticket.reason),
                promised=max(known.promised, ticket.promised),
            )
        )
    ordered = sorted(found.values(), key=lambda one: (-one.opened_at, one.ticket_id))
    return tuple(ordered[:TICKETS_KEPT])


def _contact(observed: Observed, event: Event, at: int) -> Observed:
    properties = event.properties
    told = Contact(
        at,
        text(properties.get("channel"), 40) or "contact_centre",
        text(properties.get("reason"), 120),
        text(properties.get("ticket_id"), 80),
    )
    contacts = sorted({*observed.contacts, told}, key=_contact_place)
    return replace(observed, contacts=tuple(contacts[:CONTACTS_KEPT]))


def _contact_place(contact: Contact) -> tuple[int, str, str, str]:
    return -contact.at, contact.channel, contact.reason, contact.ticket_id


def _loyalty(observed: Observed, event: Event, at: int) -> Observed:
    if not event.trusted:
        return observed
    found = event.properties
    told = {
        "card": text(found.get("card"), 100),
        "level": text(found.get("level"), 60),
        "segment": text(found.get("segment"), 60),
        "since": _moment(found.get("since")),
        "lapse_at": _moment(found.get("lapse_at")),
    }
    fields: dict[str, Any] = {name: (at, value) for name, value in told.items() if value}
    if "points" in found:
        fields["points"] = (at, amount(found["points"]))
    return replace(observed, loyalty=_latest(observed.loyalty, replace(Loyalty(), **fields)))


def _latest(one: Loyalty | None, other: Loyalty | None) -> Loyalty | None:
    if one is None or other is None:
        return one or other
    return Loyalty(*map(max, structs.astuple(one), structs.astuple(other)))


def _opened(observed: Observed, event: Event, at: int) -> Observed:
    if not opened_by_somebody(event.properties, event.context):
        return observed
    return replace(observed, opens=counted(observed.opens, (at,)))


def _shopped(observed: Observed, _: Event, at: int) -> Observed:
    return replace(observed, shops=counted(observed.shops, (at,)))


def _advocated(observed: Observed, _: Event, __: int) -> Observed:
    return replace(observed, advocacy=min(observed.advocacy + 1, ADVOCACY_KEPT))


_NOTES: Mapping[str, _Note] = {
    "ticket opened": _ticket,
    "ticket updated": _ticket,
    "ticket resolved": _ticket,
    "contact made": _contact,
    "loyalty changed": _loyalty,
    "email opened": _opened,
    "email link clicked": _opened,
    "product added": _shopped,
    "order completed": _shopped,
    "product reviewed": _advocated,
    "product shared": _advocated,
    "cart shared": _advocated,
    "coupon shared": _advocated,
    "referral sent": _advocated,
}
"""Track events by lower-case name. `Ticket ...`, `Contact Made`, `Loyalty Changed` are Tailorbird's own."""


def _moment(value: Any) -> int:
    """Whole seconds since 1970 of a number or an ISO 8601 text, 0 when it is none."""
    found = moment(value)
    return int(found) if found is not None and 0 < found < 2**40 else 0
