"""What customers do with offers, heard from the events that the collector stores; learned from, and acted upon."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tailorbird.contracts.offers import RedeemQuery, Redemption
from tailorbird.contracts.profiles import Event, EventBatch
from tailorbird.offers.documents.offer import Offer
from tailorbird.offers.learning.memory import Did
from tailorbird.offers.learning.remembering import Remembering
from tailorbird.offers.redeeming.ledger import Ledger
from tailorbird.offers.redeeming.lines import digest
from tailorbird.offers.redeeming.telling import Telling
from tailorbird.offers.state import State

__all__ = ["Responding"]

CLICKED = "Promotion Clicked"
REFUSED = frozenset({"Offer Refused", "Promotion Dismissed", "Promotion Refused"})
VIEWED = "Promotion Viewed"
ORDERED = "Order Completed"
_NAMES = {CLICKED, VIEWED, ORDERED, *REFUSED}


class Responding:
    """Takes events in batches; each is counted once, however often it is delivered."""

    def __init__(
        self, state: State, ledger: Ledger, remembering: Remembering, now: Callable[[], float], telling: Telling
    ) -> None:
        self._state = state
        self._ledger = ledger
        self._remembering = remembering
        self._now = now
        self._telling = telling

    async def take(self, batches: Sequence[EventBatch]) -> None:
        """For the consumer of the stream of events."""
        for batch in batches:
            for event in batch.events:
                if event.type == "track" and event.event in _NAMES:
                    await self._take(event)

    async def redeem(self, query: RedeemQuery) -> Redemption:
        """Answers REDEEM, and learns from it."""
        answer = await self._ledger.redeem(query)
        if answer.counted:
            self._telling.tell(_redeemed(query, self._now()))
            offer = self._state.offers.get(query.offer_id)
            cost = query.amount or (offer.cost if offer is not None else 0.0) or 0.0
            person = self._person(query.customer, "", query.decision_id)
            self._did("redeemed", person, query.offer_id, cost, f"r {query.redemption_id}")
        return answer

    async def _take(self, event: Event) -> None:
        properties = event.properties
        person = self._person(event.customer_id, event.anonymous_id, _text(properties, "decision_id"))
        if event.event == ORDERED:
            goal = self._state.goal
            margin = _number(properties, "margin")
            if margin is None:
                margin = goal.margin_rate * (_number(properties, "total") or _number(properties, "revenue") or 0.0)
            self._did("ordered", person, "", margin, event.message_id, event.at)
            return
        offer_id = _text(properties, "promotion_id") or _text(properties, "offer_id")
        offer = self._state.offers.get(offer_id)
        if event.event == CLICKED:
            self._did("clicked", person, offer_id, 0.0, event.message_id, event.at)
        elif event.event in REFUSED:
            self._did("refused", person, offer_id, 0.0, event.message_id, event.at)
            if offer is not None and event.customer_id and offer_id in self._state.reserving:
                self._ledger.free_later(offer_id, digest("customer", event.customer_id))
        elif offer is not None and offer.commit == "impression" and event.customer_id and event.trusted:
            await self._shown(offer_id, offer, event.customer_id)

    async def _shown(self, offer_id: str, offer: Offer, customer_id: str) -> None:
        """An offer that counts as used when shown: once for each customer, however often they see it."""
        del offer
        key = f"impression {offer_id} {customer_id}"
        await self._ledger.redeem(RedeemQuery(offer_id=offer_id, customer=customer_id, redemption_id=key[:200]))

    def _person(self, customer_id: str, anonymous_id: str, decision_id: str) -> str:
        found = [digest("id", one) for one in (customer_id, anonymous_id) if one]
        return self._remembering.memory.person_of([decision_id, *found] if decision_id else found)

    def _did(self, kind: str, person: str, offer_id: str, money: float, key: str, at: float | None = None) -> None:
        if person:
            when = self._now() if at is None else at
            self._remembering.write(Did(kind, when, person, offer_id, money, digest("did", kind, offer_id, key)[:16]))


def _redeemed(query: RedeemQuery, at: float) -> Event:
    """What insights are told of it: the same again under the same id counts once there, too."""
    told = {
        "promotion_id": query.offer_id, "amount": query.amount, "order_id": query.order_id,
        "decision_id": query.decision_id,
    }  # fmt: skip
    return Event(
        message_id=f"redeemed {query.redemption_id}", type="track", event="Offer Redeemed", at=at, received_at=at,
        customer_id=query.customer, properties={name: value for name, value in told.items() if value},
        context={"channel": query.channel} if query.channel else {}, trusted=True,
    )  # fmt: skip


def _text(properties: Mapping[str, Any], name: str) -> str:
    value = properties.get(name)
    return value[:200] if isinstance(value, str) else ""


def _number(properties: Mapping[str, Any], name: str) -> float | None:
    value = properties.get(name)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
