"""Offers on a bus: keep offers and actions, decide which of them a customer gets, and say why (not)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from tailorbird.bus import AnsweringBus
from tailorbird.contracts.identity import PERSON_ERASED, PERSONS_GONE, PersonErased, PersonsGone
from tailorbird.contracts.offers import (
    AHEAD,
    APPLY,
    BUDGETS,
    CODES,
    DECIDE,
    EXPLAIN,
    IMPORT,
    LIST_DOCUMENTS,
    REDEEM,
    SCHEMAS,
    SIMULATE,
)
from tailorbird.contracts.profiles import COLLECTED
from tailorbird.contracts.wire import Problem
from tailorbird.host.documents import Documents, DocumentStore
from tailorbird.host.following import following_catalogue
from tailorbird.host.history import DocumentHistory
from tailorbird.host.service import Service
from tailorbird.offers.answering import Decider
from tailorbird.offers.catalogue import Catalogue
from tailorbird.offers.changes import Changes
from tailorbird.offers.documents.checking import Checked, notes_on_document
from tailorbird.offers.documents.goal import Goal
from tailorbird.offers.documents.naming import notes_on_names
from tailorbird.offers.documents.offer import Action, Offer
from tailorbird.offers.forecasting import Forecasting
from tailorbird.offers.learning.epochs import Epochs
from tailorbird.offers.learning.memory import Memory
from tailorbird.offers.learning.remembering import Remembering
from tailorbird.offers.learning.responding import Responding
from tailorbird.offers.learning.responses import Responses
from tailorbird.offers.redeeming.ledger import Ledger
from tailorbird.offers.redeeming.telling import Telling
from tailorbird.offers.replaying import Replaying
from tailorbird.offers.state import State
from tailorbird.offers.store import Importing, ResponseStore

__all__ = ["SERVICE", "Settings", "open_offers"]


class Settings(Struct, frozen=True, kw_only=True):
    """TAILORBIRD_OFFERS_<FIELD>."""

    ledger_seconds: Annotated[float, Meta(gt=0)] = 2.0
    """How often it is looked up which offers have reached their limit; redeeming itself is always exact."""
    learn_seconds: Annotated[float, Meta(gt=0)] = 30.0
    """How often what was seen comes into force for ranking."""
    statement_entries: Annotated[int, Meta(ge=1)] = 50_000
    """Entries of the ledger's journal after which its account is stated anew: a start reads no more than these."""
    time_zone: str = "UTC"
    """The clocks that rules go by where an offer is tried out."""


EPOCHS_KEPT = 90.0
"""Days for which what was known in an epoch is kept: decisions of that time can be made again."""


@contextlib.asynccontextmanager
async def open_offers(bus: AnsweringBus, settings: Settings) -> AsyncIterator[None]:
    """Answers until left."""
    epochs = Epochs(await bus.bucket("offer_epochs", days=EPOCHS_KEPT))

    def counted() -> Mapping[str, Responses]:
        return responses.counts

    def memory() -> Memory:
        return remembering.memory

    changes = Changes(bus.announcer)
    state = State(counted, memory, epochs, settings.learn_seconds, time.time, changes.of_all)
    responses = ResponseStore(await bus.bucket("offer_responses"), state.counts_changed)
    remembering = Remembering(await bus.bucket("offer_memory"), lambda: state.goal, changes.of)
    ledger = Ledger(
        bus, lambda: state.offers, settings.ledger_seconds, time.time, state.used_up_changed,
        settings.statement_entries,
    )  # fmt: skip
    telling = Telling(bus.announcer)
    responding = Responding(state, ledger, remembering, time.time, telling)
    decider = Decider(state, ledger, remembering, time.time)
    forecasting = Forecasting(state, time.time, ZoneInfo(settings.time_zone))
    documents: DocumentStore | None = None

    def changed(kept: Documents) -> None:
        state.documents_changed(kept, documents.version if documents is not None else "")
        ledger.offers_changed()

    def note(kind: str, document: Offer | Action | Goal) -> list[Problem]:
        return [*notes_on_document(kind, document), *notes_on_names(document, state.items)]

    documents = await DocumentStore.open(
        await bus.bucket("offers"),
        {"offer": Offer, "action": Action, "goal": Goal},
        Checked().check,
        changed,
        note,
        DocumentHistory(await bus.bucket("offers_history")),
    )
    changed(documents.documents)
    replaying = Replaying(state, decider, epochs, documents, time.time)
    catalogue = Catalogue(state.items_replaced, state.item_moved)
    importing = Importing(await bus.objects("staging"), documents, responses)

    async def person_erased(message: PersonErased) -> None:
        decider.forget()
        await remembering.forget(message.persons)

    async def persons_gone(messages: Sequence[PersonsGone]) -> None:
        # The same again, for erasures of which no process of offers heard as none ran.
        await remembering.forget({person for message in messages for person in message.persons})

    async with documents, responses, remembering, following_catalogue(bus, catalogue), ledger, state, telling:
        await bus.listener.hear(PERSON_ERASED, person_erased)
        await bus.listener.consume(PERSONS_GONE, "offers", persons_gone)
        await bus.listener.consume(COLLECTED, "offers", responding.take)
        await bus.answerer.answer_together(DECIDE, decider.decide)
        await bus.answerer.answer(EXPLAIN, replaying.explain)
        await bus.answerer.answer(APPLY, documents.apply)
        await bus.answerer.answer(SCHEMAS, documents.schemas)
        await bus.answerer.answer(LIST_DOCUMENTS, documents.list)
        await bus.answerer.answer(IMPORT, importing.take)
        await bus.answerer.answer(REDEEM, responding.redeem)
        await bus.answerer.answer(CODES, ledger.add_codes)
        await bus.answerer.answer(BUDGETS, ledger.budgets)
        await bus.answerer.answer(SIMULATE, forecasting.simulate)
        await bus.answerer.answer(AHEAD, decider.decide_ahead)
        changes.begin()
        yield


SERVICE = Service(name="offers", settings=Settings, open=open_offers)
