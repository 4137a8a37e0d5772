"""The answers of this service: what is asked, decided with what is kept, with the clock that the core does without."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import structlog

from tailorbird.contracts.offers import Decided, DecideQuery, Explained, ExplainQuery
from tailorbird.contracts.wire import Fault
from tailorbird.host.sentonce import SentOnce
from tailorbird.offers.asked import asked
from tailorbird.offers.deciding import decide
from tailorbird.offers.explaining import explain
from tailorbird.offers.items import Items
from tailorbird.offers.offer import Action, Offer
from tailorbird.offers.offering import Offerings
from tailorbird.offers.prepared import Preparing
from tailorbird.offers.responses import Responses

__all__ = ["Decider"]

CUSTOMERS_HELD = 4_096
"""Customers whose facts are remembered, so that they need not be sent with each question: some 8 KB each."""

log = structlog.get_logger(__name__)

CALM = 0.2
"""Seconds during which changes of counts or of the whole catalogue are gathered before all is prepared anew."""


class Decider:
    """Decides with the newest documents, catalogue and counts; while entered it works changes of the latter two in."""

    def __init__(
        self,
        responses: Callable[[], Mapping[str, Responses]],
        used_up: Callable[[], frozenset[str]],
        now: Callable[[], float],
    ) -> None:
        self._responses = responses
        self._used_up = used_up
        self._now = now
        self._documents: dict[str, Offer | Action] = {}
        self._offers: Mapping[str, Offer] = {}
        self._version = ""
        self._items = Items()
        self._preparing = Preparing(self._items, {})
        self._offerings = Offerings({}, self._preparing, "")
        self._sent = SentOnce(CUSTOMERS_HELD)
        self._stale = asyncio.Event()
        self._working: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._stale.clear()
        self.prepare_anew()
        self._working = asyncio.create_task(self._work_changes_in(), name="offers-prepare")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._working is not None:
            self._working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._working

    def offers(self) -> Mapping[str, Offer]:
        """Every offer, by id."""
        return self._offers

    def documents_changed(self, offers: Mapping[str, Offer], actions: Mapping[str, Action], version: str) -> None:
        """These documents count from now on; only what changed of them is prepared."""
        self._documents = {**offers, **actions}
        self._offers = dict(offers)
        self._version = version
        self._offerings = Offerings(self._documents, self._preparing, version)

    def items_replaced(self, items: Items) -> None:
        self._items = items
        self._stale.set()

    def item_moved(self, item_id: str) -> None:
        """The item's department, category or brand changed."""
        self._offerings.forget(item_id)

    def counts_changed(self) -> None:
        self._stale.set()

    def prepare_anew(self) -> None:
        """Takes the newest catalogue and counts, and makes what is open now ready."""
        self._preparing = Preparing(self._items, self._responses())
        self._offerings = Offerings(self._documents, self._preparing, self._version)
        self._offerings.at(self._now())

    async def decide(self, queries: Sequence[DecideQuery]) -> list[Decided | Fault]:
        """One outcome for each question."""
        now = self._now()
        return [self._decided(query, now) for query in queries]

    async def explain(self, query: ExplainQuery) -> Explained:
        question = asked(query.query, self._now())
        candidates = await asyncio.to_thread(explain, self._offerings, question, self._used_up())
        return Explained(candidates=tuple(candidates), rules=self._version)

    def _decided(self, query: DecideQuery, now: float) -> Decided | Fault:
        try:
            question = asked(query, now, self._sent.facts(query.customer, query.facts_name))
        except Fault as fault:
            return fault
        return decide(self._offerings.at(question.at), question, self._version, self._used_up())

    async def _work_changes_in(self) -> None:
        while True:
            await self._stale.wait()
            await asyncio.sleep(CALM)
            self._stale.clear()
            self.prepare_anew()
            log.info("offers_prepared", documents=len(self._documents), items=len(self._items))
