"""Tells insights of redemptions: kept until the stream has them, in their order."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from types import TracebackType
from typing import Self

import structlog

from tailorbird.bus import Announcer
from tailorbird.bus.ending import ended
from tailorbird.contracts.profiles import Event, EventBatch
from tailorbird.contracts.reports import REPORTED
from tailorbird.contracts.wire import Fault

__all__ = ["Telling"]

MOST_WAITING = 20_000
RETRY_AFTER = 0.5

log = structlog.get_logger(__name__)


class Telling:
    """Takes events at once and appends them one by one, while this is entered."""

    def __init__(self, announcer: Announcer) -> None:
        self._announcer = announcer
        self._waiting: deque[Event] = deque()
        self._awake = asyncio.Event()
        self._told = asyncio.Event()
        self._told.set()
        self._task: asyncio.Task[None] | None = None

    def tell(self, event: Event) -> None:
        """Sent after the answer. A redemption is counted whether insights hear of it or not."""
        if len(self._waiting) >= MOST_WAITING:
            log.error("redemption_not_told", waiting=len(self._waiting))
            return
        self._waiting.append(event)
        self._told.clear()
        self._awake.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._send(), name="offers-tell")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Sends what is left, as far as NATS takes it within a second."""
        if self._task is None:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._told.wait(), 1.0)
        await ended(self._task)

    async def _send(self) -> None:
        while True:
            await self._awake.wait()
            self._awake.clear()
            while self._waiting:
                event = self._waiting[0]
                try:
                    await self._announcer.append(REPORTED, EventBatch(events=(event,)), event.message_id)
                    self._waiting.popleft()
                except Fault as fault:
                    log.warning("redemptions_wait", waiting=len(self._waiting), reason=fault.sentence)
                    await asyncio.sleep(RETRY_AFTER)
            self._told.set()
