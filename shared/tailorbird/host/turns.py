"""Changes of one set of documents by several processes, one after the other: none is made on what another replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tailorbird.bus import Bucket
from tailorbird.contracts.wire import Fault

__all__ = ["HEAD", "Overtaken", "Turns"]

HEAD = "head"
"""Key under which the version rests that the set has, or is about to have. Documents' keys hold a slash."""
WAITS = 2.0
"""Seconds for the documents of a change that another process began; it may have died in between."""


class Overtaken(Exception):  # noqa: N818 - what happened, and no mistake
    """Another process began a change first."""


class Turns:
    """Compare-and-set over a whole set of documents, by the revision of its head."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def begin(self, version: str, catch_up: Callable[[], Awaitable[str]]) -> int:
        """The head's revision, when what others changed is here. `catch_up` reads the bucket and gives the version."""
        loop = asyncio.get_running_loop()
        until = loop.time() + WAITS
        while True:
            head = await self._bucket.get(HEAD)
            if head is None or head.value is None:
                return 0
            if head.value.decode() == version or loop.time() >= until:
                return head.revision
            version = await catch_up()
            if head.value.decode() != version:
                await asyncio.sleep(0.02)

    async def take(self, revision: int, version: str) -> None:
        """From now on the set is about to have this version. Raises Overtaken when another process was faster."""
        try:
            await self._bucket.put(HEAD, version.encode(), revision)
        except Fault as fault:
            if fault.code == 409:
                raise Overtaken from fault
            raise
