"""Every version of a document that was at work: what it said, who put it there, and when."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from tailorbird.bus import Bucket
from tailorbird.contracts.wire import Fault
from tailorbird.host.documentkeys import bucket_key

__all__ = ["VERSIONS", "Version", "Versions"]

VERSIONS = "studio_versions"
MOST = 500
_TRIES = 20


class Version(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of them."""

    number: int
    at: float
    who: str
    """Empty: it was put to work outside of the studio, by a command or over HTTP."""
    deed: str
    """`published`, `retired`, `undone`, `found`."""
    body: str
    """Digest; empty: from then on nothing was at work."""
    note: str = ""


class Versions:
    """Lists of versions by document."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def of(self, key: str) -> list[Version]:
        """The latest last."""
        return (await self._read(key))[0]

    async def add(self, key: str, *, at: float, who: str, deed: str, body: str, note: str = "") -> Version:
        """The next version of `kind/id`."""
        for _ in range(_TRIES):
            versions, revision = await self._read(key)
            number = versions[-1].number + 1 if versions else 1
            made = Version(number=number, at=at, who=who, deed=deed, body=body, note=note)
            try:
                await self._bucket.put(bucket_key(key), msgspec.json.encode([*versions, made][-MOST:]), revision)
            except Fault as fault:
                if fault.code != 409:
                    raise
                continue
            return made
        raise Fault(503, f"The version of {key} could not be noted: too many people publish it at once.")

    async def _read(self, key: str) -> tuple[list[Version], int]:
        entry = await self._bucket.get(bucket_key(key))
        if entry is None or not entry.value:
            return [], 0
        return msgspec.json.decode(entry.value, type=list[Version]), entry.revision
