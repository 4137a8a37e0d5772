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

from tailorbird.bus import AnsweringBus
from tailorbird.bus.ending import ended
from tailorbird.contracts.offers import Budgets, BudgetsQuery, Codes, CodesQuery, RedeemQuery, Redemption
from tailorbird.contracts.wire import Fault
from tailorbird.offers.documents.offer import Offer
from tailorbird.offers.redeeming.budgets import budgets_of, closed, is_used_up
from tailorbird.offers.redeeming.limits import Held
from tailorbird.offers.redeeming.lines import Entry, Free, Keep, Line, Pool, digest, redeeming, refusing
from tailorbird.offers.redeeming.reading import Reading
from tailorbird.offers.redeeming.settling import OTHER_BODY, Settled

__all__ = ["Ledger"]

LINES = 500
"""Lines of an entry at most."""
TRIES = 3

log = structlog.get_logger(__name__)


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
        self._offers = offers
        self._every = every
        self._now = now
        self._reachable = True
        self._journal = Reading(bus, self._note_used_up, every, statement_every)
        self._waiting: list[tuple[Line, asyncio.Future[Any]]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._asked = asyncio.Event()

    @property
    def settled(self) -> Settled:
        """The journal, as far as this process has read it."""
        return self._journal.settled

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._look_now_and_then(), name="offers-ledger"),
            asyncio.create_task(self._write(), name="offers-ledger-write"),
            asyncio.create_task(self._journal.state_now_and_then(), name="offers-ledger-state"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(*self._tasks, self._journal.first)

    async def redeem(self, query: RedeemQuery) -> Redemption:
        """Whether it counts. A key that was answered is answered alike, also when the offer is over or gone by now.

        Raises Fault(404) without such an offer, Fault(422) for a key that came with another body, Fault(503) when the
        ledger is needed and away, and while it is still being read: nothing was counted then.
        """
        await self._journal.patient()
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
        await self._journal.catch_up()
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
        await self._journal.patient()
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
        answers = await self._journal.take_own(sequence, entry, encoded)
        for (_, answered), answer in zip(lines, answers, strict=True):
            if not answered.done():
                answered.set_result(answer)

    async def _append(self, encoded: bytes, message_id: str) -> int:
        journal = await self._journal.opened()
        for _ in range(TRIES - 1):
            with contextlib.suppress(Fault):
                return await journal.append(encoded, message_id)
        return await journal.append(encoded, message_id)

    def _note_used_up(self, identities: set[str]) -> None:
        offers, settled, now = self._offers(), self.settled, self._now()
        spent = {one for one in identities if (offer := offers.get(one)) and is_used_up(one, offer, settled, now)}
        after = (self.used_up - identities) | spent
        if after != self.used_up:
            self.used_up = after
            self._used_up_changed(after)

    async def _look_now_and_then(self) -> None:
        while True:
            limited = _limited(self._offers())
            try:
                if limited or self._journal.is_open:
                    await self._journal.catch_up()
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


def _looked_at(answered: asyncio.Future[Any]) -> None:
    """An exception nobody waits for is looked at, so that the loop does not complain of it."""
    if not answered.cancelled():
        answered.exception()
