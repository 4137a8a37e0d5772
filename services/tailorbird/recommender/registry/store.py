"""The registry of models: artifacts in the object store, what is known of each in a bucket, and what was promoted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from tailorbird.bus import AnsweringBus
from tailorbird.contracts.wire import Fault
from tailorbird.recommender.evaluating.evaluate import interval
from tailorbird.recommender.registry.artifact import ACTIVE, MODELS, REGISTERED, Active, read_artifact
from tailorbird.recommender.registry.promoting import (
    Difference,
    Promotion,
    Registered,
    last_promoted,
    objection,
    previous,
)

__all__ = ["Registry", "code_version", "data_fingerprint", "difference_of"]

PROMOTIONS = "put-in-use"
KEPT = 20
"""Models whose artifact is kept beside those that served lately; the record of each stays."""


class Registry:
    """Every model that was trained, on a bus."""

    def __init__(self, bus: AnsweringBus) -> None:
        self._bus = bus

    async def register(self, path: Path, record: Registered) -> None:
        """The artifact and its record are kept; nothing serves yet. Raises Fault(422) when it cannot be read."""
        read_artifact(path)
        objects = await self._bus.objects(MODELS)
        await objects.put(record.object, path, {"version": record.version})
        bucket = await self._bus.bucket(MODELS)
        await bucket.put(REGISTERED + record.version, msgspec.json.encode(record))
        await self._forget()

    async def models(self) -> list[Registered]:
        """Every record, the latest first."""
        bucket = await self._bus.bucket(MODELS)
        found = [
            msgspec.json.decode(entry.value, type=Registered)
            for key, entry in (await bucket.entries()).items()
            if key.startswith(REGISTERED) and entry.value
        ]
        return sorted(found, key=lambda record: (-record.trained_at, record.version))

    async def promotions(self) -> list[Promotion]:
        """What was put to work, in order."""
        return (await self._promotions())[0]

    async def record(self, version: str) -> Registered:
        """Of a version, or of the only one that begins so. Raises Fault(404) when there is none or more than one."""
        found = [record for record in await self.models() if record.version.startswith(version)]
        if len(found) != 1:
            many = ", ".join(record.version for record in found)
            raise Fault(404, f"'{version}' names {'several models: ' + many if many else 'no model of the registry'}.")
        return found[0]

    async def promote(self, version: str, at: float, forced: str = "") -> Promotion:
        """The model serves from now on. Raises Fault(409) with the reason when it may be worse and nobody forced it."""
        record = await self.record(version)
        promotions = await self.promotions()
        rivals = last_promoted(promotions)
        against = dict(record.against)
        for rival in await self.models():
            if rival.version in rivals and rival.validation == record.validation and record.validation:
                against.setdefault(rival.version, difference_of(record.values, rival.values))
        why_not = objection(record, rivals, against)
        if why_not and not forced.strip():
            raise Fault(409, f"{why_not} Force it with a reason, which is kept.")
        return await self._put_to_work(record, Promotion(record.version, at, forced.strip() if why_not else ""))

    async def roll_back(self, at: float) -> Promotion:
        """The model that served before serves again. Raises Fault(409) when there was none."""
        before = previous(await self.promotions())
        if before is None:
            raise Fault(409, "No other model has served before: there is nothing to roll back to.")
        return await self._put_to_work(await self.record(before), Promotion(before, at, rolled_back=True))

    async def active(self) -> str | None:
        """The version in use."""
        bucket = await self._bus.bucket(MODELS)
        entry = await bucket.get(ACTIVE)
        return msgspec.json.decode(entry.value, type=Active).version if entry and entry.value else None

    async def _put_to_work(self, record: Registered, promotion: Promotion) -> Promotion:
        objects = await self._bus.objects(MODELS)
        if await objects.info(record.object) is None:
            raise Fault(404, f"The artifact of model {record.version} is no longer kept.")
        promotions, revision = await self._promotions()
        bucket = await self._bus.bucket(MODELS)
        # First the record of it: a promotion that stands there without having happened does no harm.
        await bucket.put(PROMOTIONS, msgspec.json.encode([*promotions, promotion]), revision)
        await bucket.put(ACTIVE, msgspec.json.encode(Active(version=record.version, object=record.object)))
        return promotion

    async def _promotions(self) -> tuple[list[Promotion], int]:
        bucket = await self._bus.bucket(MODELS)
        entry = await bucket.get(PROMOTIONS)
        if entry is None or not entry.value:
            return [], entry.revision if entry else 0
        return msgspec.json.decode(entry.value, type=list[Promotion]), entry.revision

    async def _forget(self) -> None:
        """Old artifacts that did not serve lately are deleted, so that the store does not grow for ever."""
        keep = set(last_promoted(await self.promotions(), KEPT))
        objects = await self._bus.objects(MODELS)
        stored = set(await objects.names())
        for record in (await self.models())[KEPT:]:
            if record.version not in keep and record.object in stored:
                await objects.delete(record.object)


def difference_of(ours: Sequence[float], theirs: Sequence[float]) -> Difference:
    """Ours minus theirs, for the same customers in the same order."""
    mine, others = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    low, high = interval(mine - others)
    return Difference(float((mine - others).mean()), low, high, float(others.mean()))


def data_fingerprint(interactions: pd.DataFrame) -> str:
    """Sixteen hex digits: the same for the same rows in any order."""
    columns: Any = interactions[[name for name in ("person", "item_id", "at", "quantity") if name in interactions]]
    rows = pd.util.hash_pandas_object(columns, index=False).to_numpy(np.uint64)
    total = int(rows.sum(dtype=np.uint64)) ^ int(np.bitwise_xor.reduce(rows)) if len(rows) else 0
    return f"{total:016x}"


@cache
def code_version() -> str:
    """The distribution's version and twelve hex digits of the code that trains and ranks."""
    folder = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    try:
        release = metadata.version("tailorbird")
    except metadata.PackageNotFoundError:
        release = "unreleased"
    return f"{release}+{digest.hexdigest()[:12]}"
