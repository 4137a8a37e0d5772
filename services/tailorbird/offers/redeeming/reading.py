"""The journal of redemptions, read: from the latest statement of account on, then entry by entry as others write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import structlog

from tailorbird.bus import AnsweringBus, Journal, Noted
from tailorbird.contracts.wire import Fault
from tailorbird.offers.redeeming.lines import Entry
from tailorbird.offers.redeeming.settling import Settled
from tailorbird.offers.redeeming.stating import Statements

__all__ = ["Reading"]

FOLDED_AT_ONCE = 500
"""Lines of a long journal folded before others have their turn: some milliseconds."""
READ_AT_ONCE = 2_048
"""Entries of a long journal in memory."""
PATIENCE = 0.5
"""Seconds for which who asks waits until a journal is read that is long; then they are told to ask again."""

log = structlog.get_logger(__name__)

_entry = msgspec.json.Decoder(Entry)


class Reading:
    """`settled` holds the journal as far as it was read."""

    def __init__(
        self, bus: AnsweringBus, touched: Callable[[set[str]], None], every: float, statement_every: int
    ) -> None:
        """touched: told of which offers something was read. every: seconds between looks whether `statement_every`
        entries have come since the last statement.
        """
        self.settled = Settled()
        self.first: asyncio.Task[None] | None = None
        """Reads the journal for the first time."""
        self._bus = bus
        self._touched = touched
        self._every = every
        self._statement_every = statement_every
        self._read = 0
        self._last = b""
        """The entry that was read last."""
        self._turn = asyncio.Lock()
        self._opened: Journal | None = None
        self._opening = asyncio.Lock()
        self._statements: Statements | None = None
        self._stated = 0
        """The entry up to which there is a statement."""

    @property
    def is_open(self) -> bool:
        return self._opened is not None

    async def patient(self) -> None:
        """Waits a moment while the journal is read for the first time. Raises Fault(503) where that takes longer: an
        answer needs every entry, and nobody is left waiting for so many. A ledger that is away is not waited for here.
        """
        first = self.first
        if first is None:
            first = self.first = asyncio.create_task(self._read_first(), name="offers-ledger-first")
        if not first.done():
            await asyncio.wait([first], timeout=PATIENCE)
        if not first.done() and self._statements is not None:
            raise Fault(503, f"What was redeemed so far is still being read ({self._read:,} entries): ask again soon.")

    async def _read_first(self) -> None:
        try:
            await self.catch_up()
        except Fault:
            # Who asks finds out for themselves what is wrong; who asks next tries again.
            self.first = None

    async def catch_up(self) -> None:
        """Folds what others appended, all there is. Raises Fault(503)."""
        async with self._turn:
            await self._catch_up(0)

    async def take_own(self, sequence: int, entry: Entry, encoded: bytes) -> list[Any]:
        """The answer to each line of an entry that this process appended. Raises Fault(503)."""
        async with self._turn:
            if sequence > self._read + 1:
                await self._catch_up(sequence - 1)
            answers = self._take(sequence, entry, encoded)
            self._touched({line.offer_id for line in entry.lines})
            return answers

    async def opened(self) -> Journal:
        """Opened when first needed, by one of those who need it, and read up to the latest statement."""
        if self._opened is None:
            async with self._opening:
                if self._opened is None:
                    journal = await self._bus.journal("offers")
                    self._statements = Statements(await self._bus.objects("redemptions"), journal)
                    found = await self._statements.latest()
                    if found is not None:
                        self._read = self._stated = found[0].sequence
                        self.settled = found[1]
                    self._opened = journal
        return self._opened

    async def state_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            if self._statements is None or self._read - self._stated < self._statement_every:
                continue
            try:
                self._stated = await self._statements.write(self.settled, self._read, self._last)
            except Fault as fault:
                log.warning("statement_not_written", reason=fault.sentence)
                self._stated = self._read  # Another try when as many have come again.

    async def _catch_up(self, upto: int) -> None:
        """Folds what others appended, up to this sequence (0: all there is)."""
        journal = await self.opened()
        while True:
            found = await journal.read(self._read, READ_AT_ONCE)
            touched: set[str] = set()
            folded = 0
            for noted in found:
                if noted.sequence > self._read and (not upto or noted.sequence <= upto):
                    entry = _read(noted)
                    self._take(noted.sequence, entry, noted.value)
                    touched.update(line.offer_id for line in entry.lines)
                    folded += len(entry.lines)
                if folded >= FOLDED_AT_ONCE:
                    folded = 0
                    await asyncio.sleep(0)
            self._touched(touched)
            if self._read >= upto and (upto or len(found) < READ_AT_ONCE):
                return
            if len(found) < READ_AT_ONCE:
                # A copy of the journal that has not heard of the last entries yet.
                await asyncio.sleep(0.005)

    def _take(self, sequence: int, entry: Entry, encoded: bytes) -> list[Any]:
        answers = self.settled.take(entry)
        self._read, self._last = sequence, encoded
        return answers


def _read(noted: Noted) -> Entry:
    try:
        return _entry.decode(noted.value)
    except msgspec.MsgspecError as error:
        # Better no answer than another one than the process that wrote it gives.
        raise Fault(503, f"Entry {noted.sequence} was written by another version of offers: {error}.") from error
