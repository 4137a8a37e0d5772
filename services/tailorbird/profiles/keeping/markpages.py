"""Where marks go that a profile has no room for: sealed pages in the bucket `profile_marks`, for thirty days each.

A page is never changed. More marks make another page under another name, and the profile that names it is stored
afterwards, with the revision that was read: whatever dies in between, a profile and the pages it names agree.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable

import msgspec
import structlog

from tailorbird.bus import Bucket
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.keeping.keyring import Person
from tailorbird.profiles.keeping.sealedpages import SealedPages
from tailorbird.profiles.person.marks import MARKS_A_PAGE, PAGES_KEPT, overflow, pages_of
from tailorbird.profiles.person.profile import MARK_BYTES, MARKS_KEPT, StoredProfile

__all__ = ["BUCKET", "DAYS_KEPT", "MarkPages"]

BUCKET = "profile_marks"
DAYS_KEPT = 30.0
HELD_BYTES = 32 * 1024 * 1024
"""Pages in memory: of 12,000 persons with 600 events each. Most persons have none."""
NAME_BYTES = 200
"""What holding one takes besides."""

log = structlog.get_logger(__name__)


class MarkPages:
    """Reads and writes pages. Those used last are held."""

    def __init__(self, bucket: Bucket, find_person: Callable[[str], Awaitable[Person | None]]) -> None:
        """`find_person`: as for `SealedPages`."""
        self._bucket = bucket
        self._pages = SealedPages(bucket, find_person)
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._held_bytes = 0

    async def load(self, profiles: Iterable[StoredProfile], persons: Iterable[Person]) -> dict[str, bytes]:
        """Name -> page, of all that these profiles name. `persons`: whose most of them are."""
        names = {name for profile in profiles for name in profile.mark_pages}
        found: dict[str, bytes] = {}
        for name in names & self._held.keys():
            self._held.move_to_end(name)
            found[name] = self._held[name]
        missing = names - found.keys()
        if missing:
            keys = {person.pseudonym: person for person in persons}
            entries = await self._bucket.get_all(sorted(missing))
            for name in missing:
                found[name] = await self._pages.opened(name, entries.get(name), keys)
                self._hold(name, found[name])
        return found

    async def settled(self, person: Person, profile: StoredProfile) -> StoredProfile:
        """The profile as it may be stored: marks beyond its room are in pages, and every page is this person's own."""
        fits = len(profile.marks) <= MARKS_KEPT * MARK_BYTES
        if fits and all(name.startswith(person.pseudonym) for name in profile.mark_pages):
            return profile
        leaving, staying = overflow(profile.marks)
        pages = await self.load((profile,), (person,))
        full = [name for name in profile.mark_pages if self._stays(name, pages[name], person)]
        loose = [pages[name] for name in profile.mark_pages if name not in full]
        made = {SealedPages.name_of(page, person): page for page in pages_of((*loose, leaving))}
        await asyncio.gather(*(self._write(name, page, person) for name, page in made.items()))
        return msgspec.structs.replace(profile, marks=staying, mark_pages=(*full, *made)[-PAGES_KEPT:])

    async def forget(self, names: Iterable[str]) -> None:
        """Deletes pages that no profile names any more; one that is missed goes by itself when its days are over."""
        for name in names:
            self._drop(name)
            try:
                await self._bucket.delete(name)
            except Fault as fault:
                log.info("page_of_marks_left_behind", reason=fault.sentence)

    def _stays(self, name: str, page: bytes, person: Person) -> bool:
        return name.startswith(person.pseudonym) and len(page) >= MARKS_A_PAGE * MARK_BYTES

    def _hold(self, name: str, page: bytes) -> None:
        self._drop(name)
        self._held[name] = page
        self._held_bytes += len(page) + NAME_BYTES
        while self._held_bytes > HELD_BYTES:
            self._held_bytes -= len(self._held.popitem(last=False)[1]) + NAME_BYTES

    def _drop(self, name: str) -> None:
        page = self._held.pop(name, None)
        if page is not None:
            self._held_bytes -= len(page) + NAME_BYTES

    async def _write(self, name: str, page: bytes, person: Person) -> None:
        if name not in self._held:
            await self._pages.write(page, person)
            self._hold(name, page)
