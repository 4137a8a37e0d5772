"""Nothing is kept for longer than its kind may be: looked through now and then, a few profiles at a time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import structlog
from msgspec import Struct

from tailorbird.bus.ending import ended
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.collecting.consuming import EventConsumer
from tailorbird.profiles.keeping.keyring import Keyring, Person
from tailorbird.profiles.keeping.store import OpenProfile, ProfileStore
from tailorbird.profiles.person.ageing import Limits, aged, is_over

__all__ = ["Retention", "Swept"]

READ_AT_ONCE = 50
SOON = 1_800.0
BREATH = 0.05
"""Seconds between two readings, so that questions hardly notice."""

log = structlog.get_logger(__name__)


class Swept(Struct, frozen=True):
    """What a sweep did away with."""

    persons: int = 0
    """Of whom nothing was heard for too long."""
    thinned: int = 0
    """Profiles that are without something old now."""
    rows: int = 0
    """Of purchases and responses, in the snapshots."""


class Retention:
    """Sweeps by the limits that the operator set."""

    def __init__(
        self,
        keyring: Keyring,
        store: ProfileStore,
        consumer: EventConsumer,
        limits: Limits,
        *,
        erase: Callable[[Sequence[str]], Awaitable[None]],
        erase_rows_before: Callable[[float], Awaitable[int]],
    ) -> None:
        """`erase`: erases these persons wherever they rest. `erase_rows_before`: of snapshots; how many those were."""
        self._keyring = keyring
        self._store = store
        self._consumer = consumer
        self._limits = limits
        self._erase = erase
        self._erase_rows_before = erase_rows_before

    async def sweep(self, at: float) -> Swept:
        """Does away with what is too old at that moment."""
        gone: list[str] = []
        thinned, after = 0, ""
        while persons := await self._keyring.after(after, READ_AT_ONCE):
            after = persons[-1].pseudonym
            over, changed = await self._look(persons, at)
            gone += over
            thinned += changed
            await asyncio.sleep(BREATH)
        if gone:
            await self._erase(gone)
        rows = 0
        if self._limits.purchases:
            rows = await self._erase_rows_before(at - self._limits.purchases * 86_400.0)
        swept = Swept(persons=len(gone), thinned=thinned, rows=rows)
        log.info("retention_swept", persons=swept.persons, thinned=swept.thinned, rows=swept.rows)
        return swept

    @contextlib.asynccontextmanager
    async def every(self, seconds: float) -> AsyncIterator[None]:
        """While entered, sweeps so often, and soon after the start; never when nothing is limited."""

        async def sweep() -> None:
            # A process that is started anew each day has to sweep, too.
            pause = min(seconds, SOON)
            while True:
                await asyncio.sleep(pause)
                pause = seconds
                try:
                    await self.sweep(time.time())
                except Fault as fault:
                    log.warning("retention_not_swept", reason=fault.sentence)
                except Exception:
                    log.exception("retention_not_swept")

        sweeping = asyncio.create_task(sweep(), name="retention") if self._limits != Limits() else None
        try:
            yield
        finally:
            await ended(sweeping)

    async def _look(self, persons: Sequence[Person], at: float) -> tuple[list[str], int]:
        """(persons of whom all goes, how many lost something old)."""
        opened = await self._store.load(persons, keep=False)
        stored = [one for one in opened.values() if one.revision and not one.stored.merged_into]
        over = [one.person.pseudonym for one in stored if is_over(one.stored, at, self._limits)]
        saved: list[OpenProfile] = []
        for one in stored:
            after = aged(one.stored, at, self._limits)
            if one.person.pseudonym in over or after is one.stored:
                continue
            with contextlib.suppress(Fault):  # Somebody was faster: the next sweep finds it.
                saved.append(await self._store.save(one, after, keep=False))
        await self._consumer.changed(saved)
        return over, len(saved)
