"""The documents of another service, as they are at work now: its bucket, followed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from tailorbird.bus import Bucket, Entry
from tailorbird.bus.ending import ended
from tailorbird.host.documentkeys import document_key
from tailorbird.host.turns import HEAD

__all__ = ["FollowedDocuments"]


class FollowedDocuments:
    """While entered, `take` is told of each document of these buckets: `kind/id`, and its JSON or None."""

    def __init__(self, buckets: Sequence[Bucket], take: Callable[[str, bytes | None], None]) -> None:
        self._buckets = buckets
        self._take = take
        self._watching: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        for bucket in self._buckets:
            entries = await bucket.entries()
            for entry in entries.values():
                self._told(entry)
            latest = max((entry.revision for entry in entries.values()), default=0)
            self._watching.append(asyncio.create_task(self._watch(bucket, latest), name="followed-documents"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(*self._watching)

    async def _watch(self, bucket: Bucket, after: int) -> None:
        async for entry in bucket.watch(after):
            self._told(entry)

    def _told(self, entry: Entry) -> None:
        if entry.key != HEAD:
            self._take(document_key(entry.key), entry.value)
