"""Takes collected events off the stream: folds them, stores the changed profiles, tells everybody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import structlog

from tailorbird.bus import Announcer
from tailorbird.contracts.profiles import PROFILE_CHANGED, PROFILES_STORED, Event, EventBatch, Profile, ProfilesStored
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.profiles.answering import ProfileAnswers
from tailorbird.profiles.batches import Changes, Fold, NeedsPersonError
from tailorbird.profiles.directory import Directory
from tailorbird.profiles.identity import ids_of_all
from tailorbird.profiles.keyring import Person
from tailorbird.profiles.profile import StoredProfile
from tailorbird.profiles.store import OpenProfile, ProfileStore

__all__ = ["EventConsumer"]

TRIES = 8
EVENTS_AT_ONCE = 50
"""Folding more in one go would keep questions waiting."""
TOLD_AT_ONCE = 8
GONE_VERSION = 2**53

log = structlog.get_logger(__name__)


class EventConsumer:
    """Folds each event once in effect: a profile remembers the message ids in it, and is stored before the events are
    acknowledged; so whatever is delivered again after a crash changes nothing.
    """

    def __init__(
        self, directory: Directory, store: ProfileStore, answers: ProfileAnswers, announcer: Announcer, instance: str
    ) -> None:
        self._directory = directory
        self._store = store
        self._answers = answers
        self._announcer = announcer
        self._instance = instance
        self._turn = asyncio.Lock()

    async def take(self, batches: Sequence[EventBatch]) -> None:
        """Returns when all of it is stored. Raises when it could not be: deliver again."""
        events = [event for batch in batches for event in batch.events]
        for start in range(0, len(events), EVENTS_AT_ONCE):
            async with self._turn:
                await self._take_surely(events[start : start + EVENTS_AT_ONCE])

    async def stop(self) -> None:
        """Waits for the events in hand; those that come later wait to be delivered to another."""
        await self._turn.acquire()

    async def _take_surely(self, events: Sequence[Event]) -> None:
        for attempt in range(TRIES):
            try:
                await self._take(events)
                return
            except Fault as fault:
                if fault.code != 409 or attempt == TRIES - 1:
                    raise
                # Another instance changed one of these profiles in between: read anew, fold anew.

    async def changed(self, profiles: Sequence[OpenProfile], gone: Sequence[str] = ()) -> None:
        """Tells other instances and every cache what is stored now; `gone` are persons that are no more."""
        if not profiles and not gone:
            return
        revisions = {one.person.pseudonym: one.revision for one in profiles}
        stored = ProfilesStored(by=self._instance, revisions=revisions, gone=tuple(gone))
        await self._announcer.announce(PROFILES_STORED, stored)
        at = time.time()
        for number, one in enumerate(profiles, 1):
            await self._announcer.announce(PROFILE_CHANGED, self._answers.announced(one, at))
            if number % TOLD_AT_ONCE == 0:
                await asyncio.sleep(0)  # Questions come first.
        for person in gone:
            # Expired on arrival: whoever holds a copy drops it, as its ids lead to somebody else now.
            farewell = Profile(customer=CustomerRef(), person=person, version=GONE_VERSION, expires_at=1.0)
            await self._announcer.announce(PROFILE_CHANGED, farewell)

    async def heard(self, stored: ProfilesStored) -> None:
        """Another instance stored these: copies from before are dropped."""
        if stored.by == self._instance:
            return
        for pseudonym, revision in stored.revisions.items():
            self._store.drop_before(pseudonym, revision)
        if stored.gone:
            self._directory.forget(stored.gone)
            for pseudonym in stored.gone:
                self._store.drop(pseudonym)

    async def _take(self, events: Sequence[Event]) -> None:
        persons = await self._directory.find(ids_of_all(events))
        while True:
            opened = await self._store.load({person.pseudonym: person for person in persons.values()}.values())
            fold = Fold(
                {identity: person.pseudonym for identity, person in persons.items()},
                {pseudonym: one.stored for pseudonym, one in opened.items()},
            )
            try:
                changes = fold.take(events)
                break
            except NeedsPersonError as needed:
                persons |= await self._directory.ensure(_strangers(events, persons) | {needed.identity})
        saved = await self._save(opened, changes)
        await self._relink(changes, {person.pseudonym: person for person in persons.values()})
        await self.changed(saved, tuple(changes.merged))

    async def _save(self, opened: dict[str, OpenProfile], changes: Changes) -> list[OpenProfile]:
        """All changed profiles stored side by side. Raises the first fault when one could not be."""
        outcomes = await asyncio.gather(
            *(self._store.save(opened[pseudonym], stored) for pseudonym, stored in changes.profiles.items()),
            return_exceptions=True,
        )
        saved: list[OpenProfile] = []
        faults: list[BaseException] = []
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                faults.append(outcome)
            else:
                saved.append(outcome)
        if faults:
            # What was stored is told nevertheless, as the next try finds nothing to change in it.
            await self.changed(saved)
            raise faults[0]
        return saved

    async def _relink(self, changes: Changes, persons: dict[str, Person]) -> None:
        """Who is who from now on: after the profiles, so that nothing known is without a place in between."""
        for source, target in changes.merged.items():
            await self._directory.move_all(source, persons[target])
            await self._store.delete(source)
        await self._directory.move({identity: persons[target] for identity, target in changes.moved.items()})
        for identity in changes.parted:
            person = await self._directory.renew(identity)
            await self._store.save(OpenProfile(person, StoredProfile(), 0), StoredProfile(shared=True, version=1))


def _strangers(events: Sequence[Event], persons: dict[str, Person]) -> set[str]:
    """Ids that surely need a person: customers named, and visitors beside whom no customer stands."""
    named = {f"customer:{event.customer_id}" for event in events if event.customer_id and event.trusted}
    named |= {f"customer:{event.customer_id}" for event in events if event.customer_id and not event.anonymous_id}
    named |= {f"anonymous:{event.anonymous_id}" for event in events if event.anonymous_id and not event.customer_id}
    return named - set(persons)
