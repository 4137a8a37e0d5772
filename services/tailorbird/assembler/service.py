"""The assembler as a service: opens what it keeps, answers PAGE, EMAIL, WHY and what marketers apply."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from tailorbird.assembler.assembling import Assembler, Written
from tailorbird.assembler.cards import Card, Cards
from tailorbird.assembler.catalogue import Catalogue
from tailorbird.assembler.choosing import Book
from tailorbird.assembler.emailing import Postman, check_emails
from tailorbird.assembler.emails import EmailBook, Emails
from tailorbird.assembler.experiments.checking import check_experiments
from tailorbird.assembler.experiments.document import Experiment, Holdout
from tailorbird.assembler.exposing import Exposing
from tailorbird.assembler.gathering import Gatherer
from tailorbird.assembler.keptshelves import KeptShelves
from tailorbird.assembler.layouts import Email, Layout, check_documents
from tailorbird.assembler.links import Links
from tailorbird.assembler.pages import Pages
from tailorbird.assembler.popular import Popular
from tailorbird.assembler.profilecache import ProfileCache
from tailorbird.assembler.store import EmailStore
from tailorbird.assembler.tracing import Tracer
from tailorbird.assembler.trying import book_with
from tailorbird.assembler.upkeep import doubt_after_outages, in_background, learn_popular
from tailorbird.assembler.why import Why
from tailorbird.bus import AskingBus
from tailorbird.contracts.assembler import APPLY, EMAIL, LIST_DOCUMENTS, PAGE, SCHEMAS, WHY
from tailorbird.contracts.documents import Document
from tailorbird.contracts.identity import PERSON_ERASED, PersonErased
from tailorbird.contracts.profiles import (
    PROFILE_CHANGED,
    PROFILES_STORED,
    SEGMENTS_CHANGED,
    Profile,
    ProfilesStored,
    SegmentsChanged,
)
from tailorbird.contracts.recommender import CHANGED, RecommenderChanged
from tailorbird.contracts.wire import Problem
from tailorbird.host.documents import Documents, DocumentStore
from tailorbird.host.following import following_catalogue
from tailorbird.host.privacy import consent_defaults
from tailorbird.host.service import Service
from tailorbird.rules.consent import DEFAULTS

__all__ = ["SERVICE", "Settings"]


KINDS = {"layout": Layout, "email": Email, "experiment": Experiment, "holdout": Holdout}


class Settings(Struct, frozen=True, kw_only=True):
    """TAILORBIRD_ASSEMBLER_<FIELD>."""

    public_url: str = ""
    """Where customers reach the shop, for links in e-mails; empty: http://host:port."""
    host: str = "127.0.0.1"
    port: int = 8000
    profiles_held: Annotated[int, Meta(ge=100)] = 20_000
    """Profiles kept at hand, some 15 KB each."""
    profile_seconds: Annotated[float, Meta(gt=0)] = 600.0
    """Age at which a held profile is asked for again, should an announcement have been missed."""
    shelves_held: Annotated[int, Meta(ge=0)] = 4_096
    """Answers of the recommender kept at hand, some 15 KB each."""
    shelves_seconds: Annotated[float, Meta(ge=0)] = 60.0
    """How long such an answer serves at most, while nothing has changed that it was made from."""
    page_ms: Annotated[float, Meta(gt=0)] = 130.0
    """Milliseconds that all parts of a page may take together."""
    email_ms: Annotated[float, Meta(gt=0)] = 250.0
    popular_seconds: Annotated[float, Meta(gt=0)] = 60.0
    """How often the recommender is asked what many like, for the time in which it does not answer."""
    use_sensitive: bool = False
    """Whether items flagged as sensitive may stand in e-mails."""
    consent_defaults: str = DEFAULTS
    time_zone: str = "UTC"
    """Of `time.hour`, `time.weekday` and `time.date` in rules."""


