"""The recommender on a bus: keeps the catalogue, follows the active model, fills shelves."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated

import faiss
from msgspec import Meta, Struct
from threadpoolctl import threadpool_limits

from tailorbird.bus import AnsweringBus
from tailorbird.contracts.documents import Imported, ImportQuery
from tailorbird.contracts.identity import PERSON_ERASED, PersonErased
from tailorbird.contracts.recommender import (
    APPLY,
    CATALOGUE_BUCKET,
    CATALOGUE_REPLACED,
    CHANGE_ITEMS,
    IMPORT,
    LIST_DOCUMENTS,
    PROMOTE,
    PUT_ITEMS,
    RECOMMEND,
    SCHEMAS,
    CatalogueReplaced,
    ItemChanges,
    Items,
    ItemsPut,
    Recommendations,
    RecommendQuery,
)
from tailorbird.contracts.recommender import MODELS as MODELS_TOLD
from tailorbird.contracts.wire import Fault, Problem
from tailorbird.host.documents import Documents, DocumentStore
from tailorbird.host.service import Service
from tailorbird.recommender.catalogue.columns import Columns
from tailorbird.recommender.catalogue.promotionstore import PromotionStore
from tailorbird.recommender.catalogue.store import Catalogue
from tailorbird.recommender.registry.artifact import MODELS
from tailorbird.recommender.registry.modelanswers import ModelAnswers
from tailorbird.recommender.serving import Serving
from tailorbird.recommender.shelves.curation import Curation, check_curations
from tailorbird.recommender.shelves.naming import notes_on_names
from tailorbird.recommender.shelves.referrers import parse_referrers
from tailorbird.recommender.strategies import STRATEGIES

__all__ = ["SERVICE", "Settings", "open_recommender"]


class Settings(Struct, frozen=True, kw_only=True):
    """TAILORBIRD_RECOMMENDER_<FIELD>."""

    home: Path = Path(".tailorbird")
    """Folder of everything the suite keeps on this machine."""
    customers_kept: Annotated[int, Meta(ge=0)] = 4_096
    """Customers whose vector is kept until their profile changes, some 30 KB each."""
    referrers: str = ""
    """What visitors from a site come for: `gadgets.example=Kitchen,Household; wine.example=Cheese`."""


@contextlib.asynccontextmanager
async def open_recommender(bus: AnsweringBus, settings: Settings) -> AsyncIterator[None]:
    """Answers until left."""
    referrers = parse_referrers(settings.referrers)
    snapshots, staging = await bus.objects("snapshots"), await bus.objects("staging")
    models = await bus.bucket(MODELS)
    columns = Columns()
    promotions = PromotionStore(snapshots, models)
    serving = Serving(
        await bus.objects(MODELS),
        models,
        promotions,
        bus.announcer,
        columns,
        settings.home / "recommender" / "models",
        customers_kept=settings.customers_kept,
        referrers=referrers,
    )
    catalogue = Catalogue(snapshots, await bus.bucket(CATALOGUE_BUCKET), bus.announcer, columns, serving.grown)

    told = ModelAnswers(bus)

    async def recommend(queries: Sequence[RecommendQuery]) -> Sequence[Recommendations | Fault]:
        return serving.rank(queries)

    async def put_items(query: Items) -> ItemsPut:
        return await catalogue.put(query.items)

    async def change_items(query: ItemChanges) -> ItemsPut:
        return await catalogue.change(query.changes, time.time())

    async def replaced(message: CatalogueReplaced) -> None:
        await catalogue.replaced(message)
        await serving.renew()

    async def person_erased(_: PersonErased) -> None:
        serving.forget()

    telling: set[asyncio.Task[None]] = set()

    def curated(documents: Documents) -> None:
        task = asyncio.create_task(serving.curate(documents["curation"]), name="curations-tell")
        telling.add(task)
        task.add_done_callback(telling.discard)

    def check(documents: Documents) -> list[Problem]:
        return check_curations(documents, STRATEGIES)

    def note(_: str, curation: Curation) -> list[Problem]:
        return list(notes_on_names(curation, columns))

    curations = await DocumentStore.open(await bus.bucket("curations"), {"curation": Curation}, check, curated, note)

    async def take_load(query: ImportQuery) -> Imported:
        if query.table not in ("items", "articles", "promotions"):
            raise Fault(422, f"The recommender takes items, articles and promotions, not '{query.table}'.")
        with tempfile.TemporaryDirectory(prefix="tailorbird-load-") as folder:
            path = Path(folder) / "load.parquet"
            info = await staging.fetch(query.object_name, path)
            if query.table == "promotions":
                return await promotions.take_load(path, info.digest)
            imported = await catalogue.take_load(path, query.table)
        await serving.renew()
        return imported

    # One thread serves: a second in FAISS or BLAS costs more than it brings while batches are this small.
    faiss.omp_set_num_threads(1)
    with threadpool_limits(1):
        async with catalogue, serving, curations:
            await bus.listener.hear(CATALOGUE_REPLACED, replaced)
            await bus.listener.hear(PERSON_ERASED, person_erased)
            await bus.answerer.answer_together(RECOMMEND, recommend)
            await bus.answerer.answer(PUT_ITEMS, put_items)
            await bus.answerer.answer(CHANGE_ITEMS, change_items)
            await bus.answerer.answer(IMPORT, take_load)
            await bus.answerer.answer(APPLY, curations.apply)
            await bus.answerer.answer(SCHEMAS, curations.schemas)
            await bus.answerer.answer(LIST_DOCUMENTS, curations.list)
            await bus.answerer.answer(MODELS_TOLD, told.models)
            await bus.answerer.answer(PROMOTE, told.promote)
            yield


SERVICE = Service(name="recommender", settings=Settings, open=open_recommender)
