"""Pages beside a profile, for what it has no room for: each sealed for one person, under that person's pseudonym."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from hashlib import blake2b

import structlog

from tailorbird.bus import Bucket, Entry
from tailorbird.profiles.keeping.keyring import Person
from tailorbird.profiles.keeping.sealing import BrokenSealError, open_sealed, seal

__all__ = ["SealedPages"]

log = structlog.get_logger(__name__)


class SealedPages:
    """Pages in a bucket. A page is never changed: its name tells what is in it."""

    def __init__(self, bucket: Bucket, find_person: Callable[[str], Awaitable[Person | None]]) -> None:
        """`find_person`: by pseudonym, for pages of visitors who turn out to be somebody known."""
        self._bucket = bucket
        self._find_person = find_person

    async def read(self, name: str) -> bytes:
        """The page; empty when its days are over, or its person is no more."""
        return await self.opened(name, await self._bucket.get(name), {})

    async def opened(self, name: str, entry: Entry | None, persons: Mapping[str, Person]) -> bytes:
        """The page in this entry, as `read`. `persons`: by pseudonym, of whom need not be looked for."""
        if entry is None or entry.value is None:
            return b""
        pseudonym = name.partition(".")[0]
        person = persons.get(pseudonym) or await self._find_person(pseudonym)
        if person is None:
            return b""
        try:
            return open_sealed(person, entry.value)
        except BrokenSealError as error:
            log.error("page_unreadable", reason=str(error))
            return b""

    async def write(self, page: bytes, person: Person) -> str:
        """Its name, once it is stored."""
        name = self.name_of(page, person)
        await self._bucket.put(name, seal(person, page))
        return name

    @staticmethod
    def name_of(page: bytes, person: Person) -> str:
        return f"{person.pseudonym}.{blake2b(page, digest_size=8).hexdigest()}"
