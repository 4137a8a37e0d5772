"""Pairs of bytes in a file, each with its length in front: how a backup keeps the values of a bucket."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

__all__ = ["overwrite", "read_records", "without", "write_records"]

_LENGTH = 4
_WRITTEN_AT_ONCE = 500


async def write_records(path: Path, pairs: AsyncIterator[tuple[bytes, bytes]]) -> int:
    """How many pairs were written."""
    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    await asyncio.to_thread(path.write_bytes, b"")
    count = 0
    waiting: list[bytes] = []
    async for pair in pairs:
        waiting += [part for one in pair for part in (len(one).to_bytes(_LENGTH, "big"), one)]
        count += 1
        if count % _WRITTEN_AT_ONCE == 0:
            await asyncio.to_thread(_append, path, waiting)
            waiting = []
    await asyncio.to_thread(_append, path, waiting)
    return count


def without(path: Path, firsts: AbstractSet[bytes]) -> None:
    """Leaves out the pairs whose first is one of these; the file as it was is overwritten."""
    kept = [pair for pair in read_records(path) if pair[0] not in firsts]
    parts = [part for pair in kept for one in pair for part in (len(one).to_bytes(_LENGTH, "big"), one)]
    fresh = path.with_suffix(".kept")
    fresh.write_bytes(b"".join(parts))
    overwrite(path)
    fresh.replace(path)


def overwrite(path: Path) -> None:
    """Puts zeros in the place of the file's bytes, before somebody deletes or replaces it."""
    with path.open("r+b") as raw:
        raw.write(b"\0" * path.stat().st_size)
        raw.flush()
        os.fsync(raw.fileno())


def read_records(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Each pair, in the order in which they were written."""
    with path.open("rb") as file:
        while length := file.read(_LENGTH):
            first = file.read(int.from_bytes(length, "big"))
            second = file.read(int.from_bytes(file.read(_LENGTH), "big"))
            yield first, second


def _append(path: Path, parts: list[bytes]) -> None:
    with path.open("ab") as file:
        file.write(b"".join(parts))
