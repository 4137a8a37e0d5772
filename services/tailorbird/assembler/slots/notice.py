"""One thing that a customer should know: an alert for everybody, how their request for help stands, an event nearby."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from tailorbird.assembler.slots.base import Filling, Line, Openings, Prose, Slot, Url, encode
from tailorbird.contracts.standing import TicketNote
from tailorbird.contracts.wire import Problem

__all__ = ["LocalEvent", "NoticeSlot"]

DAY = 86_400
RESOLVED_SHOWN = 3 * DAY
"""Seconds for which it is still told that a request was resolved."""


class LocalEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A sale, a tasting, an opening: somewhere, some time."""

    title: Annotated[str, Meta(min_length=1, max_length=200)]
    text: Prose = ""
    url: Url = ""
    starts_at: datetime
    """ISO 8601; without an offset in UTC."""
    ends_at: datetime | None = None
    """None: when it starts it is over for this slot."""
    announced_days: Annotated[int, Meta(ge=0, le=365)] = 7
    """How many days ahead it is told."""
    store_ids: Annotated[tuple[Line, ...], Meta(max_length=200)] = ()
    """Only to customers of these stores; `places` are towns or regions. Both empty: to everybody."""
    places: Annotated[tuple[Line, ...], Meta(max_length=200)] = ()


class NoticeSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="notice"):
    """Filled from its own words, the profile's tickets, or the next of its events; needs nobody. That there is nothing
    to be told is an ordinary answer: `content` is null then.
    """

    about: Literal["message", "ticket", "event"] = "message"
    text: Prose = ""
    """The message. Of a ticket or an event: what is said beside it."""
    tone: Literal["info", "success", "warning"] = "info"
    url: Url = ""
    call_to_action: Line = ""
    starts_at: datetime | None = None
    """Of a message: from when on, and until when (`ends_at`), it is shown."""
    ends_at: datetime | None = None
    events: Annotated[tuple[LocalEvent, ...], Meta(max_length=200)] = ()
    working: Line = "We are working on your request."
    promised: Line = "You will have an answer by {promised}."
    late: Line = "It takes longer than promised, and we are sorry."
    resolved: Line = "Your request is resolved."

    def problems(self, path: str) -> list[Problem]:
        if self.about == "message" and not self.text:
            return [Problem(path=f"{path}.text", sentence="A message needs its `text`.")]
        if self.about == "event" and not self.events:
            return [Problem(path=f"{path}.events", sentence="Which events? List them in `events`.")]
        return []

    def shown(self) -> dict[str, dict[str, Any]]:
        base = {"id": self.id, "type": self.type, "title": self.title}
        content = {"text": self.text, "tone": self.tone, "url": self.url, "call_to_action": self.call_to_action}
        return {"usual": base | {"content": content}, "bare": base}

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        found: dict[str, Any] | None
        if self.about == "message":
            if self._in_time(filling.gathered.moment.at):
                return openings.say(filling) + b"}"
            found = None
        elif self.about == "ticket":
            found = self._ticket(filling)
        else:
            found = self._event(filling)
        return b'%b,"content":%b}' % (openings.say(filling, "bare"), encode(found))

    def shared(self) -> bool:
        return self.about == "message" and not self.starts_at and not self.ends_at

    def _in_time(self, at: float) -> bool:
        return _seconds(self.starts_at) <= at and (self.ends_at is None or at < _seconds(self.ends_at))

    def _ticket(self, filling: Filling) -> dict[str, Any] | None:
        at = filling.gathered.moment.at
        tickets = filling.gathered.tickets
        ticket = next((one for one in tickets if not one.resolved_at), None)
        if ticket is None:
            ticket = next((one for one in tickets if at - one.resolved_at < RESOLVED_SHOWN), None)
        if ticket is None:
            return None
        sentence, tone = self._status(ticket, at, filling)
        told = {"ticket_id": ticket.ticket_id, "reason": ticket.reason, "text": sentence, "tone": tone}
        told |= {"note": self.text, "url": self.url, "call_to_action": self.call_to_action}
        told["opened_on"] = filling.day(ticket.opened_at)
        if ticket.promised_at:
            told["promised_by"] = filling.day(ticket.promised_at)
        return {name: value for name, value in told.items() if value}

    def _status(self, ticket: TicketNote, at: float, filling: Filling) -> tuple[str, str]:
        if ticket.resolved_at:
            return self.resolved, "success"
        if not ticket.promised_at:
            return self.working, "info"
        if ticket.promised_at < at:
            return f"{self.working} {self.late}", "warning"
        return f"{self.working} {self.promised.replace('{promised}', filling.day(ticket.promised_at))}", "info"

    def _event(self, filling: Filling) -> dict[str, Any] | None:
        gathered = filling.gathered
        at = gathered.moment.at
        places = gathered.places()
        for event in sorted(self.events, key=lambda one: _seconds(one.starts_at)):
            starts, ends = _seconds(event.starts_at), _seconds(event.ends_at) if event.ends_at else 0.0
            if not starts - event.announced_days * DAY <= at < max(starts, ends):
                continue
            near = {one.casefold() for one in (*event.store_ids, *event.places)}
            if near and not near & places:
                continue
            told = {"headline": event.title, "text": event.text or self.text, "tone": self.tone}
            told |= {"url": event.url or self.url, "call_to_action": self.call_to_action}
            told |= {"starts_on": filling.day(starts), "ends_on": filling.day(ends) if ends else ""}
            return {name: value for name, value in told.items() if value}
        return None


def _seconds(moment: datetime | None) -> float:
    if moment is None:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
