"""Statements of account, kept among the objects: the latest two, the older one for whoever is still reading it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import structlog

from tailorbird.bus import Journal, Objects
from tailorbird.contracts.wire import Fault
from tailorbird.offers.redeeming.settling import Settled
from tailorbird.offers.redeeming.statements import Statement, digest_of, pieces_of, read_pieces

__all__ = ["Statements"]

KEPT = 2
FETCHED_WITHIN = 60.0
"""Seconds; reading the journal from its first entry is slower and always possible."""

log = structlog.get_logger(__name__)


class Statements:
    """Reads the latest statement that fits the journal, and writes new ones."""

    def __init__(self, objects: Objects, journal: Journal) -> None:
        self._objects = objects
        self._journal = journal

    async def latest(self) -> tuple[Statement, Settled] | None:
        """None where there is none, or none of this journal."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(FETCHED_WITHIN):
                for name in reversed(await self._objects.names()):
                    found = await self._read(name)
                    if found is not None:
                        seconds = round(time.perf_counter() - began, 2)
                        log.info("statement_read", sequence=found[0].sequence, seconds=seconds)
                        return found
        except (Fault, TimeoutError) as error:
            log.warning("statement_not_read", reason=str(error))
        return None

    async def write(self, settled: Settled, sequence: int, last: bytes) -> int:
        """The entry up to which the newest statement is: this one, or one that another process wrote meanwhile."""
        names = await self._objects.names()
        if names and int(names[-1]) >= sequence:
            return int(names[-1])
        with tempfile.TemporaryDirectory(prefix="tailorbird-redemptions-") as folder:
            path = Path(folder) / "statement"
            with path.open("wb") as file:
                for line in pieces_of(settled, sequence, last):
                    file.write(line + b"\n")
                    # Others have their turn between two pieces.
                    await asyncio.sleep(0)
            await self._objects.put(_name(sequence), path)
        for old in names[: 1 - KEPT]:
            await self._objects.delete(old)
        log.info("statement_written", sequence=sequence)
        return sequence

    async def _read(self, name: str) -> tuple[Statement, Settled] | None:
        with tempfile.TemporaryDirectory(prefix="tailorbird-redemptions-") as folder:
            path = Path(folder) / "statement"
            await self._objects.fetch(name, path)
            found = await asyncio.to_thread(lambda: read_pieces(_lines(path)))
        if found is None:
            return None
        there = await self._journal.read(found[0].sequence - 1, most=1)
        fits = bool(there) and there[0].sequence == found[0].sequence and digest_of(there[0].value) == found[0].digest
        return found if fits else None


def _name(sequence: int) -> str:
    return f"{sequence:020}"


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file
