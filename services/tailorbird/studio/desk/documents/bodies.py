"""What documents said, each writing of it once: drafts, versions and the log of changes name it by its digest."""

from __future__ import annotations

import zlib
from collections import OrderedDict

from tailorbird.bus import Bucket
from tailorbird.host.documentkeys import digest

__all__ = ["Bodies"]

HELD = 500
"""Writings at hand, packed: a form is drawn from the one that was saved last."""


class Bodies:
    """JSON by digest, packed. What is under a digest never changes, so a copy at hand is as good."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._held: OrderedDict[str, bytes] = OrderedDict()

    async def keep(self, body: bytes) -> str:
        """The digest under which it can be had again."""
        name = digest(body)
        if name not in self._held:
            packed = zlib.compress(body)
            await self._bucket.put(name, packed)
            self._hold(name, packed)
        return name

    async def get(self, name: str) -> bytes | None:
        """None: nothing of that name (the empty one included)."""
        if name not in self._held:
            entry = await self._bucket.get(name) if name else None
            if entry is None or not entry.value:
                return None
            self._hold(name, entry.value)
        self._held.move_to_end(name)
        return zlib.decompress(self._held[name])

    def _hold(self, name: str, packed: bytes) -> None:
        self._held[name] = packed
        while len(self._held) > HELD:
            self._held.popitem(last=False)
