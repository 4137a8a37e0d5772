"""What is being written and not yet at work: one draft a document, each save on top of the one before."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from tailorbird.bus import Bucket
from tailorbird.contracts.wire import Fault
from tailorbird.host.documentkeys import bucket_key, document_key

__all__ = ["DRAFTS", "Draft", "Drafts", "Stage"]

DRAFTS = "studio_drafts"

Stage = Literal["draft", "proposed", "approved"]


class Draft(Struct, frozen=True, kw_only=True):
    """A document on its way."""

    body: str
    """Digest of what it says now."""
    title: str = ""
    """What the document is called in it; empty: it has no name."""
    instead_of: str
    """Digest of what was at work when it was begun; empty: nothing was."""
    stage: Stage = "draft"
    by: str
    """Who saved it last."""
    at: float
    note: str = ""
    """The last word about it: what it is for, or why it was sent back."""
    writers: tuple[str, ...] = ()
    """Everybody who changed it since it was begun: none of them may approve it alone."""
    approved_by: str = ""
    revision: int = 0
    """Of the bucket, when read: a save names it, so that nobody's is overwritten."""


class Drafts:
    """The drafts of everybody, in one bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def get(self, key: str) -> Draft | None:
        """The draft of this document (`kind/id`)."""
        entry = await self._bucket.get(bucket_key(key))
        if entry is None or not entry.value:
            return None
        return msgspec.structs.replace(msgspec.json.decode(entry.value, type=Draft), revision=entry.revision)

    async def put(self, key: str, draft: Draft, revision: int) -> int:
        """Saved on top of this revision (0: there was none). Raises Fault(412) when somebody was faster."""
        try:
            return await self._bucket.put(bucket_key(key), msgspec.json.encode(draft), revision)
        except Fault as fault:
            if fault.code != 409:
                raise
            raise Fault(412, "Somebody else saved this meanwhile.") from fault

    async def drop(self, key: str) -> None:
        await self._bucket.delete(bucket_key(key))

    async def all(self) -> dict[str, Draft]:
        """By `kind/id`."""
        return {
            document_key(key): msgspec.json.decode(entry.value or b"", type=Draft)
            for key, entry in (await self._bucket.entries()).items()
        }
