"""Answers what an offer would do before anybody is made it, out of what is at work now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tailorbird.contracts.offers import DecideQuery, DecisionSlot, Simulated, SimulateQuery
from tailorbird.contracts.wire import Problem
from tailorbird.contracts.words import AttributeValue
from tailorbird.host.misread import misread
from tailorbird.offers.deciding.asked import Asked, asked
from tailorbird.offers.deciding.knowing import Knowing, Learned
from tailorbird.offers.deciding.simulating import cost_of, simulate
from tailorbird.offers.documents.checking import check_documents, notes_on_document
from tailorbird.offers.documents.naming import notes_on_names
from tailorbird.offers.documents.offer import Action, Offer
from tailorbird.offers.documents.offering import Offering, Offerings
from tailorbird.offers.documents.prepared import Preparing
from tailorbird.offers.state import State

__all__ = ["Forecasting"]


class _Trial(Struct, frozen=True):
    """What is at work without the offer and with it, made ready."""

    of: tuple[str, bytes, str]
    """The offer's id, its document, and the epoch."""
    without: Offering
    having: Offering
    knowing: Knowing


class Forecasting:
    """Answers SIMULATE. Customers come in parts; what they are all tried on is made ready once."""

    def __init__(self, state: State, now: Callable[[], float], zone: tzinfo = UTC) -> None:
        self._state = state
        self._now = now
        self._zone = zone
        self._trial: _Trial | None = None

    async def simulate(self, query: SimulateQuery) -> Simulated:
        """What the offer would do. Its mistakes are told instead where it has any."""
        try:
            offer = msgspec.json.decode(bytes(query.offer), type=Offer)
        except msgspec.MsgspecError as error:
            return Simulated(customers=0, problems=(misread(error, f"offer/{query.offer_id}"),))
        if problems := self._problems(query.offer_id, offer):
            return Simulated(customers=0, problems=tuple(problems))
        now = self._now()
        questions = self._questions(query, now)
        # Beside the loop: pages go on.
        trial = await asyncio.to_thread(self._ready, query, offer, now)
        simulated = await asyncio.to_thread(
            simulate, trial.without, trial.having, query.offer_id, questions, trial.knowing
        )
        notes = [*notes_on_document("offer", offer), *notes_on_names(offer, self._state.items)]
        if offer.cost is None:
            sentence = f"It does not say what a redemption costs: reckoned with {cost_of(offer):g}, what it gives."
            notes.append(Problem(path="$.cost", sentence=sentence))
        return replace(simulated, notes=tuple(notes))

    def _problems(self, offer_id: str, offer: Offer) -> list[Problem]:
        """Its own: what it would stand beside has been checked."""
        found = check_documents({"offer": {offer_id: offer}})
        if isinstance(self._state.documents.get(offer_id), Action):
            sentence = "An action has this id already; offers and actions share their ids."
            found.append(Problem(path=f"offer/{offer_id} $", sentence=sentence))
        return found

    def _ready(self, query: SimulateQuery, offer: Offer, now: float) -> _Trial:
        of = (query.offer_id, bytes(query.offer), self._state.epoch)
        trial = self._trial
        if trial is None or trial.of != of:
            state = self._state
            kept = {name: one for name, one in state.documents.items() if name != query.offer_id}
            # Prepared apart from what is at work, which is read meanwhile.
            preparing = Preparing(state.items, state.responses())
            without, having = (
                Offerings(some, preparing, "", state.goal).at(now) for some in (kept, {**kept, query.offer_id: offer})
            )
            # What was learned, apart too: nothing is left to chance, so that it comes out the same each time.
            knowing = Knowing(Learned(state.learned.cells), state.used_up)
            trial = self._trial = _Trial(of, without, having, knowing)
        return trial

    def _questions(self, query: SimulateQuery, now: float) -> list[Asked]:
        """Each of the customers on a page, with an empty cart."""
        slots = (DecisionSlot(slot="offers", count=query.count),)
        local = datetime.fromtimestamp(now, self._zone)
        context: dict[str, AttributeValue] = {
            "context.channel": query.channel, "context.page": query.page, "context.known": True, "time.at": now,
            "time.hour": local.hour, "time.weekday": local.isoweekday(), "time.date": local.date().isoformat(),
            "cart.count": 0, "cart.total": 0.0,
        }  # fmt: skip
        bought = query.just_bought or ((),) * len(query.customers)
        return [
            asked(DecideQuery(slots=slots, customer=customer, context=context, just_bought=just_bought, at=now), now)
            for customer, just_bought in zip(query.customers, bought, strict=True)
        ]
