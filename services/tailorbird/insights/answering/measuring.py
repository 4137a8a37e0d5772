"""Arrivals and facts together: what came is taken in, and reports are computed from all of it up to this second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import duckdb
import structlog

from tailorbird.contracts.identity import PersonErased, PersonsGone
from tailorbird.contracts.profiles import EventBatch, Purchased, RefusedEvent
from tailorbird.contracts.reports import Traffic
from tailorbird.contracts.wire import Fault
from tailorbird.insights.arriving.decisionstore import DecisionStore
from tailorbird.insights.arriving.knownby import KnownBy
from tailorbird.insights.arriving.outcomes import encoded, link_of, outcomes_of, refused, who
from tailorbird.insights.arriving.outcomestore import OutcomeStore
from tailorbird.insights.facts.facts import Facts

__all__ = ["Measuring"]

log = structlog.get_logger(__name__)

OUTCOMES_TOGETHER = 20_000
"""So many outcomes are written at once; also what memory holds of them."""
YOUNG_AT_MOST = 5_000
"""More than so many are written before a report rather than read anew for each."""
STANDS = 1.0
"""Seconds for which what is not in Parquet yet is not looked through again: a page of reports asks for several."""

FILES_TOGETHER = 20
"""Files of decisions that are taken into the facts at once while nobody asks."""
ASKED_LATELY = 600.0
"""Seconds after a report during which facts are kept up with every file, so that the next report is quick."""

Found = TypeVar("Found")


class Measuring:
    """Everything that is measured. Reports run one after the other, in a thread."""

    def __init__(self, decisions: DecisionStore, outcomes: OutcomeStore, known: KnownBy, facts: Facts) -> None:
        self._decisions = decisions
        self._outcomes = outcomes
        self._known = known
        self._facts = facts
        self._alone = asyncio.Lock()
        self._stood_at = 0.0
        self._stood = (-1, -1)
        self._written = 0
        self._asked_at = float("-inf")

    @property
    def twice(self) -> int:
        """Outcomes that were handed over more than once since the start."""
        return self._outcomes.twice

    async def take_events(self, batches: Sequence[EventBatch]) -> None:
        """For the consumer of the stream of events."""
        key = self._known.key
        found = [one for batch in batches for event in batch.events for one in outcomes_of(event, key)]
        if found:
            await self._outcomes.keep([encoded(one) for one in found])
        if self._outcomes.young_count - self._outcomes.waiting >= OUTCOMES_TOGETHER:
            await self._outcomes.flush()

    async def take_orders(self, batches: Sequence[Purchased]) -> None:
        """For the consumer of orders whose person profiles have found."""
        await self._outcomes.keep([encoded(link_of(one)) for one in batches if one.person])

    async def take_refused(self, events: Sequence[RefusedEvent]) -> None:
        """For the consumer of events that could not be understood."""
        await self._outcomes.keep([encoded(refused(one)) for one in events])

    async def forget(self, message: PersonErased) -> None:
        """Nothing leads to these persons any more; what they did stays counted, of nobody."""
        ids = [one.partition(":") for one in message.ids]
        digests = [who(kind, name, self._known.key) for kind, _, name in ids]
        await asyncio.to_thread(self._known.forget, message.persons, digests)

    async def forget_gone(self, messages: Sequence[PersonsGone]) -> None:
        """The same again, for erasures that nobody here heard of, as no process of insights ran."""
        persons = [person for message in messages for person in message.persons]
        await asyncio.to_thread(self._known.forget, persons, ())

    async def flush(self) -> None:
        """Moves everything into Parquet; into the facts when somebody asks for them, or much has come together: the
        more at once, the less each costs.
        """
        self._written += bool(await self._decisions.flush())
        await self._outcomes.flush()
        if self._written < FILES_TOGETHER and time.monotonic() - self._asked_at > ASKED_LATELY:
            return
        async with self._alone:
            await asyncio.to_thread(self._facts.take_in, self._decisions.files(), self._outcomes.files(), time.time())
            self._written = 0
            # What stands as not written yet is in the facts now: it must not be counted beside them.
            self._stood, self._stood_at = (-1, -1), float("-inf")

    async def ask(self, compute: Callable[[Facts], Found], traffic: Traffic) -> Found:
        """What `compute` finds in the facts of this second, of that traffic.

        Raises Fault(422) for a report that needs too much.
        """
        self._asked_at = time.monotonic()
        if self._decisions.young_count + self._outcomes.young_count > YOUNG_AT_MOST:
            await self.flush()
        async with self._alone:
            await self._refresh()

            def computed() -> Found:
                with self._facts.of(traffic):
                    return compute(self._facts)

            try:
                return await asyncio.to_thread(computed)
            except duckdb.OutOfMemoryException as error:
                raise Fault(422, "This report needs more memory than it may use; ask for fewer days.") from error

    async def _refresh(self) -> None:
        young = (self._decisions.young_count, self._outcomes.young_count)
        if young == self._stood or time.monotonic() - self._stood_at < STANDS:
            return
        async with self._decisions.settled() as decisions, self._outcomes.settled() as outcomes:
            now = time.time()

            def stand() -> None:
                self._facts.take_in(self._decisions.files(), self._outcomes.files(), now)
                self._facts.stand_young(self._decisions.tables(decisions), self._outcomes.tables(outcomes), now)

            await asyncio.to_thread(stand)
            self._stood = (len(decisions), len(outcomes))
            self._written = 0
            self._stood_at = time.monotonic()
