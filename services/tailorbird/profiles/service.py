"""Profiles, opened on a bus: what they keep, what they answer, what they listen to."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from tailorbird.bus import AnsweringBus, Objects
from tailorbird.contracts.audiences import AUDIENCE
from tailorbird.contracts.documents import Applied, ApplyQuery
from tailorbird.contracts.profiles import (
    APPLY,
    COLLECTED,
    GATHER,
    IMPORT,
    LIST_DOCUMENTS,
    PROFILE,
    PROFILE_PAGE,
    PROFILES_STORED,
    SCHEMAS,
    SEGMENTS_CHANGED,
    SHOPPERS,
    VIEW,
    WEBHOOKS,
    Gathered,
    GatherQuery,
    SegmentsChanged,
)
from tailorbird.contracts.wire import Problem
from tailorbird.host.documents import Documents, DocumentStore
from tailorbird.host.following import following_catalogue
from tailorbird.host.service import Service
from tailorbird.profiles.answering.answers import ProfileAnswers
from tailorbird.profiles.answering.audiences import Audiences
from tailorbird.profiles.answering.catalogue import Catalogue
from tailorbird.profiles.answering.census import Census
from tailorbird.profiles.answering.describing import Knowledge
from tailorbird.profiles.answering.pages import ProfilePages
from tailorbird.profiles.answering.shoppers import ShopperAnswers
from tailorbird.profiles.answering.viewing import Views
from tailorbird.profiles.collecting.consuming import EventConsumer
from tailorbird.profiles.identity import merges
from tailorbird.profiles.identity.directory import Directory
from tailorbird.profiles.identity.joining import Joiner
from tailorbird.profiles.identity.merges import MergeKeeper
from tailorbird.profiles.importing.gathering import PurchaseGatherer
from tailorbird.profiles.importing.importer import Importer
from tailorbird.profiles.keeping import markpages, timelinepages
from tailorbird.profiles.keeping.markpages import MarkPages
from tailorbird.profiles.keeping.sqlitekeyring import SqliteKeyring
from tailorbird.profiles.keeping.store import ProfileStore
from tailorbird.profiles.keeping.timelinepages import TimelinePages
from tailorbird.profiles.moments.acting import Moments
from tailorbird.profiles.moments.deliveries import BUCKET as WEBHOOKS_TOLD
from tailorbird.profiles.moments.deliveries import DeliveryBook
from tailorbird.profiles.moments.document import KINDS as MOMENT_KINDS
from tailorbird.profiles.moments.document import MomentIndex
from tailorbird.profiles.moments.document import check as check_moments
from tailorbird.profiles.moments.master import webhook_master
from tailorbird.profiles.moments.outgoing import Outgoing
from tailorbird.profiles.rights.erasing import Eraser
from tailorbird.profiles.rights.ofpersons import answering_of_persons
from tailorbird.profiles.rights.retention import Retention
from tailorbird.profiles.segments import membership as segments
from tailorbird.profiles.segments.buying import SegmentBuying
from tailorbird.profiles.segments.clusterstore import FACTS, ClusterStore
from tailorbird.profiles.segments.counting import counting
from tailorbird.profiles.segments.people import PeopleTable
from tailorbird.profiles.segments.sending import sending_audiences
from tailorbird.profiles.settings import Settings

__all__ = ["SERVICE"]

log = structlog.get_logger(__name__)


@contextlib.asynccontextmanager
async def open_profiles(bus: AnsweringBus, settings: Settings) -> AsyncIterator[None]:
    """Answers for as long as it is entered."""
    keyring = await asyncio.to_thread(SqliteKeyring, settings.keyring_path, settings.keyring_secret.encode())
    knowledge = Knowledge(ZoneInfo(settings.time_zone))
    directory = Directory(keyring, settings.held_ids)
    pages = MarkPages(await bus.bucket(markpages.BUCKET, markpages.DAYS_KEPT), keyring.person)
    lines = TimelinePages(await bus.bucket(timelinepages.BUCKET, settings.keep_behaviour_days), keyring.person)
    store = ProfileStore(await bus.bucket("profiles"), pages, lines, settings.held_profiles)
    answers = ProfileAnswers(directory, store, knowledge)
    outgoing = Outgoing(
        await asyncio.to_thread(webhook_master, settings), settings.allowed_hosts, settings.webhook_pace,
        DeliveryBook(await bus.bucket(WEBHOOKS_TOLD)),
    )  # fmt: skip
    moments = Moments(knowledge, directory, store, answers, bus.announcer, time.time, outgoing)
    consumer = EventConsumer(directory, store, answers, bus.announcer, secrets.token_hex(8), moments)
    moments.told = consumer.changed
    shoppers = ShopperAnswers(keyring, store, knowledge)
    census = Census(keyring, store, knowledge, await bus.bucket(FACTS), settings.population_hours)

    def rules_changed(documents: Documents) -> None:
        # The store tells its version only afterwards, so the index gets one when it is next looked at.
        knowledge.segments = segments.SegmentIndex(documents["segment"], documents["persona"], secrets.token_hex(6))
        knowledge.moments = MomentIndex(documents["moment"], documents["webhook"])

    def check(documents: Documents) -> list[Problem]:
        return segments.check(documents) + check_moments(documents, settings.allowed_hosts)

    async def apply(query: ApplyQuery) -> Applied:
        applied = await documents.apply(query)
        if applied.changed or applied.retired:
            await bus.announcer.announce(SEGMENTS_CHANGED, SegmentsChanged(version=applied.version))
        return applied

    async def imported() -> None:
        # Too many profiles changed to announce each: every copy held anywhere is out of date.
        await bus.announcer.announce(SEGMENTS_CHANGED, SegmentsChanged(version=documents.version))

    async def all_changed(_: SegmentsChanged) -> None:
        store.drop_all()
        shoppers.look_again()

    staging, snapshots = await bus.objects("staging"), await bus.objects("snapshots")
    bucket = await bus.bucket(merges.BUCKET, merges.DAYS_KEPT)
    joiner = Joiner(directory, store, consumer, MergeKeeper(bucket, directory, store, consumer, bus.listener))
    importer = Importer(joiner, staging, snapshots, settings.workspace, census.take, imported)
    eraser = Eraser(
        directory,
        store,
        consumer,
        bus.announcer,
        bus.listener,
        home=settings.home,
        forget=shoppers.forget,
        erase_rest=partial(_erase_rest, moments, importer),
    )
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(keyring.close)
        documents = await DocumentStore.open(
            await bus.bucket("segments"), segments.KINDS | MOMENT_KINDS, check, rules_changed
        )
        await stack.enter_async_context(documents)
        await stack.enter_async_context(census)
        clusters = ClusterStore(await bus.bucket(FACTS), snapshots, knowledge, settings.workspace, imported)
        await stack.enter_async_context(clusters)
        await stack.enter_async_context(following_catalogue(bus, Catalogue(knowledge, settings.use_sensitive)))
        await stack.enter_async_context(moments.remembering(bus))
        await bus.listener.hear(PROFILES_STORED, consumer.heard)
        await bus.listener.hear(SEGMENTS_CHANGED, all_changed)
        await stack.enter_async_context(answering_of_persons(bus, eraser, joiner, answers, consumer))
        await bus.listener.consume(COLLECTED, "profiles", consumer.take, batch=20)
        await bus.answerer.answer_together(PROFILE, answers.answer)
        await bus.answerer.answer(SHOPPERS, shoppers.answer)
        await bus.answerer.answer(VIEW, Views(directory, store, answers).answer)
        await counting(PeopleTable(keyring, store, knowledge), lambda: documents.documents, bus.answerer)
        await bus.answerer.answer(WEBHOOKS, moments.webhooks)
        await stack.enter_async_context(
            _in_pages(
                bus, ProfilePages(keyring, store, knowledge), Audiences(keyring, store, answers),
                lambda: documents.documents, outgoing,
            )
        )  # fmt: skip
        await bus.answerer.answer(APPLY, apply)
        await bus.answerer.answer(SCHEMAS, documents.schemas)
        await bus.answerer.answer(LIST_DOCUMENTS, documents.list)
        await bus.answerer.answer(IMPORT, importer.take)
        await stack.enter_async_context(_retention(settings, joiner, consumer, eraser, importer))
        await stack.enter_async_context(_gathering(bus, settings, snapshots, joiner, importer, knowledge))
        stack.callback(shoppers.stop)
        stack.push_async_callback(consumer.stop)
        yield


@contextlib.asynccontextmanager
async def _in_pages(
    bus: AnsweringBus,
    everybody: ProfilePages,
    addressed: Audiences,
    documents: Callable[[], Documents],
    outgoing: Outgoing,
) -> AsyncIterator[None]:
    """Answers who goes through everybody, and tells other systems who is in a segment."""
    await bus.answerer.answer(PROFILE_PAGE, everybody.answer)
    await bus.answerer.answer(AUDIENCE, addressed.answer)
    async with sending_audiences(bus, everybody, documents, outgoing, time.time):
        yield


@contextlib.asynccontextmanager
async def _gathering(
    bus: AnsweringBus,
    settings: Settings,
    snapshots: Objects,
    joiner: Joiner,
    importer: Importer,
    knowledge: Knowledge,
) -> AsyncIterator[None]:
    gatherer = PurchaseGatherer(bus.listener, snapshots, joiner.directory, joiner.store, importer.alone)
    buying = SegmentBuying(joiner.directory.keyring, joiner.store, knowledge, snapshots, importer.alone)

    async def for_training(query: GatherQuery) -> Gathered:
        gathered = await gatherer.answer(query)
        await buying.write()
        return gathered

    await bus.answerer.answer(GATHER, for_training)
    async with gatherer.every(settings.gather_minutes * 60.0):
        yield


def _retention(
    settings: Settings, joiner: Joiner, consumer: EventConsumer, eraser: Eraser, importer: Importer
) -> AbstractAsyncContextManager[None]:
    retention = Retention(
        joiner.directory.keyring,
        joiner.store,
        consumer,
        settings.limits,
        erase=eraser.erase_persons,
        erase_rows_before=lambda before: importer.erase((), before),
    )
    return retention.every(settings.sweep_hours * 3_600.0)


async def _erase_rest(moments: Moments, importer: Importer, persons: Sequence[str]) -> int:
    """Erases what is kept of these persons beside their profiles; how many rows of snapshots that were."""
    await moments.forget(persons)
    return await importer.erase(persons)


SERVICE = Service(name="profiles", settings=Settings, open=open_profiles)
