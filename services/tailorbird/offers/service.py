"""Offers on a bus: keep offers and actions, decide which of them a customer gets, and say why (not)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from typing import Annotated

from msgspec import Meta, Struct

from tailorbird.bus import AnsweringBus
from tailorbird.contracts.offers import APPLY, CODES, DECIDE, EXPLAIN, IMPORT, LIST_DOCUMENTS, REDEEM
from tailorbird.host.documents import Documents, DocumentStore
from tailorbird.host.following import following_catalogue
from tailorbird.host.history import DocumentHistory
from tailorbird.host.service import Service
from tailorbird.offers.answering import Decider
from tailorbird.offers.catalogue import Catalogue
from tailorbird.offers.checking import check_documents, notes_on_document
from tailorbird.offers.goal import Goal
from tailorbird.offers.ledger import Ledger
from tailorbird.offers.offer import Action, Offer
from tailorbird.offers.responses import Responses
from tailorbird.offers.store import Importing, ResponseStore

__all__ = ["SERVICE", "Settings", "open_offers"]


class Settings(Struct, frozen=True, kw_only=True):
    """TAILORBIRD_OFFERS_<FIELD>."""

    ledger_seconds: Annotated[float, Meta(gt=0)] = 2.0
    """How often it is looked up which offers have reached their limit; redeeming itself is always exact."""


@contextlib.asynccontextmanager
async def open_offers(bus: AnsweringBus, settings: Settings) -> AsyncIterator[None]:
    """Answers until left."""

    def counted() -> Mapping[str, Responses]:
        return responses.counts

    def used_up() -> frozenset[str]:
        return ledger.used_up

    def offers() -> Mapping[str, Offer]:
        return decider.offers()

    decider = Decider(counted, used_up, time.time)
    responses = ResponseStore(await bus.bucket("offer_responses"), decider.counts_changed)
    ledger = Ledger(bus, offers, settings.ledger_seconds, time.time)
    documents: DocumentStore | None = None

    def changed(kept: Documents) -> None:
        version = documents.version if documents is not None else ""
        decider.documents_changed(kept["offer"], kept["action"], version)

    documents = await DocumentStore.open(
        await bus.bucket("offers"),
        {"offer": Offer, "action": Action, "goal": Goal},
        check_documents,
        changed,
        notes_on_document,
        DocumentHistory(await bus.bucket("offers_history")),
    )
    changed(documents.documents)
    catalogue = Catalogue(decider.items_replaced, decider.item_moved)
    importing = Importing(await bus.objects("staging"), documents, responses)

    async with documents, responses, following_catalogue(bus, catalogue), ledger, decider:
        await bus.answerer.answer_together(DECIDE, decider.decide)
        await bus.answerer.answer(EXPLAIN, decider.explain)
        await bus.answerer.answer(APPLY, documents.apply)
        await bus.answerer.answer(LIST_DOCUMENTS, documents.list)
        await bus.answerer.answer(IMPORT, importing.take)
        await bus.answerer.answer(REDEEM, ledger.redeem)
        await bus.answerer.answer(CODES, ledger.add_codes)
        yield


SERVICE = Service(name="offers", settings=Settings, open=open_offers)
