"""What an offer would do before anybody is made it: for how many, of which segments, at what cost, in whose place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tailorbird.contracts.offers import Displaced, Simulated
from tailorbird.offers.deciding.asked import Asked
from tailorbird.offers.deciding.decide import decide, eligible, share_kept_back
from tailorbird.offers.deciding.knowing import Knowing
from tailorbird.offers.documents.offer import Action, Offer
from tailorbird.offers.documents.offering import Offering
from tailorbird.offers.documents.prepared import money_of
from tailorbird.offers.learning.beliefs import response_of

__all__ = ["cost_of", "simulate"]


def simulate(now: Offering, then: Offering, offer_id: str, questions: Sequence[Asked], knowing: Knowing) -> Simulated:
    """The difference that the offer makes to these customers: `then` holds it, `now` does not.

    Redemptions: those who would be made it, less the part from whom chance keeps it, times the part expected to redeem
    it: what its document lets expect, drawn towards what was seen of it where it is at work already. Cost: what one
    redemption costs, or what it gives the customer where the document does not say.
    """
    place = then.place_of(offer_id)
    may, made = 0, 0
    segments: Counter[str] = Counter()
    displaced: Counter[str] = Counter()
    for question in questions:
        if place is None or not eligible(then, question, knowing).bits >> place & 1:
            continue
        may += 1
        segments.update(question.values.get("segments") or ["(none)"])
        after = _chosen(then, question, knowing)
        if offer_id in after:
            made += 1
            displaced.update(_chosen(now, question, knowing) - after)
    redemptions = cost = 0.0
    if place is not None:
        response = response_of(then.prospects[place], knowing.learned.cells.get(offer_id, {}).values())
        redemptions = made * (1.0 - share_kept_back(then, then.documents[place])) * response
        cost = redemptions * cost_of(then.documents[place].document)
    return Simulated(
        customers=len(questions),
        eligible=may,
        made=made,
        segments=dict(segments.most_common()),
        redemptions=redemptions,
        cost=cost,
        displaced=tuple(Displaced(offer_id=name, customers=count) for name, count in displaced.most_common()),
    )


def cost_of(document: Offer | Action) -> float:
    """What one redemption costs, as the document says it or as its promise lets expect."""
    if document.cost is not None:
        return document.cost
    return money_of(document) if isinstance(document, Offer) else 0.0


def _chosen(offering: Offering, question: Asked, knowing: Knowing) -> set[str]:
    return {one.offer_id for slot in decide(offering, question, "", knowing).slots for one in slot.chosen}
