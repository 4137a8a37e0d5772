"""States of knowledge, kept: what was decided in one can be decided again when everything has moved on."""

from __future__ import annotations

import asyncio
import zlib
from hashlib import blake2b
from typing import Any

import msgspec
import structlog
from msgspec import Struct

from tailorbird.bus import Bucket
from tailorbird.contracts.wire import Fault
from tailorbird.offers.learning.beliefs import Cell
from tailorbird.offers.learning.responses import Responses

__all__ = ["Epoch", "Epochs", "name_of"]

log = structlog.get_logger(__name__)


class Epoch(Struct, frozen=True):
    """Between two changes of anything that decides."""

    rules: str
    """Version of the documents."""
    cells: dict[str, dict[str, Cell]]
    used_up: tuple[str, ...]
    responses: dict[str, Responses]
    """What was loaded of earlier responses, without the marks."""
    items: str = ""
    """Name of the catalogue as it was, which is not kept."""


_epoch = msgspec.json.Decoder(Epoch)
_encode = msgspec.json.Encoder(order="sorted").encode


def name_of(value: Any) -> str:
    """Twelve hex digits that differ when the value does."""
    return blake2b(_encode(value), digest_size=6).hexdigest()


class Epochs:
    """Epochs in a bucket, each written once."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._writing: set[asyncio.Task[None]] = set()

    def keep(self, name: str, epoch: Epoch) -> None:
        """It is written while others go on."""
        task = asyncio.create_task(self._put(name, zlib.compress(_encode(epoch), 1)))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def find(self, name: str) -> Epoch:
        """Raises Fault(404) for one that was not kept."""
        entry = await self._bucket.get(name)
        if entry is None or entry.value is None:
            raise Fault(404, f"What was known in the epoch {name} was not kept.")
        return _epoch.decode(zlib.decompress(entry.value))

    async def written(self) -> None:
        """Returns when all that was to be kept is."""
        while self._writing:
            await asyncio.gather(*self._writing)

    async def _put(self, name: str, value: bytes) -> None:
        for _ in range(60):
            try:
                await self._bucket.put(name, value, revision=0)
            except Fault as fault:
                if fault.code == 409:
                    return  # Another process was faster; it is the same.
                await asyncio.sleep(1.0)
            else:
                return
        log.warning("epoch_not_kept", epoch=name)
