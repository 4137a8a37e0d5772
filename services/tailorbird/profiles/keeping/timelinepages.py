"""What somebody did long ago: lines for which their profile has no room, in sealed pages beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import blake2b

import structlog
from msgspec.structs import replace

from tailorbird.bus import Bucket
from tailorbird.profiles.keeping.keyring import Person
from tailorbird.profiles.keeping.sealing import BrokenSealError, open_sealed, seal
from tailorbird.profiles.person.profile import StoredProfile
from tailorbird.profiles.person.timeline import Line, lines_of_all, parted

__all__ = ["BUCKET", "TimelinePages"]

BUCKET = "profile_timelines"
PAGES_KEPT = 200

log = structlog.get_logger(__name__)


class TimelinePages:
    """Writes a page when lines leave a profile; reads them when somebody asks for the timeline."""

    def __init__(self, bucket: Bucket, find_person: Callable[[str], Awaitable[Person | None]]) -> None:
        """`find_person`: by pseudonym, for pages of visitors who turn out to be somebody known."""
        self._bucket = bucket
        self._find_person = find_person

    async def settled(self, person: Person, profile: StoredProfile) -> StoredProfile:
        """The profile as it may be stored: lines beyond its room are in pages, and every page is this person's own."""
        leaving, staying = parted(profile.timeline)
        foreign = [name for name in profile.timeline_pages if not name.startswith(person.pseudonym)]
        if not leaving and not foreign:
            return profile
        names = [name for name in profile.timeline_pages if name not in foreign]
        loose = [page for page in await asyncio.gather(*map(self._read, foreign)) if page]
        for page in (*loose, leaving):
            if page:
                name = f"{person.pseudonym}.{blake2b(page, digest_size=8).hexdigest()}"
                await self._bucket.put(name, seal(person, page))
                names.append(name)
        return replace(profile, timeline=staying, timeline_pages=tuple(dict.fromkeys(names))[-PAGES_KEPT:])

    async def lines(self, profile: StoredProfile) -> list[Line]:
        """Everything this person did, newest first."""
        pages = await asyncio.gather(*map(self._read, profile.timeline_pages))
        return lines_of_all((profile.timeline.packed, *pages))

    async def _read(self, name: str) -> bytes:
        """The page; empty when its days are over, or its person is no more."""
        entry = await self._bucket.get(name)
        person = await self._find_person(name.partition(".")[0]) if entry is not None else None
        if entry is None or entry.value is None or person is None:
            return b""
        try:
            return open_sealed(person, entry.value)
        except BrokenSealError as error:
            log.error("page_of_a_timeline_unreadable", reason=str(error))
            return b""
