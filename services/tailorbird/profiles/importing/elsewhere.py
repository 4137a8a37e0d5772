"""What a shop's other systems know of somebody: conversations with the call centre, loyalty cards, ways to reach them.

Each row becomes what the same thing would be as an event, so that a file and an event tell the same; and it is noted in
a way that telling it again changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tailorbird.contracts.profiles import Event
from tailorbird.profiles.identity.belonging import customer
from tailorbird.profiles.identity.graph import hashed_email, hashed_phone, together
from tailorbird.profiles.identity.joining import Joiner
from tailorbird.profiles.importing.changing import Change, Changer
from tailorbird.profiles.person.noted import Loyalty
from tailorbird.profiles.person.observing import noticed_again
from tailorbird.profiles.person.profile import Link, StoredProfile

__all__ = ["ToldElsewhere"]

Row = Mapping[str, Any]
Told = Callable[[Row, StoredProfile], Iterator[Event]]


class ToldElsewhere:
    """Takes over rows, some at a time; each call answers how many of them told anything new."""

    def __init__(self, changer: Changer, joiner: Joiner) -> None:
        self._changer = changer
        self._joiner = joiner

    async def tie_reachable(self, rows: Mapping[str, Row]) -> None:
        """The addresses and numbers of these customers lead to them."""
        await self._joiner.tie({one: customer(name) for name, row in rows.items() for one in _reachable(row)})

    async def cards(self, rows: list[dict[str, Any]]) -> int:
        """Loyalty cards, each with its standing; one with a customer leads to them."""
        now = int(time.time())
        stored = await self._take(rows, lambda row, draft: _standing(row, draft, now), now)
        # Only now, as a customer must be stored as one before anybody may become part of them.
        await self._joiner.tie({_card(row): customer(row["customer_id"]) for row in rows if "customer_id" in row})
        return stored

    async def contacts(self, rows: list[dict[str, Any]]) -> int:
        """Conversations, each perhaps about a ticket."""
        return await self._take(rows, lambda row, _: _conversation(row), 0)

    async def _take(self, rows: list[dict[str, Any]], told: Told, now: int) -> int:
        by_person: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            by_person.setdefault(_who(row), []).append(row)
        new: dict[str, int] = {}
        await self._changer.change({one: _change(one, mine, told, new, now) for one, mine in by_person.items()})
        return sum(new.values())


def _change(identity: str, rows: list[dict[str, Any]], told: Told, new: dict[str, int], now: int) -> Change:
    def change(draft: StoredProfile) -> None:
        changed = 0
        for row in rows:
            ids = [one for one in (_card(row), *_reachable(row)) if one]
            links = together(draft.links, tuple(Link(one, _at(row) or now, "imported", "a file") for one in ids))
            fresh = {link.identity for link in links} != {link.identity for link in draft.links}
            if fresh:
                draft.links = links
            events = [noticed_again(draft, event, int(event.at)) for event in told(row, draft)]
            changed += fresh or any(events)
        new[identity] = changed

    return change


def _conversation(row: Row) -> Iterator[Event]:
    at = _at(row)
    ticket = row.get("ticket_id", "")
    said = {"channel": row.get("channel", ""), "reason": row.get("reason", ""), "ticket_id": ticket}
    yield _event("Contact Made", at, said)
    if not ticket:
        return
    opened = {"ticket_id": ticket, "reason": row.get("reason", ""), "promised_at": row.get("promised_at")}
    yield _event("Ticket Opened", at, opened)
    if row.get("resolved_at"):
        yield _event("Ticket Resolved", row["resolved_at"], {"ticket_id": ticket})


def _standing(row: Row, draft: StoredProfile, now: int) -> Iterator[Event]:
    told = {name: row[name] for name in ("level", "points", "segment", "since", "lapse_at") if name in row}
    told["card"] = row["loyalty_card"]
    if "updated_at" not in row:
        # A file that says no time holds as of now; what is known already is not said anew each time it is loaded.
        known = draft.observed.loyalty or Loyalty()
        same = {name: getattr(known, name)[1] == value for name, value in told.items()}
        if all(same.values()):
            return
    yield _event("Loyalty Changed", row.get("updated_at", now), told)


def _event(name: str, at: int, properties: dict[str, Any]) -> Event:
    return Event(message_id="", type="track", event=name, at=at, properties=properties, trusted=True)


def _who(row: Row) -> str:
    """The id under which the row's person is found: the strongest that it names."""
    if "customer_id" in row:
        return customer(row["customer_id"])
    return next(one for one in (_card(row), *_reachable(row)) if one)


def _card(row: Row) -> str:
    return f"card:{row['loyalty_card']}" if "loyalty_card" in row else ""


def _reachable(row: Row) -> Iterator[str]:
    email, phone = row.get("email"), row.get("phone")
    if isinstance(email, str) and "@" in email:
        yield f"email:{hashed_email(email)}"
    if phone is not None and (digest := hashed_phone(str(phone))):
        yield f"phone:{digest}"


def _at(row: Row) -> int:
    return int(row.get("time") or row.get("updated_at") or 0)
