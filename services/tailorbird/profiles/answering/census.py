"""Finds, now and then, what all customers together say: after an import at once, else by looking through the profiles.

The outcome rests in the bucket `profile_facts`, so that every instance has the same.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import msgspec
import structlog

from tailorbird.bus import Bucket
from tailorbird.bus.ending import ended
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.answering.describing import Knowledge
from tailorbird.profiles.keeping.keyring import Keyring
from tailorbird.profiles.keeping.store import ProfileStore
from tailorbird.profiles.traits.attributes import totals_of
from tailorbird.profiles.traits.population import OrderTotals, Population, measured

__all__ = ["Census"]

KEY = "population"
LOOKED_AT = 20_000
"""Profiles that are read at most; of more customers this is a sample."""
READ_AT_ONCE = 20
BREATH = 0.02
"""Seconds between two readings, so that questions hardly notice."""
HOUR = 3_600.0

log = structlog.get_logger(__name__)


class Census:
    """While entered, `knowledge.population` is up to date, whichever instance found it."""

    def __init__(
        self, keyring: Keyring, store: ProfileStore, knowledge: Knowledge, facts: Bucket, every_hours: float
    ) -> None:
        self._keyring = keyring
        self._store = store
        self._knowledge = knowledge
        self._facts = facts
        self._every = every_hours * HOUR
        self._tasks: list[asyncio.Task[None]] = []

    async def take(self, totals: Sequence[OrderTotals]) -> None:
        """Finds it from these customers and tells everybody."""
        at = time.time()
        population = await asyncio.to_thread(_found, totals, at)
        self._knowledge.learn_population(population)
        await self._facts.put(KEY, msgspec.json.encode(population))
        log.info("population_measured", customers=len(totals), model=population.model is not None)

    async def look(self) -> None:
        """The same from the profiles as they are now."""
        persons = await self._keyring.some(LOOKED_AT)
        totals: list[OrderTotals] = []
        for start in range(0, len(persons), READ_AT_ONCE):
            opened = await self._store.load(persons[start : start + READ_AT_ONCE], keep=False)
            totals += [totals_of(one.stored) for one in opened.values() if one.stored.orders]
            await asyncio.sleep(BREATH)
        if totals:
            await self.take(totals)

    async def __aenter__(self) -> Self:
        entry = await self._facts.get(KEY)
        self._learn(entry.value if entry else None)
        self._tasks = [
            asyncio.create_task(self._watch(entry.revision if entry else 0), name="population-watch"),
            asyncio.create_task(self._look_again(), name="population-look"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(*self._tasks)

    async def _watch(self, after: int) -> None:
        async for changed in self._facts.watch(after):
            if changed.key == KEY:
                self._learn(changed.value)

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.look()
            except Fault as fault:
                log.info("population_not_measured", reason=fault.sentence)

    def _learn(self, value: bytes | None) -> None:
        if value:
            try:
                self._knowledge.learn_population(msgspec.json.decode(value, type=Population))
            except msgspec.MsgspecError as error:
                log.warning("population_unreadable", reason=str(error))


def _found(totals: Sequence[OrderTotals], at: float) -> Population:
    from tailorbird.profiles.traits.fitting import fitted  # scipy is imported by who fits, not by every start.

    return measured([one for one in totals if one.orders], at, fitted(totals, at))
