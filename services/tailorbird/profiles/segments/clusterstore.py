"""The clusters in use: an artifact in the object bucket `snapshots`, named by the key `clusters` of `profile_facts`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import msgspec
import structlog
from msgspec import Struct

from tailorbird.bus import AnsweringBus, Bucket, Objects
from tailorbird.bus.ending import ended
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.answering.describing import Knowledge
from tailorbird.profiles.traits.clusters import FEATURES, Clusters

__all__ = ["FACTS", "ClusterStore", "publish"]

FACTS = "profile_facts"
KEY = "clusters"

log = structlog.get_logger(__name__)


class Active(Struct, frozen=True):
    """Value of the key."""

    version: str
    object: str


async def publish(bus: AnsweringBus, clusters: Clusters, workspace: Path) -> None:
    """Stores the artifact, then names it as the one in use."""
    await asyncio.to_thread(workspace.mkdir, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=workspace) as folder:
        path = Path(folder) / "clusters.json"
        await asyncio.to_thread(path.write_bytes, msgspec.json.encode(clusters))
        active = Active(clusters.version, f"clusters/{clusters.version}.json")
        await (await bus.objects("snapshots")).put(active.object, path, {"version": clusters.version})
    await (await bus.bucket(FACTS)).put(KEY, msgspec.json.encode(active))


class ClusterStore:
    """While entered, `knowledge.clusters` are those in use; a bad artifact is refused and the one before serves on."""

    def __init__(
        self,
        facts: Bucket,
        artifacts: Objects,
        knowledge: Knowledge,
        workspace: Path,
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._facts = facts
        self._artifacts = artifacts
        self._knowledge = knowledge
        self._workspace = workspace
        self._changed = changed
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        entry = await self._facts.get(KEY)
        if entry is not None and entry.value:
            await self._take(entry.value)
        self._watching = asyncio.create_task(self._watch(entry.revision if entry else 0), name="clusters-watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(self._watching)

    async def _watch(self, after: int) -> None:
        async for entry in self._facts.watch(after):
            if entry.key == KEY and entry.value and await self._take(entry.value):
                await self._changed()

    async def _take(self, value: bytes) -> bool:
        try:
            active = msgspec.json.decode(value, type=Active)
            self._workspace.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(dir=self._workspace) as folder:
                path = Path(folder) / "clusters.json"
                await self._artifacts.fetch(active.object, path)
                clusters = msgspec.json.decode(await asyncio.to_thread(path.read_bytes), type=Clusters)
        except (Fault, msgspec.MsgspecError) as error:
            log.error("clusters_refused", reason=str(error))
            return False
        width = len(FEATURES)
        if any(len(row) != width for row in (clusters.means, clusters.scales, *clusters.centres, *clusters.units)):
            log.error("clusters_refused", reason="they were learned from other features than this version has")
            return False
        self._knowledge.learn_clusters(clusters)
        log.info("clusters_in_use", version=clusters.version, customers=clusters.customers)
        return True
