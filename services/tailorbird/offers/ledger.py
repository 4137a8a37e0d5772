"""Redemptions counted exactly, on the server that syncs every write. Offers without limits never wait for it.

A redemption is added first and judged by the total that comes back; what is over the limit is taken back. Two that
race for the last one get different totals, so one of them is refused. Sent again with the same id, a redemption counts
once and gets the same answer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

import structlog

from tailorbird.bus import AnsweringBus, Counter
from tailorbird.contracts.offers import RedeemQuery, Redemption
from tailorbird.contracts.wire import Fault
from tailorbird.offers.limits import Count, counts_of, total_name, within
from tailorbird.offers.offer import Limit

__all__ = ["Ledger"]

log = structlog.get_logger(__name__)


class Ledger:
    """Counts redemptions; `used_up` is current within `every` seconds while this is entered."""

    def __init__(self, bus: AnsweringBus, limits: Callable[[], Mapping[str, Limit | None]], every: float) -> None:
        self.used_up: frozenset[str] = frozenset()
        """Offers redeemed as often as they may be, by id."""
        self._bus = bus
        self._limits = limits
        self._every = every
        self._reachable = True
        self._opening = asyncio.Lock()
        self._opened: Counter | None = None
        self._looking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._looking = asyncio.create_task(self._look_now_and_then(), name="offers-ledger")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking

    async def redeem(self, query: RedeemQuery) -> Redemption:
        """Whether it counts. Raises Fault(404) without such an offer, Fault(503) when the ledger is needed and away."""
        limits = self._limits()
        if query.offer_id not in limits:
            raise Fault(404, f"There is no offer {query.offer_id}.")
        limit = limits[query.offer_id]
        if limit is None:
            return Redemption(counted=True, sentence="This offer has no limit.")
        counter = await self._counter()
        raised: list[Count] = []
        for count in counts_of(query.offer_id, query.customer, limit):
            total = await counter.add(count.name, 1, f"{query.redemption_id}.{count.name}")
            raised.append(count)
            if not within(total, count):
                await self._take_back(counter, raised, query.redemption_id)
                return Redemption(counted=False, sentence=_refusal(count))
        return Redemption(counted=True, sentence="It counts.")

    async def _counter(self) -> Counter:
        """Opened when first needed, by one of those who need it."""
        if self._opened is None:
            async with self._opening:
                if self._opened is None:
                    self._opened = await self._bus.counter("offers")
        return self._opened

    async def _take_back(self, counter: Counter, raised: list[Count], redemption_id: str) -> None:
        for count in raised:
            await counter.add(count.name, -1, f"{redemption_id}.{count.name}.back")

    async def _look_now_and_then(self) -> None:
        while True:
            try:
                await self._look()
                self._reachable = True
            except Fault as fault:
                if self._reachable:
                    # What was used up stays so; what has no limit does not care.
                    log.warning("ledger_unreachable", reason=fault.sentence)
                self._reachable = False
            await asyncio.sleep(self._every)

    async def _look(self) -> None:
        limits = {
            identity: limit.total
            for identity, limit in self._limits().items()
            if limit is not None and limit.total is not None
        }
        if not limits:
            self.used_up = frozenset()
            return
        counter = await self._counter()
        spent = set()
        for identity, most in limits.items():
            if await counter.total(total_name(identity)) >= most:
                spent.add(identity)
        self.used_up = frozenset(spent)


def _refusal(count: Count) -> str:
    if count.whose == "customer":
        return f"This customer has redeemed it {count.most} times already, which is as often as one may."
    return f"It has been redeemed {count.most} times already, which is as often as it may be."
