"""Redemptions counted exactly, on the server that syncs every write. Offers without limits do without it.

What is asked while an entry is being written goes into the next one, so that a busy shop shares the syncs. Where an
entry's acknowledgement is lost it is sent again under its id: it stands in the journal once.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import msgspec
import structlog

from tailorbird.bus import AnsweringBus, Journal
from tailorbird.bus.ending import ended
from tailorbird.contracts.offers import Codes, CodesQuery, RedeemQuery, Redemption
from tailorbird.contracts.wire import Fault
from tailorbird.offers.documents.offer import Offer
from tailorbird.offers.documents.prepared import window
from tailorbird.offers.redeeming.limits import Held, period_of, used_up
from tailorbird.offers.redeeming.settling import OTHER_BODY, Entry, Free, Keep, Line, Pool, Settled, redeeming

__all__ = ["Ledger"]

LINES = 500
"""Lines of an entry at most."""
TRIES = 3
FOLDED_AT_ONCE = 100
"""Entries of a long journal folded before others have their turn."""

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
    ) -> None:
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
        self._waiting: list[tuple[Line, asyncio.Future[Any]]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._asked = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._look_now_and_then(), name="offers-ledger"),
            asyncio.create_task(self._write(), name="offers-ledger-write"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(*self._tasks)

    async def redeem(self, query: RedeemQuery) -> Redemption:
        """Whether it counts. Raises Fault(404) without such an offer, Fault(422) for a key that came with another
        body, Fault(503) when the ledger is needed and away.
        """
        offer = self._offers().get(query.offer_id)
        if offer is None:
            raise Fault(404, f"There is no offer {query.offer_id}.")
        closed = _closed(offer, self._now())
        if closed:
            return Redemption(counted=False, sentence=closed)
        try:
            answer: Redemption = await self.ask(redeeming(query, offer))
        except Fault as fault:
            if fault.code == 503 and offer.limit is None and not offer.unique_codes:
                return Redemption(counted=True, sentence="This offer has no limit.", code=offer.code)
            raise
        if answer is OTHER_BODY:
            raise Fault(422, "This key was sent before with another body: a new redemption needs a new key.")
        return answer

    async def add_codes(self, query: CodesQuery) -> Codes:
        """How many of the codes were new. Raises Fault(404), Fault(422) where the offer has no pool."""
        offer = self._offers().get(query.offer_id)
        if offer is None:
            raise Fault(404, f"There is no offer {query.offer_id}.")
        if not offer.unique_codes:
            raise Fault(422, f"The offer {query.offer_id} has no pool: its document must say `unique_codes = true`.")
        added: int = await self.ask(Pool(query.offer_id, query.codes))
        return Codes(added=added, left=len(self.settled.tally(query.offer_id).codes))

    async def keep(self, line: Keep) -> Held | None:
        """What is held for the customer now, None when a limit is reached. Raises Fault(503)."""
        held: Held | None = await self.ask(line)
        return held

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
                for _, answered in lines:
                    if not answered.done():
                        answered.set_exception(Fault(503, f"The ledger cannot be reached now: {fault.sentence}"))

    async def _settle(self, lines: list[tuple[Line, asyncio.Future[Any]]]) -> None:
        """One entry of all these lines, written, and every line answered."""
        entry = Entry(self._now(), tuple(line for line, _ in lines))
        encoded = msgspec.json.encode(entry)
        sequence = await self._append(encoded, uuid.uuid4().hex)
        async with self._turn:
            if sequence > self._read + 1:
                await self._catch_up(sequence - 1)
            answers = self._take(sequence, entry)
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
            for place, noted in enumerate(await journal.read(self._read)):
                if noted.sequence > self._read and (not upto or noted.sequence <= upto):
                    self._take(noted.sequence, _entry.decode(noted.value))
                if place % FOLDED_AT_ONCE == FOLDED_AT_ONCE - 1:
                    await asyncio.sleep(0)
            if self._read >= upto:
                return
            # A copy of the journal that has not heard of the last entries yet.
            await asyncio.sleep(0.005)

    def _take(self, sequence: int, entry: Entry) -> list[Any]:
        answers = self.settled.take(entry)
        self._read = sequence
        self._note_used_up({line.offer_id for line in entry.lines})
        return answers

    def _note_used_up(self, identities: set[str]) -> None:
        offers = self._offers()
        spent = {name for name in identities if (offer := offers.get(name)) and self._is_used_up(name, offer)}
        after = (self.used_up - identities) | spent
        if after != self.used_up:
            self.used_up = after
            self._used_up_changed(after)

    def _is_used_up(self, identity: str, offer: Offer) -> bool:
        period = period_of(self._now(), offer.limit.period, offer.zone) if offer.limit else ""
        return used_up(offer.limit, self.settled.tally(identity), period, offer.unique_codes)

    async def _journal(self) -> Journal:
        """Opened when first needed, by one of those who need it."""
        if self._opened is None:
            self._opened = await self._bus.journal("offers")
        return self._opened

    async def _look_now_and_then(self) -> None:
        while True:
            offers = self._offers()
            limited = {name for name, offer in offers.items() if offer.limit is not None or offer.unique_codes}
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
            if ended := self.settled.ended(self._now()):
                # Time passes with entries alone, so that all processes see it pass alike.
                self.free_later(ended, "")
            self._note_used_up(limited | self.used_up)
            await asyncio.sleep(self._every)


def _closed(offer: Offer, now: float) -> str:
    if not offer.active:
        return "It is switched off."
    starts, ends = window(offer)
    if now < starts:
        return "It can't be redeemed yet."
    return "It can't be redeemed any more: it has ended." if now >= ends else ""


def _looked_at(answered: asyncio.Future[Any]) -> None:
    """An exception nobody waits for is looked at, so that the loop does not complain of it."""
    if not answered.cancelled():
        answered.exception()
