"""What was made to whom, and what came of it: folded from notes, so that every process which reads them holds the same.

A customer counts for an offer once in a window, from the first time it was made to them or kept from them by chance;
what they do within the window is added to that, however late it comes. Customers are pseudonyms here.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from operator import itemgetter

from msgspec import Struct

from tailorbird.offers.deciding.knowing import Standing
from tailorbird.offers.documents.goal import Goal
from tailorbird.offers.documents.offer import Limit
from tailorbird.offers.learning.beliefs import Cell
from tailorbird.offers.learning.counting import Counts, Delays, counted

__all__ = ["Did", "Made", "Memory", "Note"]

DAY = 86_400.0
PROMISE = 7 * DAY
"""Seconds for which an offer that was made stays made."""
FORGOTTEN = 60 * DAY
TIMES_KEPT = 30


class Made(Struct, frozen=True, tag="made", array_like=True, gc=False):
    """A decision: what it made to this customer, and what chance kept from them."""

    decision_id: str
    person: str
    at: float
    channel: str = ""
    persona: str = ""
    offers: tuple[str, ...] = ()
    kept_back: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    """Digests of the ids under which responses will come."""
    waiting: bool = False
    """Decided ahead of time: it counts for nothing until it reaches the customer."""


class Did(Struct, frozen=True, tag="did", array_like=True, gc=False):
    """What a customer did: `clicked`, `refused`, `redeemed` an offer, or `ordered` for this much margin."""

    kind: str
    at: float
    person: str
    offer_id: str = ""
    money: float = 0.0
    """Of an order its margin, of a redemption its cost."""
    key: str = ""
    """The same again is not counted again."""


Note = Made | Did


class Contact(Struct):
    """One customer and one offer."""

    persona: str
    first_at: float
    last_at: float
    kept_back: bool
    times: tuple[float, ...] = ()
    """When it was shown, the latest last."""
    taken: bool = False
    clicked: bool = False
    refused_at: float = 0.0
    margin: float = 0.0


class Person(Struct):
    """What was made to one customer."""

    contacts: dict[str, Contact] = {}
    spoken_to: list[float] = []
    """When a channel came to them, the latest last."""


class Memory:
    """The customers spoken to last, at most `size`, with at most `contacts` offers altogether; and what was seen of
    every offer.
    """

    def __init__(self, size: int, contacts: int = 25 * 60_000) -> None:
        self.cells: dict[str, dict[str, Counts]] = {}
        self.changed = 0
        """Rises whenever what was seen of an offer changes."""
        self._size = size
        self._most_contacts = contacts
        self._contacts = 0
        self._people: OrderedDict[str, Person] = OrderedDict()
        self._person_of: OrderedDict[str, str] = OrderedDict()
        """Digest of an id, or a decision's id -> the customer."""
        self._keys: OrderedDict[str, None] = OrderedDict()
        self.latest = 0.0
        """When something was made last."""
        self.delays = Delays()

    def learned(self) -> dict[str, dict[str, Cell]]:
        """What was seen, as it is now."""
        usual = self.delays.usual
        return {
            offer_id: {persona: counts.cell(self.latest, usual) for persona, counts in by_persona.items()}
            for offer_id, by_persona in self.cells.items()
        }

    def learn(self, cells: dict[str, dict[str, Cell]], at: float = 0.0, delays: Delays | None = None) -> None:
        """Begin with what was seen before, as it was at this moment."""
        self.latest, self.delays = max(self.latest, at), delays or Delays()
        self.cells = {
            offer_id: {persona: counted(cell, at) for persona, cell in by_persona.items()}
            for offer_id, by_persona in cells.items()
        }

    def person_of(self, identities: Iterable[str]) -> str:
        """The customer of whom one of these speaks, empty when nobody is remembered."""
        return next((person for one in identities if (person := self._person_of.get(one))), "")

    def forget(self, persons: Collection[str]) -> None:
        """Drops what was made to them; what was seen of the offers stays counted."""
        for person in persons:
            self._drop(person)
        for identity in [identity for identity, person in self._person_of.items() if person in persons]:
            del self._person_of[identity]

    def standing(self, person: str, at: float, channel: str, shown: Mapping[str, Limit], goal: Goal) -> Standing:
        """What bears on a decision for this customer now. `shown`: limits of what may be shown only so often, by id."""
        held = self._people.get(person)
        if held is None:
            return _NEW
        excluded: dict[str, str] = {}
        if channel in goal.contact.channels and _pressed(held.spoken_to, at, goal):
            excluded["*"] = "contact"
        promised: list[tuple[float, str]] = []
        since = at - PROMISE
        for offer_id, contact in held.contacts.items():
            if contact.refused_at > since and contact.refused_at:
                excluded[offer_id] = "refused"
            elif (times := contact.times) and times[-1] > since and not contact.taken:
                promised.append((times[-1], offer_id))
            if offer_id in shown and _shown_out(contact, shown[offer_id], at):
                excluded[offer_id] = "shown"
        if not promised and not excluded:
            return _NEW
        # The latest first. What was made in one decision keeps its order, so that the page looks the same again.
        promised.sort(key=itemgetter(0), reverse=True)
        return Standing(tuple([offer_id for _, offer_id in promised]), excluded)

    def take(self, note: Note, goal: Goal) -> None:
        """Count one note in."""
        if isinstance(note, Made):
            self._made(note, goal)
        elif not note.key or note.key not in self._keys:
            if note.key:
                _bounded(self._keys, note.key, None, self._size)
            self._did(note, goal)

    def _made(self, note: Made, goal: Goal) -> None:
        if note.decision_id and note.decision_id in self._person_of:
            return  # Two processes were asked, as the first was late.
        self.latest = max(self.latest, note.at)
        held = self._people.get(note.person)
        if held is None:
            held = self._people[note.person] = Person()
        else:
            self._people.move_to_end(note.person)
        while len(self._people) > self._size or (self._contacts > self._most_contacts and len(self._people) > 1):
            self._drop(next(iter(self._people)))
        before = len(held.contacts)
        self._note(held, note, goal)
        self._contacts += len(held.contacts) - before

    def _drop(self, person: str) -> None:
        held = self._people.pop(person, None)
        self._contacts -= len(held.contacts) if held else 0

    def _note(self, held: Person, note: Made, goal: Goal) -> None:
        for identity in (*note.identities, note.decision_id):
            if identity:
                _bounded(self._person_of, identity, note.person, 3 * self._size)
        if note.waiting:
            for offer_id in note.offers:
                waiting = held.contacts.pop(offer_id, None) or Contact(note.persona, 0.0, note.at, kept_back=False)
                waiting.times = (*waiting.times, note.at)[-TIMES_KEPT:]
                held.contacts[sys.intern(offer_id)] = waiting
            return
        if note.channel in goal.contact.channels and note.offers:
            held.spoken_to = [*held.spoken_to, note.at][-TIMES_KEPT:]
        # Most are made once: those of one decision share their only moment.
        now = (note.at,)
        since = note.at - goal.window_days * DAY
        for offer_id in note.offers:
            contact = self._contact(held, offer_id, note, since, kept_back=False)
            contact.times = contact.times[1 - TIMES_KEPT :] + now if contact.times else now
        for offer_id in note.kept_back:
            self._contact(held, offer_id, note, since, kept_back=True)
        # The latest contact stands last.
        while held.contacts and note.at - held.contacts[oldest := next(iter(held.contacts))].last_at > FORGOTTEN:
            del held.contacts[oldest]

    def _contact(self, held: Person, offer_id: str, note: Made, since: float, *, kept_back: bool) -> Contact:
        """The customer's contact with the offer, the latest of theirs; begun anew where it is from before `since`."""
        contact = held.contacts.pop(offer_id, None)
        # What was decided ahead of time (first_at 0) counts from when it reaches the customer.
        if contact is None or contact.first_at < since or contact.kept_back is not kept_back:
            before = contact
            contact = Contact(sys.intern(note.persona), note.at, note.at, kept_back)
            if before is not None:
                contact.times, contact.refused_at = before.times, before.refused_at
            counts = self._counts(offer_id, note.persona)
            counts.begin(note.at, self.delays.usual, kept_back=kept_back)
            self.changed += 1
        contact.last_at = note.at
        held.contacts[sys.intern(offer_id)] = contact
        return contact

    def _did(self, note: Did, goal: Goal) -> None:
        held = self._people.get(note.person)
        if held is None:
            return
        if note.kind == "ordered":
            for offer_id, contact in held.contacts.items():
                if 0.0 <= note.at - contact.first_at <= goal.window_days * DAY:
                    self.delays.add(note.at - contact.first_at)
                    self._brought(offer_id, contact, note.money)
            return
        known = held.contacts.get(note.offer_id)
        if known is None:
            return
        counts = self._counts(note.offer_id, known.persona)
        if note.kind == "refused":
            counts.refused += not known.refused_at
            known.refused_at = note.at
        elif note.kind == "clicked":
            counts.clicked += not known.clicked
            known.clicked = True
        elif note.kind == "redeemed" and not known.taken:
            known.taken = True
            counts.taken += 1
            counts.cost += note.money
            self._brought(note.offer_id, known, -note.money)
        self.changed += 1

    def _brought(self, offer_id: str, contact: Contact, money: float) -> None:
        counts = self._counts(offer_id, contact.persona)
        squares = (contact.margin + money) ** 2 - contact.margin**2
        contact.margin += money
        if contact.kept_back:
            counts.kept_margin += money
            counts.kept_squares += squares
        else:
            counts.margin += money
            counts.squares += squares
        self.changed += 1

    def _counts(self, offer_id: str, persona: str) -> Counts:
        by_persona = self.cells.setdefault(offer_id, {})
        found = by_persona.get(persona)
        if found is None:
            found = by_persona[persona] = Counts()
        return found


_NEW = Standing()


def _pressed(spoken_to: list[float], at: float, goal: Goal) -> bool:
    contact = goal.contact
    return any(
        most is not None and sum(at - one < length for one in spoken_to) >= most
        for most, length in ((contact.per_day, DAY), (contact.per_week, 7 * DAY))
    )


def _shown_out(contact: Contact, limit: Limit, at: float) -> bool:
    most = limit.shown_per_customer
    return most is not None and sum(at - one < limit.shown_days * DAY for one in contact.times) >= most


def _bounded(kept: OrderedDict[str, str] | OrderedDict[str, None], key: str, value: str | None, size: int) -> None:
    kept[key] = value  # type: ignore[assignment]
    kept.move_to_end(key)
    if len(kept) > size:
        kept.popitem(last=False)
