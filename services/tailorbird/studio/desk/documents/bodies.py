"""What documents said, each writing of it once: drafts, versions and the log of changes name it by its digest."""

from __future__ import annotations

import zlib

from tailorbird.bus import Bucket
from tailorbird.host.documentkeys import digest

__all__ = ["Bodies"]


class Bodies:
    """JSON by digest, packed."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._there: set[str] = set()

    async def keep(self, body: bytes) -> str:
        """The digest under which it can be had again."""
        name = digest(body)
        if name not in self._there:
            await self._bucket.put(name, zlib.compress(body))
            self._there.add(name)
        return name

    async def get(self, name: str) -> bytes | None:
        """None: nothing of that name (the empty one included)."""
        entry = await self._bucket.get(name) if name else None
        return zlib.decompress(entry.value) if entry is not None and entry.value else None
