"""All that assembling needs, opened: the documents and the catalogue followed, profiles kept fresh, decisions written.

The service has one, and a campaign has one of its own, so that no page waits for mail.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import AsyncIterator
from typing import Any

from tailorbird.assembler.experiments.checking import check_experiments
from tailorbird.assembler.experiments.document import Experiment, Holdout
from tailorbird.assembler.explaining.exposing import Exposing
from tailorbird.assembler.explaining.tracing import Tracer
from tailorbird.assembler.gathering.gatherer import Gatherer
from tailorbird.assembler.gathering.keptanswers import KeptOffers, KeptShelves
from tailorbird.assembler.gathering.lastanswers import LastAnswers
from tailorbird.assembler.gathering.profilecache import ProfileCache
from tailorbird.assembler.items.cardfile import CardFile
from tailorbird.assembler.items.cards import Card, Cards
from tailorbird.assembler.items.catalogue import Catalogue
from tailorbird.assembler.items.popular import Popular
from tailorbird.assembler.layouts.choosing import Book
from tailorbird.assembler.layouts.document import Email, Layout, check_documents
from tailorbird.assembler.layouts.trying import with_drafts
from tailorbird.assembler.mail.documents import KINDS as MAIL_KINDS
from tailorbird.assembler.mail.documents import check_mail
from tailorbird.assembler.mail.hearing.clicks import Clicks
from tailorbird.assembler.mail.writing.compiling import check_emails
from tailorbird.assembler.mail.writing.composing import Composer
from tailorbird.assembler.pages.assembling import Assembler, Written
from tailorbird.assembler.settings import Settings
from tailorbird.assembler.upkeep import in_background
from tailorbird.assembler.wording.links import Links
from tailorbird.bus import Asker, AskingBus
from tailorbird.contracts import offers, recommender
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
from tailorbird.contracts.recommender import RecommenderChanged
from tailorbird.contracts.wire import Problem
from tailorbird.host.documents import Documents, DocumentStore
from tailorbird.host.following import Following, following_catalogue
from tailorbird.host.privacy import consent_defaults

__all__ = ["Workshop", "new_id", "open_workshop"]

KINDS: dict[str, type[Any]] = {
    "layout": Layout, "email": Email, "experiment": Experiment, "holdout": Holdout, **MAIL_KINDS,
}  # fmt: skip


class Workshop:
    """What was opened. `composer` is another one as soon as a document changes."""

    following: Following
    documents: DocumentStore
    assembler: Assembler
    gatherer: Gatherer
    tracer: Tracer

    def __init__(self, settings: Settings) -> None:
        self._links = Links(settings.public_url or f"http://{settings.host}:{settings.port}")
        self._clicks = Clicks(self._links.base, settings.server_key)
        self.composer = Composer(Book({}), {}, self._links, self._clicks)
        self.popular = Popular()
        self.kept_shelves = KeptShelves(settings.shelves_held, settings.shelves_seconds, time.time)
        self.kept_offers = KeptOffers(settings.shelves_held, settings.shelves_seconds, time.time)
        self.kept_answers = (self.kept_shelves, self.kept_offers)
        self.catalogue = Catalogue(self._read_anew, self._moved, CardFile(settings.home / "cards"))
        self.last_answers = LastAnswers(settings.shelves_held)
        self.changes = 0
        """Counts changes of items: prices and stock are what they were while it stays the same."""
        self.cache = ProfileCache(settings.profiles_held)

    def changed(self, documents: Documents, version: str) -> None:
        self.composer = Composer(Book(documents, version), documents, self._links, self._clicks)

    def tried(self, trial: tuple[Document, ...]) -> Book:
        """The book with these drafts at work, for a preview."""
        return Book(with_drafts(self.documents.documents, trial, _check), "draft")

    def composer_with(self, trial: tuple[Document, ...]) -> Composer:
        """What composes mails with these drafts at work, for a preview."""
        documents = with_drafts(self.documents.documents, trial, _check)
        return Composer(Book(documents, "draft"), documents, self._links, self._clicks)

    async def listen(self, bus: AskingBus) -> None:
        """Profiles and shelves at hand go when what they were made from changes."""
        await bus.listener.hear(PROFILE_CHANGED, self._profile_changed)
        await bus.listener.hear(PROFILES_STORED, self._profiles_stored)
        await bus.listener.hear(SEGMENTS_CHANGED, self._segments_changed)
        await bus.listener.hear(PERSON_ERASED, self._person_erased)
        await bus.listener.hear(recommender.CHANGED, self._recommender_changed)
        await bus.listener.hear(offers.CHANGED, self._offers_changed)

    def _read_anew(self, cards: Cards) -> None:
        self.changes += 1
        self.popular.learn_catalogue(cards)
        self.kept_shelves.forget()

    def _moved(self, item_id: str, card: Card, before: Card | None) -> None:
        self.changes += 1
        self.popular.learn_item(item_id, card)
        if before is None or not card.like(before):
            self.kept_shelves.forget()

    async def _profile_changed(self, profile: Profile) -> None:
        self.cache.announce(profile, time.time())

    async def _person_erased(self, message: PersonErased) -> None:
        self.cache.forget(message.ids)
        self.last_answers.forget()
        self.kept_offers.forget()

    async def _profiles_stored(self, stored: ProfilesStored) -> None:
        self.cache.stored(stored.untold)

    async def _segments_changed(self, _: SegmentsChanged) -> None:
        self.cache.clear()

    async def _recommender_changed(self, _: RecommenderChanged) -> None:
        self.kept_shelves.forget()

    async def _offers_changed(self, changed: offers.OffersChanged) -> None:
        if changed.person:
            self.kept_offers.forget_of(changed.person)
        else:
            self.kept_offers.forget()
            self.last_answers.forget_offers()


@contextlib.asynccontextmanager
async def open_workshop(bus: AskingBus, settings: Settings, asker: Asker | None = None) -> AsyncIterator[Workshop]:
    """Open for as long as it is entered. `asker`: instead of the bus's own."""
    shop = Workshop(settings)
    store: DocumentStore | None = None

    def changed(documents: Documents) -> None:
        shop.changed(documents, store.version if store is not None else "")

    store = await DocumentStore.open(await bus.bucket("layouts"), KINDS, _check, changed)
    changed(store.documents)
    shop.documents = store
    shop.gatherer = Gatherer(
        asker or bus.asker, shop.cache, shop.kept_shelves, shop.kept_offers, shop.last_answers, time.time,
        settings.profile_seconds,
    )
    exposing = Exposing(bus.announcer)
    async with store, following_catalogue(bus, shop.catalogue) as following, Tracer(bus.announcer) as tracer:
        shop.following, shop.tracer = following, tracer
        shop.assembler = Assembler(
            shop.gatherer,
            shop.catalogue,
            shop.popular,
            Written(tracer, exposing.tell),
            time.time,
            settings.zone,
            use_sensitive=settings.use_sensitive,
            defaults=consent_defaults(settings.consent_defaults),
        )
        await shop.listen(bus)
        async with in_background(exposing.run()):
            yield shop


def _check(documents: Documents) -> list[Problem]:
    problems = check_documents(documents) + check_emails(documents.get("email", {})) + check_mail(documents)
    # What an experiment changes can only be looked at where the layouts themselves are right.
    return problems or check_experiments(documents)


def new_id() -> str:
    """A UUID of version 7 without its dashes: ids in the order of their moments lie together where they are kept."""
    moment, chance = int(time.time() * 1_000), int.from_bytes(os.urandom(10))
    return f"{moment << 80 | 7 << 76 | (chance >> 68) << 64 | 2 << 62 | chance & (1 << 62) - 1:032x}"
