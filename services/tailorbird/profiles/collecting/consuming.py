"""Takes collected events off the stream: folds them, stores the changed profiles, tells everybody."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

import structlog

from tailorbird.bus import Announcer
from tailorbird.contracts.profiles import (
    PROFILE_CHANGED,
    PROFILES_STORED,
    PURCHASED,
    REFUSED,
    Event,
    EventBatch,
    Profile,
    ProfilesStored,
)
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.host import metrics
from tailorbird.profiles.answering.answers import ProfileAnswers
from tailorbird.profiles.answering.describing import QUIET_COPY
from tailorbird.profiles.collecting.batches import Changes, Fold, MergeRecord, NeedsPersonError
from tailorbird.profiles.identity.belonging import ids_of_all
from tailorbird.profiles.identity.directory import Directory
from tailorbird.profiles.identity.graph import strong_ids_of_all
from tailorbird.profiles.keeping.keyring import Person
from tailorbird.profiles.keeping.store import OpenProfile, ProfileStore
from tailorbird.profiles.moments.acting import Moments
from tailorbird.profiles.person.consent import silent
from tailorbird.profiles.person.marks import remembered_long_ago
from tailorbird.profiles.person.merging import absorbed, mark_of_absorbing
from tailorbird.profiles.person.profile import StoredProfile

__all__ = ["EventConsumer"]

TRIES = 8
EVENTS_AT_ONCE = 50
"""Folding more in one go would keep questions waiting."""
TOLD_AT_ONCE = 8
HELD_AT_MOST = QUIET_COPY + 60.0
"""Seconds after which nobody holds a copy of what was answered."""
GONE_VERSION = 2**53

RememberMerges = Callable[[Sequence[MergeRecord], Mapping[str, Person]], Awaitable[None]]

log = structlog.get_logger(__name__)


class EventConsumer:
    """Folds each event once in effect: a profile remembers the message ids in it, and is stored before the events are
    acknowledged; so whatever is delivered again after a crash changes nothing.
    """

    def __init__(
        self,
        directory: Directory,
        store: ProfileStore,
        answers: ProfileAnswers,
        announcer: Announcer,
        instance: str,
        moments: Moments,
    ) -> None:
        self._directory = directory
        self._store = store
        self._answers = answers
        self._announcer = announcer
        self._instance = instance
        self._moments = moments
        self._turn = asyncio.Lock()
        self.remember_merges: RememberMerges = _nothing
        """Keeps what a merge is undone with, before it happens."""
        self.allowed: Callable[[Sequence[Event]], Sequence[Event]] = lambda events: events
        """Leaves out events of those who were erased since."""

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
        for _ in range(TRIES):
            if await self._take(events):
                return
        raise Fault(409, f"{len(events)} events could not be stored: their profiles are changed all the time.")

    async def changed(self, profiles: Sequence[OpenProfile], gone: Sequence[str] = ()) -> None:
        """Tells other instances and every cache what is stored now; `gone` are persons that are no more."""
        if not profiles and not gone:
            return
        at = time.time()
        # To put a profile together costs more than to fold an event, so it is done for those alone that somebody holds.
        told = [one for one in profiles if one.asked_at > at - HELD_AT_MOST]
        stored = ProfilesStored(
            by=self._instance,
            revisions={one.person.pseudonym: one.revision for one in profiles},
            gone=tuple(gone),
            untold={one.person.pseudonym: one.stored.version for one in profiles if one.asked_at <= at - HELD_AT_MOST},
        )
        await self._announcer.announce(PROFILES_STORED, stored)
        for number, one in enumerate(told, 1):
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

    async def _take(self, events: Sequence[Event]) -> bool:
        """False when another instance was faster with one of the profiles: read anew, fold anew."""
        events = self.allowed(events)
        persons = await self._directory.find(ids_of_all(events) | strong_ids_of_all(events))
        made: set[str] = set()
        while True:
            opened = await self._store.load({person.pseudonym: person for person in persons.values()}.values())
            half_merged = [one for one in opened.values() if one.stored.merged_into]
            if half_merged:
                await self._finish(half_merged)
                return False
            gone = [name for name, one in opened.items() if not one.revision and name not in made]
            if gone and await self._forget_if_gone(gone):
                return False
            fold = Fold(
                {identity: person.pseudonym for identity, person in persons.items()},
                {pseudonym: one.stored for pseudonym, one in opened.items()},
                await self._store.pages.load(
                    (one.stored for one in opened.values()), (one.person for one in opened.values())
                ),
                time.time(),
                self._moments.notable,
            )
            try:
                changes = fold.take(events)
                break
            except NeedsPersonError as needed:
                new = await self._directory.ensure(_strangers(events, persons) | {needed.identity})
                made |= {person.pseudonym for person in new.values()}
                persons |= new
        await self._pass_on(changes)
        return await self.store(changes, opened, {person.pseudonym: person for person in persons.values()})

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """No events are folded here meanwhile."""
        async with self._turn:
            yield

    async def store(
        self, changes: Changes, opened: Mapping[str, OpenProfile], by_pseudonym: Mapping[str, Person]
    ) -> bool:
        """Stores what changed and tells everybody. False when another instance was faster with one of the profiles."""
        await self.remember_merges(changes.records, by_pseudonym)
        came = await self._moments.decide(changes, opened)
        try:
            # Those that become part of another first: from then on nobody adds to them.
            await self._save(opened, changes.merged)
            saved = await self._save(opened, changes.profiles)
        except Fault as fault:
            if fault.code != 409:
                raise
            self._directory.forget(by_pseudonym)
            return False
        for source, stored in changes.merged.items():
            await self._close(source, by_pseudonym[stored.merged_into])
        await self._directory.move(
            {identity: by_pseudonym[target] for identity, target in changes.moved.items()}
        )
        for identity in changes.parted:
            person = await self._directory.renew(identity)
            await self._store.save(OpenProfile(person, StoredProfile(), 0), StoredProfile(shared=True, version=1))
        await self.changed(saved, tuple(changes.merged))
        if came:
            await self._moments.act(came, {name: one.stored for name, one in opened.items()} | changes.profiles)
        return True

    async def _pass_on(self, changes: Changes) -> None:
        """Stores what goes elsewhere before the profiles remember these events: after a crash it is passed on again."""
        if not (changes.refused or changes.purchased):
            return
        await asyncio.gather(
            *(self._announcer.append(PURCHASED, one, one.message) for one in changes.purchased),
            # The receipt is part of the id, as what is mended and sent again may be refused again.
            *(
                self._announcer.append(REFUSED, one, f"refused-{one.event.message_id}-{one.event.received_at}")
                for one in changes.refused
            ),
        )
        for one in changes.refused:
            log.warning("event_refused", message_id=one.event.message_id, name=one.event.event, reason=one.reason)
        metrics.EVENTS_REFUSED.inc(len(changes.refused))

    async def _save(
        self, opened: Mapping[str, OpenProfile], profiles: Mapping[str, StoredProfile]
    ) -> list[OpenProfile]:
        """All these profiles stored side by side. Raises the first fault when one could not be."""
        changes = [(opened[pseudonym], stored) for pseudonym, stored in profiles.items()]
        outcomes = await self._store.save_all(changes) if changes else []
        saved = [outcome for outcome in outcomes if isinstance(outcome, OpenProfile)]
        faults = [outcome for outcome in outcomes if isinstance(outcome, Fault)]
        if faults:
            # What was stored is told nevertheless, as the next try finds nothing to change in it.
            await self.changed(saved)
            raise faults[0]
        return saved

    async def _finish(self, half_merged: Sequence[OpenProfile]) -> None:
        """Completes links at which a process died, or another is working just now."""
        for source in half_merged:
            target = await self._directory.keyring.person(source.stored.merged_into)
            if target is None:
                raise Fault(500, f"{source.person.pseudonym} was to become part of a person who is no more.")
            before = (await self._store.load((target,)))[target.pseudonym]
            pages = await self._store.pages.load((before.stored,), (target,))
            known = remembered_long_ago(before.stored, pages, mark_of_absorbing(source.person.pseudonym))
            after = before.stored if known else absorbed(before.stored, source.stored, source.person.pseudonym)
            try:
                saved = [await self._store.save(before, after)] if after is not before.stored else []
            except Fault as fault:
                if fault.code != 409:
                    raise
                return
            await self._close(source.person.pseudonym, target)
            await self.changed(saved, (source.person.pseudonym,))

    async def _forget_if_gone(self, pseudonyms: Sequence[str]) -> bool:
        """Whether one of these, of whom nothing is stored, is no more: its ids lead elsewhere by now."""
        gone = [one for one in pseudonyms if await self._directory.keyring.person(one) is None]
        self._directory.forget(gone)
        return bool(gone)

    async def _close(self, source: str, target: Person) -> None:
        """The ids of one person lead to the other, whose profile holds all of the first one's."""
        await self._directory.move_all(source, target)
        await self._moments.moved(source, target.pseudonym)
        await self._store.delete(source)


async def _nothing(_: Sequence[MergeRecord], __: Mapping[str, Person]) -> None:
    """Merges that nobody will undo."""


def _strangers(events: Sequence[Event], persons: dict[str, Person]) -> set[str]:
    """Ids that surely need a person: customers named, and visitors beside whom no customer stands."""
    events = [event for event in events if not silent(event)]
    named = {f"customer:{event.customer_id}" for event in events if event.customer_id and event.trusted}
    named |= {f"customer:{event.customer_id}" for event in events if event.customer_id and not event.anonymous_id}
    named |= {f"anonymous:{event.anonymous_id}" for event in events if event.anonymous_id and not event.customer_id}
    return named - set(persons)
