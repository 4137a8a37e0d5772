"""A profile as people and other systems read it: named fields instead of arrays, where each thing comes from and when,
and no key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from tailorbird.contracts.profiles import Profile
from tailorbird.contracts.words import AttributeValue
from tailorbird.profiles.answering.shapes import (
    ContactCentreShown,
    ContactShown,
    LoyaltyShown,
    ProfileShown,
    TicketShown,
    TimelineLine,
    TimelineShown,
    TraitShown,
    VisitShown,
)
from tailorbird.profiles.person.noted import Contact, Loyalty, Ticket
from tailorbird.profiles.person.profile import DAY, Session, StoredProfile, mark_of
from tailorbird.profiles.person.refunds import left_of
from tailorbird.profiles.person.sessions import running, sessions_of
from tailorbird.profiles.person.timeline import Line, lines_of

__all__ = ["contact_centre", "shown", "timeline", "timeline_page", "visits"]

LINKED_WITHIN = 7 * DAY
"""A call and a visit that lie no further apart are about the same thing, as far as anybody can tell."""
_ORDERED = "order completed"
_OBSERVED = ("session.", "contact.", "usual.", "journey.", "loyalty.")
_SAID_BY_EVENTS = ("treatment.", "history.", "affinity.", "share.", "cluster.")


def shown(profile: Profile, stored: StoredProfile, at: float) -> ProfileShown:
    """The whole profile as JSON for outside."""
    facts = profile.facts
    session = running(stored.session, at)
    return {
        "customer": {
            "customer_id": profile.customer.customer_id or None,
            "anonymous_id": profile.customer.anonymous_id or None,
        },
        "known": profile.known,
        "person": profile.person,
        "version": profile.version,
        "first_name": profile.first_name,
        "persona": facts.persona,
        "segments": facts.segments,
        "identities": {"customer_id": stored.customer_id or None, "anonymous_ids": stored.anonymous_ids},
        "traits": _traits(stored, facts.attributes, at),
        "consent": {
            purpose: {"granted": word.granted, "at": said(word.at), "source": word.source}
            for purpose, word in stored.consent.items()
        },
        "session": _session(session, stored, at) if session else None,
        "cart": [{"item_id": line.item_id, "quantity": line.quantity} for line in profile.cart],
        "orders": [
            {"at": said(one.at), "value": one.value, "left": left_of(one.mark, one.value, stored.refunds) or 0.0}
            for one in stored.recent_orders
        ],
        "responses": [
            {"offer_id": one.offer_id, "kind": one.kind, "times": one.times, "last_at": said(one.last_at)}
            for one in stored.responses
        ],
        "loyalty": _loyalty(stored.observed.loyalty) if stored.observed.loyalty else None,
        "not_for_me": [{"item_id": item_id, "at": said(at)} for item_id, at in stored.dismissed if at > 0],
        "experiments": [
            {"experiment_id": one.experiment_id, "variant_id": one.variant_id, "at": said(one.at)}
            for one in stored.exposures
        ],
        "tickets": [_ticket(one) for one in stored.observed.tickets],
        "contacts": [_contact(one) for one in stored.observed.contacts],
        "moments": [
            {"moment": one.moment, "at": said(one.at), "raised_at": said(one.raised_at)} for one in stored.fired
        ],
        "facts": {
            "attributes": facts.attributes,
            "recent": [{"kind": one.kind, "item_id": one.item_id, "at": one.at} for one in facts.recent],
            "history": [
                {"item_id": one.item_id, "times": one.times, "last_at": one.last_at} for one in profile.purchases()
            ],
        },
    }


def visits(stored: StoredProfile, at: float) -> list[VisitShown]:
    """Every visit of which more is kept than its events, latest first."""
    return [_session(one, stored, at) for one in sessions_of(stored)]


def timeline(stored: StoredProfile, lines: Sequence[Line]) -> list[TimelineLine]:
    """What they did, as people read it, the latest first: the lines, and the orders of late that files told of."""
    values = {one.mark: one.value for one in stored.recent_orders}
    told: list[TimelineLine] = []
    known: set[bytes] = set()
    for line in lines:
        one = TimelineLine(at=said(line.at), event=line.name, about=line.detail)
        mark = mark_of(f"order:{line.detail}") if line.name == _ORDERED else b""
        if mark in values:
            one["value"] = values[mark]
            known.add(mark)
        told.append(one)
    loaded = [TimelineLine(at=said(one.at), event=_ORDERED, about="", value=one.value)
              for one in stored.recent_orders if one.mark not in known]  # fmt: skip
    return sorted([*told, *loaded], key=lambda one: one["at"] or "", reverse=True) if loaded else told


def timeline_page(lines: Sequence[TimelineLine], count: int, before: int) -> TimelineShown:
    """Some of these lines, which come newest first, and with what to ask on; no `next`: these were the last.

    Lines are counted from the oldest, so that a page stays where it is while new events come.
    """
    first = max(len(lines) - before, 0) if before else 0
    page = list(lines[first : first + count])
    left = len(lines) - first - len(page)
    told = TimelineShown(events=page, of=len(lines))
    if left:
        told["next"] = left
    return told


def contact_centre(profile: Profile, stored: StoredProfile, at: float) -> ContactCentreShown:
    """What somebody who takes a call should see: the latest conversations, open tickets, and what was done on the web
    close to them (R88).
    """
    observed = stored.observed
    recent = [one for one in observed.contacts if at - one.at <= LINKED_WITHIN]
    visits = [one for one in (stored.session, stored.previous_session) if one is not None]
    visit = visits[0] if visits else None
    linked = next((one for one in recent if visit and abs(visit.ended - one.at) <= LINKED_WITHIN), None)
    return {
        "customer": {"customer_id": stored.customer_id or None, "first_name": profile.first_name or None},
        "persona": profile.facts.persona,
        "segments": profile.facts.segments,
        "loyalty": _loyalty(observed.loyalty) if observed.loyalty else None,
        "contacts": [_contact(one) for one in observed.contacts],
        "open_tickets": [_ticket(one) for one in observed.tickets if not one.resolved_at],
        "visit": _session(visit, stored, at) if visit else None,
        "cart": [{"item_id": line.item_id, "quantity": line.quantity} for line in profile.cart],
        "linked_contact": _contact(linked) if linked else None,
        "summary": _summary(linked, visit, stored, at),
    }


def said(at: float) -> str | None:
    """The moment in ISO 8601, None for none."""
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z") if at else None


def _traits(stored: StoredProfile, attributes: dict[str, AttributeValue], at: float) -> dict[str, TraitShown]:
    """Every trait with its source: `given`, `imported`, `observed` or `computed`, and since when."""
    found: dict[str, TraitShown] = {
        name: {"value": trait.value, "source": trait.source, "at": said(trait.at)}
        for name, trait in sorted(stored.traits.items())
    }
    told_at, now = said(stored.last_at), said(int(at))
    for name, value in attributes.items():
        if name.startswith(_OBSERVED):
            found[name] = {"value": value, "source": "observed", "at": told_at}
        elif name.startswith(_SAID_BY_EVENTS):
            found[name] = {"value": value, "source": "computed", "at": now}
    return found


def _session(session: Session, stored: StoredProfile, at: float) -> VisitShown:
    return {
        "started_at": said(session.started),
        "last_event_at": said(session.ended),
        "going_on": running(session, at) is not None,
        "minutes": round((session.ended - session.started) / 60.0, 1),
        "pages": session.pages,
        "views": session.views,
        "items": _viewed(session, stored),
        "dwell": [{"item_id": one.item_id, "seconds": one.seconds, "hovers": one.hovers} for one in session.dwells],
        "searches": session.searches,
        "referrer": session.referrer or None,
        "campaign": session.campaign or None,
        "device": session.device[1] or None,
        "place": session.place[1] or None,
        "geofences": [one.name for one in session.fences if one.inside],
        "checkout_started_at": said(session.checkout_at),
        "path": [
            {"at": said(line.at), "event": line.name, "about": line.detail}
            for line in reversed(lines_of(stored.timeline))
            if session.started <= line.at <= session.ended
        ],
    }


def _viewed(session: Session, stored: StoredProfile) -> list[str]:
    """Items looked at in the visit, latest first."""
    seen = (
        signal.item_id
        for signal in stored.recent.entries()
        if signal.kind == "viewed" and session.started <= signal.at <= session.ended
    )
    return list(dict.fromkeys(seen))


def _ticket(ticket: Ticket) -> TicketShown:
    return {
        "ticket_id": ticket.ticket_id,
        "reason": ticket.reason[1] or None,
        "opened_at": said(ticket.opened_at),
        "promised_at": said(ticket.promised_at),
        "resolved_at": said(ticket.resolved_at),
    }


def _loyalty(loyalty: Loyalty) -> LoyaltyShown:
    card, level, points, segment, since, lapse_at = loyalty.values
    return {
        "card": card or None,
        "level": level or None,
        "points": points,
        "segment": segment or None,
        "member_since": said(since),
        "points_lapse_at": said(lapse_at),
        "told_at": said(loyalty.at),
    }


def _contact(contact: Contact) -> ContactShown:
    return {
        "at": said(contact.at),
        "channel": contact.channel,
        "reason": contact.reason or None,
        "ticket_id": contact.ticket_id or None,
    }


def _summary(contact: Contact | None, visit: Session | None, stored: StoredProfile, at: float) -> str:
    if contact is None and visit is None:
        return "Nothing recent is known."
    parts: list[str] = []
    if contact is not None:
        parts.append(f"Last spoke to us {_ago(at - contact.at)} ago{_about(contact.reason)}.")
    if visit is not None:
        looked = _joined(_viewed(visit, stored)[:3])
        order = "after" if contact is not None and visit.ended > contact.at else "before"
        beside = f", {order} that call" if contact is not None else ""
        what = f" and looked at {looked}" if looked else ""
        parts.append(f"Was on the web {_ago(at - visit.ended)} ago{beside}{what}.")
    return " ".join(parts)


def _about(reason: str) -> str:
    return f" about '{reason}'" if reason else ""


def _ago(seconds: float) -> str:
    for unit, length in (("day", DAY), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"


def _joined(names: Iterable[str]) -> str:
    return ", ".join(names)