@contextlib.asynccontextmanager
async def open_assembler(bus: AskingBus, settings: Settings) -> AsyncIterator[None]:
    """Open for as long as it is entered."""
    links = Links(settings.public_url or f"http://{settings.host}:{settings.port}")
    text_template = (Path(__file__).parent / "templates" / "email" / "letter.txt").read_text(encoding="utf-8")
    book = EmailBook(Book({}), Postman({}, links, text_template))

    def changed(documents: Documents) -> None:
        nonlocal book
        version = store.version if store is not None else ""
        book = EmailBook(Book(documents, version), Postman(documents["email"], links, text_template))

    def tried(trial: tuple[Document, ...]) -> Book:
        return book_with(store.documents if store is not None else {}, trial, _check)

    store: DocumentStore | None = None
    store = await DocumentStore.open(await bus.bucket("layouts"), KINDS, _check, changed)
    changed(store.documents)
    popular = Popular()
    kept_shelves = KeptShelves(settings.shelves_held, settings.shelves_seconds, time.time)

    def read_anew(cards: Cards) -> None:
        popular.learn_catalogue(cards)
        kept_shelves.forget()

    def moved(item_id: str, card: Card, before: Card | None) -> None:
        popular.learn_item(item_id, card)
        if before is None or not card.like(before):
            kept_shelves.forget()

    catalogue = Catalogue(read_anew, moved)
    cache = ProfileCache(settings.profiles_held)
    gatherer = Gatherer(bus.asker, cache, kept_shelves, time.time, settings.profile_seconds)

    async def profile_changed(profile: Profile) -> None:
        cache.announce(profile, time.time())

    async def person_erased(message: PersonErased) -> None:
        cache.forget(message.ids)

    async def profiles_stored(stored: ProfilesStored) -> None:
        cache.stored(stored.untold)

    async def segments_changed(_: SegmentsChanged) -> None:
        cache.clear()

    async def recommender_changed(_: RecommenderChanged) -> None:
        kept_shelves.forget()

    async with store, following_catalogue(bus, catalogue) as following, Tracer(bus.announcer) as tracer:
        exposing = Exposing(bus.announcer)
        zone = ZoneInfo(settings.time_zone)
        consents = consent_defaults(settings.consent_defaults)
        assembler = Assembler(
            gatherer,
            catalogue,
            popular,
            Written(tracer, exposing.tell),
            time.time,
            zone,
            use_sensitive=settings.use_sensitive,
            defaults=consents,
        )
        pages = Pages(assembler, bus.asker, lambda: book.book, tried, _new_id, settings.page_ms)
        emails = Emails(
            assembler,
            EmailStore(await bus.bucket("emails")),
            lambda: book,
            links,
            _new_id,
            settings.email_ms,
        )
        await bus.listener.hear(PROFILE_CHANGED, profile_changed)
        await bus.listener.hear(PROFILES_STORED, profiles_stored)
        await bus.listener.hear(SEGMENTS_CHANGED, segments_changed)
        await bus.listener.hear(PERSON_ERASED, person_erased)
        await bus.listener.hear(CHANGED, recommender_changed)
        await bus.answerer.answer(PAGE, pages.answer)
        await bus.answerer.answer(EMAIL, emails.answer)
        await bus.answerer.answer(WHY, Why(bus.asker).answer)
        await bus.answerer.answer(APPLY, store.apply)
        await bus.answerer.answer(SCHEMAS, store.schemas)
        await bus.answerer.answer(LIST_DOCUMENTS, store.list)
        learning = learn_popular(gatherer, catalogue, popular, settings.popular_seconds)
        async with in_background(
            learning, exposing.run(), doubt_after_outages(bus, cache, kept_shelves, following, time.time)
        ):
            yield


def _check(documents: Documents) -> list[Problem]:
    problems = check_documents(documents) + check_emails(documents.get("email", {}))
    # What an experiment changes can only be looked at where the layouts themselves are right.
    return problems or check_experiments(documents)


def _new_id() -> str:
    """A UUID of version 7 without its dashes: ids in the order of their moments lie together where they are kept."""
    moment, chance = int(time.time() * 1_000), secrets.randbits(74)
    return f"{moment << 80 | 7 << 76 | (chance >> 62) << 64 | 2 << 62 | chance & (1 << 62) - 1:032x}"


SERVICE = Service(name="assembler", settings=Settings, open=open_assembler)
