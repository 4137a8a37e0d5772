"""Answers which models there are and how they did, and puts another one to work, for whoever looks at them in pages."""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tailorbird.bus import AnsweringBus
from tailorbird.contracts.recommender import (
    Estimated,
    ModelPromoted,
    Models,
    ModelServed,
    ModelsQuery,
    ModelTold,
    PromoteQuery,
)
from tailorbird.recommender.registry.promoting import Promotion, Registered

if TYPE_CHECKING:
    from tailorbird.recommender.registry.store import Registry

__all__ = ["ModelAnswers"]


class ModelAnswers:
    """The registry, asked over the bus. What it needs is imported when somebody asks: a server need not hold it."""

    def __init__(self, bus: AnsweringBus) -> None:
        self._bus = bus

    async def models(self, _: ModelsQuery) -> Models:
        """Every model, the latest first."""
        registry = await self._registry()
        records, promotions, active = await registry.models(), await registry.promotions(), await registry.active()
        return Models(models=await asyncio.to_thread(_told, records, promotions, active))

    async def promote(self, query: PromoteQuery) -> ModelPromoted:
        """The model serves from now on. Raises Fault(409) with the reason when it may not."""
        registry = await self._registry()
        if not query.version:
            return ModelPromoted(version=(await registry.roll_back(time.time())).version)
        return ModelPromoted(version=(await registry.promote(query.version, time.time(), query.forced)).version)

    async def _registry(self) -> Registry:
        # Half a second of importing pandas, beside the loop and only here.
        module = await asyncio.to_thread(importlib.import_module, "tailorbird.recommender.registry.store")
        made: Registry = module.Registry(self._bus)
        return made


def _told(records: Sequence[Registered], promotions: Sequence[Promotion], active: str | None) -> tuple[ModelTold, ...]:
    import numpy as np

    from tailorbird.recommender.evaluating.evaluate import interval

    told: list[ModelTold] = []
    for record in records:
        value = None
        if record.values:
            values = np.asarray(record.values, np.float64)
            low, high = interval(values)
            value = Estimated(mean=float(values.mean()), low=low, high=high)
        told.append(
            ModelTold(
                version=record.version,
                trained_at=record.trained_at,
                until=record.until,
                interactions=record.interactions,
                items=record.items,
                code=record.code,
                serves=record.version == active,
                metric=record.metric,
                validation=record.validation,
                value=value,
                metrics=record.metrics,
                against={
                    name: Estimated(mean=one.mean, low=one.low, high=one.high) for name, one in record.against.items()
                },
                served=tuple(
                    ModelServed(at=one.at, forced=one.forced, rolled_back=one.rolled_back)
                    for one in promotions
                    if one.version == record.version
                ),
            )
        )
    return tuple(told)
