"""What an offer would do for parts of the customers, as one. Needs none of what deciding needs: the gateway adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tailorbird.contracts.offers import Displaced, Simulated
from tailorbird.offers.documents.offer import Offer

__all__ = ["added_up"]


def added_up(parts: Sequence[Simulated], offer: Offer) -> Simulated:
    """The parts as one; no more is redeemed than the offer's limits allow, in all and in money."""
    segments: Counter[str] = Counter()
    displaced: Counter[str] = Counter()
    for part in parts:
        segments.update(part.segments)
        displaced.update({one.offer_id: one.customers for one in part.displaced})
    redemptions, cost = sum(part.redemptions for part in parts), sum(part.cost for part in parts)
    within = 1.0
    if offer.limit is not None and offer.limit.total is not None and redemptions:
        within = min(within, offer.limit.total / redemptions)
    if offer.limit is not None and offer.limit.money is not None and cost:
        within = min(within, offer.limit.money / cost)
    redemptions, cost = redemptions * within, cost * within
    return Simulated(
        customers=sum(part.customers for part in parts),
        eligible=sum(part.eligible for part in parts),
        made=sum(part.made for part in parts),
        segments=dict(segments.most_common()),
        redemptions=round(redemptions, 2),
        cost=round(cost, 2),
        displaced=tuple(Displaced(offer_id=name, customers=count) for name, count in displaced.most_common()),
        notes=parts[0].notes if parts else (),
    )
