"""The model in use: followed in the bucket, fetched, checked, tried, and put to work between two batches."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import structlog
from msgspec import Raw
from msgspec.structs import replace

from tailorbird.bus import Announcer, Bucket, Entry, Objects
from tailorbird.bus.ending import ended
from tailorbird.contracts.recommender import CHANGED, Recommendations, RecommenderChanged, RecommendQuery
from tailorbird.contracts.wire import Fault
from tailorbird.host.sentonce import SentOnce
from tailorbird.recommender.catalogue.columns import Columns
from tailorbird.recommender.catalogue.promotions import NO_PROMOTIONS, Promotions
from tailorbird.recommender.catalogue.promotionstore import PROMOTIONS, PromotionStore
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.registry.artifact import ACTIVE, REGISTERED, Active, read_artifact
from tailorbird.recommender.registry.trials import check_outcomes, trial_queries
from tailorbird.recommender.shelves.curating import Curations
from tailorbird.recommender.shelves.curation import Curation
from tailorbird.recommender.shelves.knowledge import Knowledge
from tailorbird.recommender.shelves.ranking import Ranker
from tailorbird.recommender.tried import Ready, TriedModels
from tailorbird.recommender.vectors.index import Index

__all__ = ["Serving"]

log = structlog.get_logger(__name__)


class Serving:
    """Ranks with the active model. A model that cannot be read or fails its trial is refused; the one before serves."""

    def __init__(
        self,
        objects: Objects,
        bucket: Bucket,
        promotion_store: PromotionStore,
        announcer: Announcer,
        columns: Columns,
        cache: Path,
        *,
        customers_kept: int,
        referrers: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._objects = objects
        self._bucket = bucket
        self._promotion_store = promotion_store
        self._announcer = announcer
        self._columns = columns
        self._cache = cache
        self._customers_kept = customers_kept
        self._referrers = referrers
        self._promotions: Promotions = NO_PROMOTIONS
        self._curations = Curations(columns)
        self._model = Model.empty()
        self._index = Index(self._model.vectors, self._model.index)
        self._following: asyncio.Task[None] | None = None
        self._sent = SentOnce(customers_kept)
        self._histories = SentOnce(customers_kept)
        self._tried = TriedModels(self._to_try)
        self._files: dict[str, Path] = {}
        """Version -> its artifact on disk."""
        self._ranker = self._made()

    def forget(self) -> None:
        """Drops what is held of customers; askers send it along again."""
        self._sent.clear()
        self._histories.clear()
        self._ranker.forget()
        self._tried.forget_customers()

    def rank(self, queries: Sequence[RecommendQuery]) -> list[Recommendations | Fault]:
        """One outcome per query; Fault(428) for one that names facts which are not held here."""
        outcomes: list[Recommendations | Fault | None] = [None] * len(queries)
        whole: list[RecommendQuery] = []
        places: list[int] = []
        for place, query in enumerate(queries):
            try:
                whole.append(self._whole(query))
                places.append(place)
            except Fault as fault:
                outcomes[place] = fault
        for place, outcome in zip(places, self._ranked(whole), strict=True):
            outcomes[place] = outcome
        return [outcome or Fault(500, "No answer was made.") for outcome in outcomes]

    def _ranked(self, queries: Sequence[RecommendQuery]) -> Sequence[Recommendations | Fault]:
        """Each query ranked by the model that it asks for; by the one that serves where that cannot be had now."""
        if not any(query.model for query in queries):
            return self._ranker.rank(queries)
        places: dict[str, list[int]] = {}
        for place, query in enumerate(queries):
            places.setdefault("" if query.model == self._model.version else query.model, []).append(place)
        outcomes: dict[int, Recommendations | Fault] = {}
        for version, of_it in places.items():
            ranker = (self._tried.ranker(version) if version else None) or self._ranker
            outcomes |= zip(of_it, ranker.rank([queries[place] for place in of_it]), strict=True)
        return [outcomes[place] for place in range(len(queries))]

    async def curate(self, documents: Mapping[str, Curation]) -> None:
        """What marketers say of items from now on."""
        self._curations.replace(documents)
        await self._announce()

    def _whole(self, query: RecommendQuery) -> RecommendQuery:
        """The query with what it only names."""
        if not query.facts_name:
            return query
        facts = Raw(self._sent.part(query.customer, query.facts_name))
        if not query.history_name:
            return replace(query, customer=facts)
        return replace(query, customer=facts, history=Raw(self._histories.part(query.history, query.history_name)))

    def grown(self) -> None:
        """The catalogue has made room for more items: tie the model to it anew, before the next batch."""
        self._tried.drop()
        self._ranker = self._made()

    async def renew(self) -> None:
        """Tie the model to the catalogue anew, as items or promotions were loaded; what serves goes on meanwhile."""
        self._tried.drop()
        self._ranker = await self._made_aside(self._model, self._index)
        await self._announce()

    async def __aenter__(self) -> Self:
        revision = await self._bucket.revision()
        self._promotions = await self._promotion_store.read(self._columns)
        entry = await self._bucket.get(ACTIVE)
        if entry is not None:
            await self._take_model(entry)
        if not self._model.version:
            await self.renew()
        self._following = asyncio.create_task(self._follow(revision), name="model-follow")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(self._following)
        await self._tried.close()

    async def _follow(self, revision: int) -> None:
        async for entry in self._bucket.watch(after=revision):
            try:
                if entry.key == ACTIVE:
                    await self._take_model(entry)
                elif entry.key == PROMOTIONS:
                    self._promotions = await self._promotion_store.read(self._columns)
                    await self.renew()
            except Exception:
                # Whatever one change brought, the next one must still be seen.
                log.exception("model_change_failed", key=entry.key)

    async def _take_model(self, entry: Entry) -> None:
        """Fetches, checks, tries and swaps in the model that the entry names, or says why not."""
        began = time.perf_counter()
        try:
            active = msgspec.json.decode(entry.value or b"", type=Active)
            if active.version == self._model.version:
                return
            ready = await self._read(active)
        except (Fault, msgspec.MsgspecError) as error:
            log.error("model_refused", reason=str(error), serving=self._model.version)
            return
        model = ready.model
        self._model, self._index, self._ranker = model, ready.index, ready.ranker
        await self._announce()
        gc.collect()
        gc.freeze()
        log.info(
            "model_active",
            version=model.version,
            items=len(model.item_ids),
            index=msgspec.to_builtins(model.index),
            seconds=round(time.perf_counter() - began, 2),
        )

    async def _read(self, active: Active) -> Ready:
        """The model, read, checked and tried. Raises Fault with what is wrong with it."""
        model = await asyncio.to_thread(read_artifact, await self._fetched(active))
        index = await asyncio.to_thread(Index, model.vectors, model.index)
        ranker = await self._made_aside(model, index)
        check_outcomes(ranker.rank(trial_queries(ranker.knowledge)))
        return Ready(model, index, ranker)

    async def _to_try(self, version: str) -> Ready:
        entry = await self._bucket.get(REGISTERED + version)
        if entry is None or not entry.value:
            raise Fault(404, f"There is no model '{version}' in the registry.")
        ready = await self._read(msgspec.json.decode(entry.value, type=Active))
        # Whose pages were answered by the one that serves, until this one was ready, are asked for anew.
        await self._announce()
        return ready

    async def _announce(self) -> None:
        """Tells who keeps our answers that they may be others from now on."""
        await self._announcer.announce(CHANGED, RecommenderChanged(model=self._model.version))

    async def _fetched(self, active: Active) -> Path:
        """The artifact on disk, where it stays under its digest for the next start."""
        info = await self._objects.info(active.object)
        if info is None:
            raise Fault(404, f"The model {active.version} is named as the active one but is not stored.")
        path = self._cache / f"{hashlib.sha256(info.digest.encode()).hexdigest()[:16]}.zip"
        if not path.exists():
            await self._objects.fetch(active.object, path)
            in_use = {self._files.get(version) for version in (self._model.version, *self._tried.versions)}
            for old in set(self._cache.glob("*.zip")) - in_use - {path}:
                old.unlink(missing_ok=True)
        self._files[active.version] = path
        return path

    async def _made_aside(self, model: Model, index: Index) -> Ranker:
        """The ranker, made in a thread; once more should the catalogue have grown meanwhile."""
        while True:
            ranker = await asyncio.to_thread(self._made, model, index)
            if ranker.knowledge.capacity == self._columns.capacity:
                return ranker

    def _made(self, model: Model | None = None, index: Index | None = None) -> Ranker:
        search = (index or self._index).search
        knowledge = Knowledge(
            model or self._model, self._columns, search, self._promotions, self._referrers, curations=self._curations
        )
        return Ranker(knowledge, self._customers_kept)
