"""Erases a person: their key first, so that all that is sealed with it is noise, then what rests unsealed anywhere.

Raw events rest unsealed for a week: messages that hold one of the person's are overwritten in the stream, what others
did in the same message is appended again (an event counts once however often it comes). Events that come later though
they were collected before, out of a spool or delivered again, are dropped and swept away after. An erasure begun is
written down beside the keys, so that a process that dies finishes it at its next start.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from uuid import uuid4

import msgspec
import structlog
from msgspec import structs

from tailorbird.bus import Announcer, Listener
from tailorbird.bus.ending import ended
from tailorbird.contracts.identity import PERSON_ERASED, PERSONS_GONE, Erased, EraseQuery, PersonErased, PersonsGone
from tailorbird.contracts.profiles import COLLECTED, REFUSED, Event, EventBatch
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.collecting.consuming import EventConsumer
from tailorbird.profiles.identity.belonging import anonymous, customer, ids_of, ids_of_all
from tailorbird.profiles.identity.directory import Directory
from tailorbird.profiles.keeping.store import ProfileStore
from tailorbird.profiles.person.profile import StoredProfile
from tailorbird.profiles.rights.backups import erase_in_backups
from tailorbird.profiles.rights.leftovers import erase_in_quarantine

__all__ = ["Eraser"]

REMEMBERED = 8 * 86_400.0
"""Seconds for which events collected before an erasure may still come: longer than a stream keeps them."""
ERASED_AT_ONCE = 2_000
AGAIN_AFTER = 2.0
"""Seconds between a dropped event and the sweep that overwrites it."""

log = structlog.get_logger(__name__)


class Eraser:
    """Answers ERASE, and keeps the erased erased."""

    def __init__(
        self,
        directory: Directory,
        store: ProfileStore,
        consumer: EventConsumer,
        announcer: Announcer,
        listener: Listener,
        *,
        home: Path,
        forget: Callable[[Iterable[str]], None],
        erase_rest: Callable[[Sequence[str]], Awaitable[int]],
    ) -> None:
        """`forget`: drops what this process holds of these ids beside profiles.

        `erase_rest`: erases these persons from what others keep beside profiles; how many rows of snapshots that were.
        """
        self._erase_rest = erase_rest
        self._directory = directory
        self._keyring = directory.keyring
        self._store = store
        self._consumer = consumer
        self._announcer = announcer
        self._listener = listener
        self._home = home
        self._forget = forget
        self._erased: dict[bytes, float] = {}
        self._sweeping = asyncio.Lock()
        self._again: asyncio.Task[None] | None = None
        self._finishing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Remembers who was erased lately, and finishes what an earlier process began."""
        await self._remember()
        self._finishing = asyncio.create_task(self._finish_all(), name="erasures-finish")

    async def close(self) -> None:
        await ended(self._again, self._finishing)

    async def answer(self, query: EraseQuery) -> Erased:
        """What was erased, when it is. Raises Fault(404) when nothing is known of these ids."""
        found = await self._keyring.find(ids_of(query.customer))
        persons = {person.pseudonym: person for person in found.values()}
        if not persons:
            raise Fault(404, "Nothing is known of these ids.")
        opened = await self._store.load(persons.values(), keep=False)
        ids = set(ids_of(query.customer))
        for one in opened.values():
            ids |= {anonymous(anonymous_id) for anonymous_id in one.stored.anonymous_ids}
            ids |= {customer(one.stored.customer_id)} if one.stored.customer_id else set()
        became = await self._keyring.became()
        # Under the pseudonyms of those who became part of them rows and decisions may stand as well.
        parts = [source for source, target in became.items() if target in persons]
        erased = PersonErased(persons=(*persons, *parts), ids=tuple(sorted(ids)))
        words = _words(one.stored for one in opened.values())
        # From here on what is sealed cannot be opened any more, whatever happens next.
        await self._keyring.erase(erased.persons, msgspec.json.encode(erased), time.time())
        await self._remember()
        told = await self._finish(erased, words)
        return structs.replace(told, persons=len(persons))

    async def erase_persons(self, persons: Sequence[str]) -> None:
        """Erases these, of whom nobody asked anything for long, with what became part of them."""
        became = await self._keyring.became()
        gone = set(persons)
        everybody = (*persons, *(source for source, target in became.items() if target in gone))
        for start in range(0, len(everybody), ERASED_AT_ONCE):
            erased = PersonErased(persons=everybody[start : start + ERASED_AT_ONCE])
            await self._keyring.erase(erased.persons, msgspec.json.encode(erased), time.time())
            await self._remember()
            await self._finish(erased)

    async def heard(self, message: PersonErased) -> None:
        """Another instance erased somebody."""
        await self._remember()
        self._let_go(message)

    def allowed(self, events: Iterable[Event]) -> list[Event]:
        """These events without those that somebody who was erased did before."""
        if not self._erased:
            return list(events)
        kept = []
        for event in events:
            if not self._is_gone(event):
                kept.append(event)
            elif self._again is None or self._again.done():
                # It rests in the stream again, unsealed.
                self._again = asyncio.create_task(self._sweep_again(), name="erasures-again")
        return kept

    async def _finish_all(self) -> None:
        """Sweeps again for erasures that an earlier process did not end."""
        for pseudonym, query in (await self._keyring.erasing()).items():
            try:
                await self._finish(msgspec.json.decode(query, type=PersonErased))
            except Fault as fault:
                log.warning("erasure_waits", person=pseudonym, reason=fault.sentence)

    async def _finish(self, erased: PersonErased, words: tuple[str, ...] = ()) -> Erased:
        self._let_go(erased)
        for pseudonym in erased.persons:
            await self._store.delete(pseudonym)
        await self._consumer.changed((), erased.persons)
        await self._announcer.announce(PERSON_ERASED, erased)
        # Who does not run just now hears of it when it does again.
        await self._announcer.append(PERSONS_GONE, PersonsGone(persons=erased.persons), f"gone-{erased.persons[0]}")
        erasures = [one for one in await self._keyring.erasures(0.0) if one.pseudonym in erased.persons]
        backups = await asyncio.to_thread(erase_in_backups, self._home, erasures)
        bare = {identity.partition(":")[2] for identity in erased.ids}
        await asyncio.to_thread(erase_in_quarantine, self._home, bare | set(words))
        rows = await self._erase_rest(erased.persons)
        events = await self._sweep()
        await self._keyring.erased(erased.persons)
        log.info("person_erased", persons=len(erased.persons), events=events, rows=rows)
        return Erased(persons=len(erased.persons), ids=len(erased.ids), events=events, rows=rows, backups=backups)

    def _let_go(self, message: PersonErased) -> None:
        self._directory.forget(message.persons)
        for pseudonym in message.persons:
            self._store.drop(pseudonym)
        self._forget(message.ids)

    async def _sweep(self) -> int:
        """Overwrites every stored message with an event of somebody erased; the number of events."""
        found = 0
        async with self._sweeping:
            async for part in self._listener.stored(COLLECTED):
                for stored in part:
                    events = stored.message.events
                    others = tuple(event for event in events if not self._is_gone(event))
                    if len(others) < len(events):
                        found += len(events) - len(others)
                        if others:
                            batch = EventBatch(events=others)
                            await self._announcer.append(COLLECTED, batch, f"kept-{uuid4().hex}")
                        await self._listener.erase(COLLECTED, stored.place)
                await asyncio.sleep(0)
            async for refused in self._listener.stored(REFUSED):
                for one in refused:
                    if self._is_gone(one.message.event):
                        found += 1
                        await self._listener.erase(REFUSED, one.place)
        return found

    async def _sweep_again(self) -> None:
        await asyncio.sleep(AGAIN_AFTER)
        try:
            await self._sweep()
        except Fault as fault:
            log.warning("erasure_waits", reason=fault.sentence)

    def _is_gone(self, event: Event) -> bool:
        """Whether this was collected before one of its ids was erased."""
        for identity in ids_of_all((event,)):
            erased_at = self._erased.get(self._keyring.hashed(identity))
            if erased_at is not None and event.received_at <= erased_at:
                return True
        return False

    async def _remember(self) -> None:
        recent = await self._keyring.erasures(time.time() - REMEMBERED)
        self._erased = {one.hash: one.at for one in recent}


def _words(profiles: Iterable[StoredProfile]) -> tuple[str, ...]:
    """How these persons can be reached: in a row that was refused they may stand without an id."""
    values = [one.traits[name].value for one in profiles for name in ("email", "phone") if name in one.traits]
    return tuple(value for value in values if isinstance(value, str) and value)
