"""Redemptions counted exactly, on the server that syncs every write. Offers without limits do without it.

What is asked while an entry is being written goes into the next one, so that a busy shop shares the syncs. Where an
entry's acknowledgement is lost it is sent again under its id: it stands in the journal once.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import msgspec
import structlog

from tailorbird.bus import AnsweringBus, Journal, Noted
from tailorbird.bus.ending import ended
from tailorbird.contracts.offers import Budgets, BudgetsQuery, Codes, CodesQuery, RedeemQuery, Redemption
from tailorbird.contracts.wire import Fault
from tailorbird.offers.documents.offer import Offer
from tailorbird.offers.redeeming.budgets import budgets_of, closed, is_used_up
from tailorbird.offers.redeeming.limits import Held
from tailorbird.offers.redeeming.lines import Entry, Free, Keep, Line, Pool, digest, redeeming, refusing
from tailorbird.offers.redeeming.settling import OTHER_BODY, Settled
from tailorbird.offers.redeeming.stating import Statements

__all__ = ["Ledger"]

LINES = 500
"""Lines of an entry at most."""
TRIES = 3
FOLDED_AT_ONCE = 100
"""Entries of a long journal folded before others have their turn."""
READ_AT_ONCE = 2_048
"""Entries of a long journal in memory."""

log = structlog.get_logger(__name__)

_entry = msgspec.json.Decoder(Entry)


class Ledger:
    """Settles redemptions; `used_up` is current within `every` seconds, and at once for what passes through here."""

    def __init__(
        self,
        bus: AnsweringBus,
        offers: Callable[[], Mapping[str, Offer]],
        every: float,
        now: Callable[[], float],
        used_up_changed: Callable[[frozenset[str]], None] = lambda _: None,
        statement_every: int = 50_000,
    ) -> None:
        """`statement_every`: entries after which another statement of the account is written; who starts reads the
        latest and the entries since.
        """
        self._used_up_changed = used_up_changed
        self.used_up: frozenset[str] = frozenset()
        """Offers redeemed as often as they may be, by id."""
        self.settled = Settled()
        self._bus = bus
        self._offers = offers
        self._every = every
        self._now = now
        self._read = 0
        self._reachable = True
        self._turn = asyncio.Lock()
        self._opened: Journal | None = None
        self._opening = asyncio.Lock()
        self._statements: Statements | None = None
        self._statement_every = statement_every
        self._stated = 0
        """The entry up to which there is a statement."""
        self._last = b""
        """The entry that was read last."""
        self._waiting: list[tuple[Line, asyncio.Future[Any]]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._asked = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._look_now_and_then(), name="offers-ledger"),
            asyncio.create_task(self._write(), name="offers-ledger-write"),
            asyncio.create_task(self._state_now_and_then(), name="offers-ledger-state"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(*self._tasks)

    async def redeem(self, query: RedeemQuery) -> Redemption:
        """Whether it counts. A key that was answered is answered alike, also when the offer is over or gone by now.

        Raises Fault(404) without such an offer, Fault(422) for a key that came with another body, Fault(503) when the
        ledger is needed and away.
        """
        offer = self._offers().get(query.offer_id)
        if offer is None and not await self._knows(query):
            raise Fault(404, f"There is no offer {query.offer_id}.")
        over = closed(offer, self._now()) if offer is not None else "There is no such offer any more."
        try:
            answer: Redemption = await self.ask(
                redeeming(query, offer) if offer is not None and not over else refusing(query, over)
            )
        except Fault as fault:
            if fault.code == 503 and over:
                return Redemption(counted=False, sentence=over)
            if fault.code == 503 and offer is not None and offer.limit is None and not offer.unique_codes:
                return Redemption(counted=True, sentence="This offer has no limit.", code=offer.code)
            raise
        if answer is OTHER_BODY:
            raise Fault(422, "This key was sent before with another body: a new redemption needs a new key.")
        return answer

    async def _knows(self, query: RedeemQuery) -> bool:
        """Whether this key was answered before, by any process."""
        async with self._turn:
            await self._catch_up(0)
        return digest("key", query.redemption_id) in self.settled.answers

    async def add_codes(self, query: CodesQuery) -> Codes:
        """How many of the codes were new. Raises Fault(404), Fault(422) where the offer has no pool."""
        offer = self._offers().get(query.offer_id)
        if offer is None:
            raise Fault(404, f"There is no offer {query.offer_id}.")
        if not offer.unique_codes:
            raise Fault(422, f"The offer {query.offer_id} has no pool: its document must say `unique_codes = true`.")
        added: int = await self.ask(Pool(query.offer_id, query.codes))
        return Codes(added=added, left=len(self.settled.tally(query.offer_id).codes))

    async def budgets(self, query: BudgetsQuery) -> Budgets:
        """Of the offers that run now, the fullest first."""
        return budgets_of(query, self._offers(), self.settled, self._now())

    async def keep(self, line: Keep) -> Held | None:
        """What is held for the customer now, None when a limit is reached. Raises Fault(503)."""
        held: Held | None = await self.ask(line)
        return held

    def offers_changed(self) -> None:
        """Limits may be others: what is used up is found anew."""
        self._note_used_up(_limited(self._offers()) | self.used_up)

    def free_later(self, offer_id: str, customer: str) -> None:
        """Lets go of what is held for the customer, when the ledger is there; else it ends by itself."""
        self._put(Free(offer_id, customer)).add_done_callback(_looked_at)

    async def ask(self, line: Line) -> Any:
        """The journal's answer to this line. Raises Fault(503)."""
        return await self._put(line)

    def _put(self, line: Line) -> asyncio.Future[Any]:
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((line, answered))
        self._asked.set()
        return answered

    async def _write(self) -> None:
        while True:
            await self._asked.wait()
            lines, self._waiting = self._waiting[:LINES], self._waiting[LINES:]
            if not self._waiting:
                self._asked.clear()
            try:
                await self._settle(lines)
            except Fault as fault:
                _refuse(lines, Fault(503, f"The ledger cannot be reached now: {fault.sentence}"))
            except Exception as error:  # Whatever it was, those who ask after them are answered.
                log.exception("ledger_entry_failed")
                _refuse(lines, Fault(500, f"internal error: {type(error).__name__}"))

    async def _settle(self, lines: list[tuple[Line, asyncio.Future[Any]]]) -> None:
        """One entry of all these lines, written, and every line answered."""
        entry = Entry(self._now(), tuple(line for line, _ in lines))
        encoded = msgspec.json.encode(entry)
        sequence = await self._append(encoded, uuid.uuid4().hex)
        async with self._turn:
            if sequence > self._read + 1:
                await self._catch_up(sequence - 1)
            answers = self._take(sequence, entry, encoded)
            self._note_used_up({line.offer_id for line in entry.lines})
        for (_, answered), answer in zip(lines, answers, strict=True):
            if not answered.done():
                answered.set_result(answer)

    async def _append(self, encoded: bytes, message_id: str) -> int:
        journal = await self._journal()
        for _ in range(TRIES - 1):
            with contextlib.suppress(Fault):
                return await journal.append(encoded, message_id)
        return await journal.append(encoded, message_id)

    async def _catch_up(self, upto: int) -> None:
        """Folds what others appended, up to this sequence (0: all there is)."""
        journal = await self._journal()
        while True:
            found = await journal.read(self._read, READ_AT_ONCE)
            touched: set[str] = set()
            for place, noted in enumerate(found):
                if noted.sequence > self._read and (not upto or noted.sequence <= upto):
                    entry = _read(noted)
                    self._take(noted.sequence, entry, noted.value)
                    touched.update(line.offer_id for line in entry.lines)
                if place % FOLDED_AT_ONCE == FOLDED_AT_ONCE - 1:
                    await asyncio.sleep(0)
            self._note_used_up(touched)
            if self._read >= upto and (upto or len(found) < READ_AT_ONCE):
                return
            if len(found) < READ_AT_ONCE:
                # A copy of the journal that has not heard of the last entries yet.
                await asyncio.sleep(0.005)

    def _take(self, sequence: int, entry: Entry, encoded: bytes) -> list[Any]:
        answers = self.settled.take(entry)
        self._read, self._last = sequence, encoded
        return answers

    def _note_used_up(self, identities: set[str]) -> None:
        offers, settled, now = self._offers(), self.settled, self._now()
        spent = {one for one in identities if (offer := offers.get(one)) and is_used_up(one, offer, settled, now)}
        after = (self.used_up - identities) | spent
        if after != self.used_up:
            self.used_up = after
            self._used_up_changed(after)

    async def _journal(self) -> Journal:
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

    async def _state_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            if self._statements is None or self._read - self._stated < self._statement_every:
                continue
            try:
                self._stated = await self._statements.write(self.settled, self._read, self._last)
            except Fault as fault:
                log.warning("statement_not_written", reason=fault.sentence)
                self._stated = self._read  # Another try when as many have come again.

    async def _look_now_and_then(self) -> None:
        while True:
            limited = _limited(self._offers())
            try:
                if limited or self._opened:
                    async with self._turn:
                        await self._catch_up(0)
                self._reachable = True
            except Fault as fault:
                if self._reachable:
                    # What was used up stays so; what has no limit does not care.
                    log.warning("ledger_unreachable", reason=fault.sentence)
                self._reachable = False
            except Exception:  # It is looked again, and redemptions find out for themselves.
                log.exception("ledger_not_read")
            if ended := self.settled.ended(self._now()):
                # Time passes with entries alone, so that all processes see it pass alike.
                self.free_later(ended, "")
            self._note_used_up(limited | self.used_up)
            await asyncio.sleep(self._every)


def _limited(offers: Mapping[str, Offer]) -> set[str]:
    return {name for name, offer in offers.items() if offer.limit is not None or offer.unique_codes}


def _refuse(lines: Sequence[tuple[Line, asyncio.Future[Any]]], fault: Fault) -> None:
    for _, answered in lines:
        if not answered.done():
            answered.set_exception(fault)


def _read(noted: Noted) -> Entry:
    try:
        return _entry.decode(noted.value)
    except msgspec.MsgspecError as error:
        # Better no answer than another one than the process that wrote it gives.
        raise Fault(503, f"Entry {noted.sequence} was written by another version of offers: {error}.") from error


def _looked_at(answered: asyncio.Future[Any]) -> None:
    """An exception nobody waits for is looked at, so that the loop does not complain of it."""
    if not answered.cancelled():
        answered.exception()
