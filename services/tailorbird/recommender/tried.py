"""Models that experiments try beside the one that serves: made ready when first asked for, the latest kept."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import msgspec
import structlog
from msgspec import Struct

from tailorbird.bus.ending import ended
from tailorbird.contracts.wire import Fault
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.shelves.ranking import Ranker
from tailorbird.recommender.vectors.index import Index

__all__ = ["MOST_TRIED", "Ready", "TriedModels"]

log = structlog.get_logger(__name__)

MOST_TRIED = 3
"""Models beside the one that serves: each takes as much memory as that."""
AGAIN_AFTER = 60.0
"""Seconds until a model that could not be had is looked for once more."""


class Ready(Struct, frozen=True):
    """A model that has been read and tried."""

    model: Model
    index: Index
    ranker: Ranker


class TriedModels:
    """The models asked for last. `make`: reads, checks and tries one; raises Fault."""

    def __init__(self, make: Callable[[str], Awaitable[Ready]]) -> None:
        self._make = make
        self._ready: OrderedDict[str, Ready] = OrderedDict()
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._missing: dict[str, float] = {}
        self._made_from = 0
        """Counts changes of what they are made from."""

    @property
    def versions(self) -> tuple[str, ...]:
        """Those that are ready."""
        return tuple(self._ready)

    def ranker(self, version: str) -> Ranker | None:
        """What ranks with this version; None while there is none: it is made ready aside, and the one that serves
        answers meanwhile.
        """
        ready = self._ready.get(version)
        if ready is not None:
            self._ready.move_to_end(version)
            return ready.ranker
        if version not in self._loading and self._missing.get(version, 0.0) <= time.monotonic():
            self._loading[version] = asyncio.create_task(self._load(version), name=f"model-try-{version}")
        return None

    def forget_customers(self) -> None:
        """Drops what is held of customers."""
        for ready in self._ready.values():
            ready.ranker.forget()

    def drop(self) -> None:
        """What they were made from has changed: they are made ready anew when they are next asked for."""
        self._made_from += 1
        self._ready.clear()
        self._missing.clear()

    async def close(self) -> None:
        """Ends what is still being made ready."""
        for task in tuple(self._loading.values()):
            await ended(task)

    async def _load(self, version: str) -> None:
        made_from = self._made_from
        try:
            ready = await self._make(version)
        except (Fault, msgspec.MsgspecError, OSError) as error:
            log.error("model_to_try_refused", version=version, reason=str(error))
            self._missing[version] = time.monotonic() + AGAIN_AFTER
        else:
            if made_from == self._made_from:
                self._ready[version] = ready
                log.info("model_tried", version=version)
            while len(self._ready) > MOST_TRIED:
                self._ready.popitem(last=False)
        finally:
            del self._loading[version]
