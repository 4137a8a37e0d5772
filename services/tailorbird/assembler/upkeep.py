"""What goes on between calls: popular items learned again, profiles doubted after an outage of NATS."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

import structlog

from tailorbird.assembler.gathering.gatherer import Gatherer
from tailorbird.assembler.gathering.keptanswers import KeptOffers, KeptShelves
from tailorbird.assembler.gathering.profilecache import ProfileCache
from tailorbird.assembler.items.catalogue import Catalogue
from tailorbird.assembler.items.popular import Popular
from tailorbird.bus import AskingBus
from tailorbird.bus.ending import ended
from tailorbird.contracts.wire import Fault
from tailorbird.host.following import Following

__all__ = ["doubt_after_outages", "in_background", "learn_popular"]

log = structlog.get_logger(__name__)

LEARN_AGAIN = 2.0
"""Seconds until the recommender is asked again when it did not answer."""
LOOK_EVERY = 0.1
"""Seconds between looks at the connection: less than it takes to connect again."""


@contextlib.asynccontextmanager
async def in_background(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """They run for as long as this is entered."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        await ended(*tasks)


async def learn_popular(gatherer: Gatherer, catalogue: Catalogue, popular: Popular, every: float) -> None:
    """Ask again and again what many like, so that it is known when the recommender does not answer."""
    while True:
        item_ids = await gatherer.popular(200)
        if item_ids:
            popular.learn_trending(item_ids, catalogue.cards)
        await asyncio.sleep(every if item_ids else min(every, LEARN_AGAIN))


async def doubt_after_outages(
    bus: AskingBus,
    cache: ProfileCache,
    kept: Sequence[KeptShelves | KeptOffers],
    following: Following,
    clock: Callable[[], float],
) -> None:
    """What was announced while there was no connection was not heard."""
    connected = True
    while True:
        before, connected = connected, bool(getattr(bus, "is_connected", True))
        if connected and not before:
            cache.doubt(clock())
            for answers in kept:
                answers.forget()
            try:
                await following.catch_up()
            except Fault as fault:
                log.warning("catalogue_not_caught_up", reason=fault.sentence)
                connected = False  # Looked at again as if there were still no connection.
        await asyncio.sleep(LOOK_EVERY)
