"""The log of every change: who did what to what, when, and how it was before and after."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import msgspec
from msgspec import Struct

from tailorbird.bus import Bucket

__all__ = ["AUDIT", "Audit", "Change"]

AUDIT = "studio_audit"


class Change(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change. Documents stand under their digests (`bodies.py`)."""

    at: float
    who: str
    deed: str
    """`saved`, `proposed`, `approved`, `published`, `retired`, `undone`, `added`, `promoted` ..."""
    what: str
    """`offer/pizza`, `member/olga`, `model/20261122-1`."""
    before: str = ""
    after: str = ""
    """Digests of documents."""
    note: str = ""
    """A sentence: a reason given, or what changed where it is no document."""


class Audit:
    """Only ever added to."""

    def __init__(self, bucket: Bucket, clock: Callable[[], float]) -> None:
        self._bucket = bucket
        self._clock = clock
        self._changes: dict[str, Change] = {}
        self._revision = 0

    async def note(
        self, who: str, deed: str, what: str, *, before: str = "", after: str = "", note: str = ""
    ) -> Change:
        """Kept when this returns."""
        change = Change(at=self._clock(), who=who, deed=deed, what=what, before=before, after=after, note=note[:1_000])
        key = f"{int(change.at * 1_000_000):017d}-{secrets.token_hex(4)}"
        await self._bucket.put(key, msgspec.json.encode(change), revision=0)
        return change

    async def latest(self, count: int, what: str = "", who: str = "", skip: int = 0) -> list[Change]:
        """The latest first; `what`: of this document, or of those whose name begins so when it ends in a slash."""
        await self._read()
        return list(_some(self._wanted(what, who), skip, count))

    def _wanted(self, what: str, who: str) -> Iterator[Change]:
        for key in sorted(self._changes, reverse=True):
            change = self._changes[key]
            if what and change.what != what and not (what.endswith("/") and change.what.startswith(what)):
                continue
            if not who or change.who == who:
                yield change

    async def _read(self) -> None:
        """What came since it was read last, by whichever process."""
        latest = await self._bucket.revision()
        if latest == self._revision:
            return
        if not self._changes:
            for key, entry in (await self._bucket.entries()).items():
                self._changes[key] = msgspec.json.decode(entry.value or b"", type=Change)
            self._revision = latest
            return
        async for entry in self._bucket.watch(self._revision):
            if entry.value:
                self._changes[entry.key] = msgspec.json.decode(entry.value, type=Change)
            self._revision = entry.revision
            if entry.revision >= latest:
                return


def _some(changes: Iterator[Change], skip: int, count: int) -> Iterator[Change]:
    for place, change in enumerate(changes):
        if place >= skip + count:
            return
        if place >= skip:
            yield change
