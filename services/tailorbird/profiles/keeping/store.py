"""Profiles at rest, each sealed in the bucket `profiles` under its pseudonym; those used last stay open here."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence

import msgspec
import structlog

from tailorbird.bus import Bucket, Entry
from tailorbird.contracts.profiles import Profile
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.keeping.keyring import Person
from tailorbird.profiles.keeping.markpages import MarkPages
from tailorbird.profiles.keeping.sealing import BrokenSealError, decision_key, open_sealed, seal
from tailorbird.profiles.keeping.timelinepages import TimelinePages
from tailorbird.profiles.person.profile import StoredProfile, pack, unpack
from tailorbird.profiles.traits.attributes import Lasting

__all__ = ["OpenProfile", "ProfileStore"]

READS_UNDER_WAY = 16

log = structlog.get_logger(__name__)


class OpenProfile:
    """A profile that was read, and what was computed from it so far."""

    __slots__ = (
        "_decision_key", "answer", "answer_of", "asked_at", "lasting", "lasting_of", "person", "revision", "stored",
    )  # fmt: skip

    def __init__(self, person: Person, stored: StoredProfile, revision: int) -> None:
        self.person = person
        self.stored = stored
        self.revision = revision
        """Revision in the bucket; 0: nothing is stored of this person."""
        self.answer: Profile | None = None
        self.answer_of: tuple[str, int] = ("", 0)
        """Versions of segments and items that made the answer."""
        self.lasting: Lasting | None = None
        self.lasting_of: tuple[object, ...] = ()
        """What that was found from; each compared by identity."""
        self._decision_key = b""
        self.asked_at = 0.0
        """When somebody was last told of this profile."""

    @property
    def decision_key(self) -> bytes:
        if not self._decision_key:
            self._decision_key = decision_key(self.person)
        return self._decision_key

    def follow(self, stored: StoredProfile, revision: int) -> OpenProfile:
        """The same person's profile as it is now; what still holds of what was computed is kept."""
        after = OpenProfile(self.person, stored, revision)
        after.lasting, after.lasting_of = self.lasting, self.lasting_of
        after._decision_key = self._decision_key
        after.asked_at = self.asked_at
        return after


class ProfileStore:
    """Reads and writes profiles. Whoever writes names the revision that was read: nobody's change is lost."""

    def __init__(self, bucket: Bucket, pages: MarkPages, timelines: TimelinePages, held_at_most: int) -> None:
        self._bucket = bucket
        self.pages = pages
        self.timelines = timelines
        self._held_at_most = held_at_most
        self._held: OrderedDict[str, OpenProfile] = OrderedDict()
        self._gets = asyncio.Semaphore(READS_UNDER_WAY)

    def held(self, pseudonym: str) -> OpenProfile | None:
        """The profile if it is open here."""
        found = self._held.get(pseudonym)
        if found is not None:
            self._held.move_to_end(pseudonym)
        return found

    async def load(self, persons: Iterable[Person], *, keep: bool = True) -> dict[str, OpenProfile]:
        """Pseudonym -> profile of each of these persons; an empty one of revision 0 where nothing is stored.

        `keep=False`: for passing through many without pushing out those in use.
        """
        found: dict[str, OpenProfile] = {}
        missing: dict[str, Person] = {}
        for person in persons:
            held = self.held(person.pseudonym)
            if held is None:
                missing[person.pseudonym] = person
            else:
                found[person.pseudonym] = held
        if missing:
            for pseudonym, entry in (await self._entries(list(missing))).items():
                loaded = found[pseudonym] = _opened(missing[pseudonym], entry)
                if keep and loaded.revision:
                    self._hold(loaded)
        return found

    async def save(self, before: OpenProfile, stored: StoredProfile, *, keep: bool = True) -> OpenProfile:
        """The profile as stored now. Raises Fault(409) when another instance was faster: load it again."""
        pseudonym = before.person.pseudonym
        stored = await self.timelines.settled(before.person, await self.pages.settled(before.person, stored))
        try:
            revision = await self._bucket.put(pseudonym, seal(before.person, pack(stored)), before.revision)
        except BaseException:
            # Whether it was stored is not known, so what is held here may be wrong now.
            self._held.pop(pseudonym, None)
            raise
        if before.stored.mark_pages and before.stored.mark_pages != stored.mark_pages:
            await self.pages.forget(set(before.stored.mark_pages) - set(stored.mark_pages))
        after = before.follow(stored, revision)
        if keep or pseudonym in self._held:
            self._hold(after)
        return after

    async def save_all(self, changes: Sequence[tuple[OpenProfile, StoredProfile]]) -> list[OpenProfile | Fault]:
        """As `save`, many side by side; in place of a profile that could not be stored stands why."""
        settled = [
            await self.timelines.settled(before.person, await self.pages.settled(before.person, stored))
            for before, stored in changes
        ]
        sealed = [
            (before.person.pseudonym, seal(before.person, pack(stored)), before.revision)
            for (before, _), stored in zip(changes, settled, strict=True)
        ]
        try:
            outcomes = await self._bucket.put_all(sealed)
        except BaseException:
            for pseudonym, _, _ in sealed:
                self._held.pop(pseudonym, None)
            raise
        found: list[OpenProfile | Fault] = []
        for (before, _), stored, outcome in zip(changes, settled, outcomes, strict=True):
            if isinstance(outcome, Fault):
                # Whether it was stored is not known, so what is held here may be wrong now.
                self._held.pop(before.person.pseudonym, None)
                found.append(outcome)
                continue
            if before.stored.mark_pages and before.stored.mark_pages != stored.mark_pages:
                await self.pages.forget(set(before.stored.mark_pages) - set(stored.mark_pages))
            after = before.follow(stored, outcome)
            self._hold(after)
            found.append(after)
        return found

    async def delete(self, pseudonym: str) -> None:
        self._held.pop(pseudonym, None)
        await self._bucket.delete(pseudonym)

    def drop_before(self, pseudonym: str, revision: int) -> None:
        """Forgets the copy held here if it is older than that revision."""
        held = self._held.get(pseudonym)
        if held is not None and held.revision < revision:
            del self._held[pseudonym]

    def drop(self, pseudonym: str) -> None:
        self._held.pop(pseudonym, None)

    def drop_all(self) -> None:
        self._held.clear()

    def _hold(self, profile: OpenProfile) -> None:
        held = self._held.get(profile.person.pseudonym)
        if held is not None and held.revision > profile.revision:
            return
        self._held[profile.person.pseudonym] = profile
        self._held.move_to_end(profile.person.pseudonym)
        while len(self._held) > self._held_at_most:
            self._held.popitem(last=False)

    async def _entries(self, pseudonyms: Sequence[str]) -> dict[str, Entry | None]:
        async with self._gets:
            if len(pseudonyms) == 1:
                return {pseudonyms[0]: await self._bucket.get(pseudonyms[0])}
            found = await self._bucket.get_all(pseudonyms)
        return {pseudonym: found.get(pseudonym) for pseudonym in pseudonyms}


def _opened(person: Person, entry: Entry | None) -> OpenProfile:
    if entry is None or entry.value is None:
        return OpenProfile(person, StoredProfile(), 0)
    try:
        return OpenProfile(person, unpack(open_sealed(person, entry.value)), entry.revision)
    except (BrokenSealError, msgspec.MsgspecError) as error:
        log.error("profile_unreadable", person=person.pseudonym, reason=str(error))
        raise Fault(500, "What is stored of this customer cannot be read.") from error
