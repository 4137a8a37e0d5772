"""What somebody did long ago: lines for which their profile has no room, in sealed pages beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from tailorbird.bus import Bucket
from tailorbird.profiles.keeping.keyring import Person
from tailorbird.profiles.keeping.sealedpages import SealedPages
from tailorbird.profiles.person.profile import StoredProfile
from tailorbird.profiles.person.timeline import Line, lines_of_all, parted

__all__ = ["BUCKET", "TimelinePages"]

BUCKET = "profile_timelines"
PAGES_KEPT = 200


class TimelinePages:
    """Writes a page when lines leave a profile; reads them when somebody asks for the timeline."""

    def __init__(self, bucket: Bucket, find_person: Callable[[str], Awaitable[Person | None]]) -> None:
        """`find_person`: as for `SealedPages`."""
        self._pages = SealedPages(bucket, find_person)

    async def settled(self, person: Person, profile: StoredProfile) -> StoredProfile:
        """The profile as it may be stored: lines beyond its room are in pages, and every page is this person's own."""
        leaving, staying = parted(profile.timeline)
        foreign = [name for name in profile.timeline_pages if not name.startswith(person.pseudonym)]
        if not leaving and not foreign:
            return profile
        names = [name for name in profile.timeline_pages if name not in foreign]
        loose = [page for page in await asyncio.gather(*map(self._pages.read, foreign)) if page]
        names += [await self._pages.write(page, person) for page in (*loose, leaving) if page]
        return replace(profile, timeline=staying, timeline_pages=tuple(dict.fromkeys(names))[-PAGES_KEPT:])

    async def lines(self, profile: StoredProfile) -> list[Line]:
        """Everything this person did, newest first."""
        pages = await asyncio.gather(*map(self._pages.read, profile.timeline_pages))
        return lines_of_all((profile.timeline.packed, *pages))
