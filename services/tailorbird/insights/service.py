"""Insights on a bus: takes every decision off the stream, answers what was decided and how often."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated

import duckdb
import structlog
from msgspec import Meta, Struct

from tailorbird.bus import AnsweringBus, call
from tailorbird.bus.ending import ended
from tailorbird.contracts.identity import PERSON_ERASED, PERSONS_GONE
from tailorbird.contracts.insights import (
    DECISION_PAGE,
    DECISION_TOTALS,
    DECISIONS_OF,
    TRACE,
    Decision,
    DecisionTotals,
    DecisionTotalsQuery,
    EncodedDecisions,
    TraceQuery,
)
from tailorbird.contracts.profiles import COLLECTED, PURCHASED, REFUSED
from tailorbird.contracts.reports import REPORTED
from tailorbird.contracts.wire import Fault
from tailorbird.host.folderlock import alone
from tailorbird.host.service import Service
from tailorbird.insights.answering.measuring import Measuring
from tailorbird.insights.answering.pages import DecisionPages
from tailorbird.insights.answering.persons import PersonDecisions
from tailorbird.insights.answering.reporting import Reporting
from tailorbird.insights.arriving.decisions import ARRIVED, born, day_of, decode, summed
from tailorbird.insights.arriving.decisionstore import DecisionStore
from tailorbird.insights.arriving.knownby import KnownBy
from tailorbird.insights.arriving.outcomestore import OutcomeStore
from tailorbird.insights.facts.crediting import read_windows
from tailorbird.insights.facts.facts import Facts
from tailorbird.insights.facts.sharing import CreditRules

__all__ = ["SERVICE", "Settings", "open_insights"]

log = structlog.get_logger(__name__)

STILL_COMING = 10.0
"""Seconds after its birth during which a decision that is not there yet may still be on its way."""


LINGER = 0.1
"""Seconds between two writes to the journal while decisions come."""


class Settings(Struct, frozen=True, kw_only=True):
    home: Path = Path(".tailorbird")
    flush_seconds: Annotated[float, Meta(gt=0, le=3_600)] = 120.0
    """A decision stands in Parquet at the latest so long after it came; it is durable from the first moment."""
    flush_decisions: Annotated[int, Meta(ge=1)] = 10_000
    """So many decisions are written at once; also what memory holds of them."""
    flush_megabytes: Annotated[int, Meta(ge=1)] = 48
    """The same by size."""
    window_days: Annotated[float, Meta(gt=0, le=60)] = 7.0
    """So long after a customer touched a decision an order is credited to it."""
    windows: str = ""
    """Other days for some: `email/weekly=3 page/home=1 pizza=14`, by page, e-mail or offer."""
    margin_rate: Annotated[float, Meta(ge=0, le=1)] = 0.25
    """Part of what an order costs that is margin, for orders that do not say theirs."""


@contextlib.asynccontextmanager
async def open_insights(bus: AnsweringBus, settings: Settings) -> AsyncIterator[None]:
    """Consumes decisions and answers TRACE and DECISION_TOTALS until left."""
    folder = settings.home / "insights"
    taken = f"Another insights process keeps its decisions in {folder}; give this one its own TAILORBIRD_INSIGHTS_HOME."
    with alone(folder / "lock", taken):
        store = DecisionStore(folder)
        known = KnownBy(folder)
        outcomes = OutcomeStore(folder, store, known)
        recovered = await asyncio.to_thread(store.recover) + await asyncio.to_thread(outcomes.recover)
        if recovered:
            log.info("decisions_recovered", decisions=recovered)
        windows = CreditRules(read_windows(settings.windows), settings.window_days, settings.margin_rate)
        facts = await asyncio.to_thread(Facts, folder / "facts.duckdb", windows)
        measuring = Measuring(store, outcomes, known, facts)
        arrivals = _Arrivals(store, measuring, settings)
        await bus.answerer.answer(TRACE, arrivals.trace)
        await bus.answerer.answer(DECISION_TOTALS, arrivals.totals)
        await bus.answerer.answer(DECISION_PAGE, DecisionPages(store).answer)
        await bus.answerer.answer(DECISIONS_OF, PersonDecisions(store).answer)
        await Reporting(measuring, time.time).answer(bus.answerer)
        await bus.listener.hear(PERSON_ERASED, measuring.forget)
        await bus.listener.consume(PERSONS_GONE, "insights", measuring.forget_gone)
        flushing = asyncio.create_task(arrivals.flush_now_and_then(), name="insights-flush")
        await bus.listener.consume(ARRIVED, "insights", arrivals.take, batch=200)
        await bus.listener.consume(COLLECTED, "insights", measuring.take_events)
        await bus.listener.consume(REPORTED, "insights", measuring.take_events)
        await bus.listener.consume(REFUSED, "insights", measuring.take_refused)
        await bus.listener.consume(PURCHASED, "insights", measuring.take_orders)
        try:
            yield
        finally:
            await ended(flushing)
            for one in (store, outcomes, facts, known):
                one.close()


class _Arrivals:
    """The store with its clock: who waits for a decision is told when one comes."""

    def __init__(self, store: DecisionStore, measuring: Measuring, settings: Settings) -> None:
        self._store = store
        self._measuring = measuring
        self._settings = settings
        self._arrived = asyncio.Condition()
        self._full = asyncio.Event()

    async def take(self, batches: Sequence[EncodedDecisions]) -> None:
        unread = await self._store.keep([bytes(one) for batch in batches for one in batch.decisions])
        if unread:
            # Delivering them again would change nothing, so they are let go, but not silently.
            log.error("decisions_unreadable", decisions=unread)
        async with self._arrived:
            self._arrived.notify_all()
        if (
            self._store.young_count >= self._settings.flush_decisions
            or self._store.young_bytes >= self._settings.flush_megabytes * 1_000_000
        ):
            self._full.set()
        # What comes meanwhile is written together: a sync of the disk costs as much as fifty decisions.
        await asyncio.sleep(LINGER)

    async def flush_now_and_then(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), self._settings.flush_seconds)
            self._full.clear()
            try:
                await self._measuring.flush()
            except (OSError, duckdb.Error):
                # Nothing is lost: what could not be written is in the journal, and is tried again with the next file.
                log.exception("decisions_not_written")
                await asyncio.sleep(1.0)

    async def trace(self, query: TraceQuery) -> Decision:
        body = await self._store.find(query.decision_id)
        if body is None:
            body = await self._awaited(query.decision_id)
        if body is None:
            raise Fault(
                404,
                f"There is no decision '{query.decision_id}'. Previews are not stored; everything else is, within a "
                "second of being decided.",
            )
        return decode(body)

    async def _awaited(self, decision_id: str) -> bytes | None:
        """A decision so young that it may still be on its way, waited for as long as the asker waits."""
        at = born(decision_id)
        if at is None or abs(time.time() - at) > STILL_COMING:
            return None
        patience = max(0.0, call.remaining_ms(TRACE.budget_ms) / 1000.0 - 0.1)
        found: bytes | None = None

        def came() -> bool:
            nonlocal found
            young = self._store.find_young(decision_id)
            found = young.body if young else None
            return found is not None

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience), self._arrived:
                await self._arrived.wait_for(came)
        return found

    async def totals(self, query: DecisionTotalsQuery) -> DecisionTotals:
        first_day = day_of(time.time() - (query.days - 1) * 86_400.0)
        return summed(await self._store.totals(first_day))


SERVICE = Service(name="insights", settings=Settings, open=open_insights)
