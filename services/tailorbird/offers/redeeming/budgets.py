"""Which offers are used up, and which of those that run are nearly so."""

from __future__ import annotations

from collections.abc import Mapping

from tailorbird.contracts.offers import Budget, Budgets, BudgetsQuery
from tailorbird.offers.documents.offer import Limit, Offer
from tailorbird.offers.documents.prepared import window
from tailorbird.offers.redeeming.limits import Tally, fullest, period_of, used_up
from tailorbird.offers.redeeming.settling import Settled

__all__ = ["budgets_of", "closed", "is_used_up"]


def budgets_of(query: BudgetsQuery, offers: Mapping[str, Offer], settled: Settled, now: float) -> Budgets:
    """Of the offers that run now, the fullest first."""
    limited = [
        (used, name, offer)
        for name, offer in offers.items()
        if not closed(offer, now) and (used := fullest(*_limits_of(name, offer, settled, now)))
    ]
    found = [one for one in limited if one[0].share >= query.at_least]
    found.sort(key=lambda one: (-one[0].share, one[1]))
    return Budgets(
        budgets=tuple(
            Budget(offer_id=name, headline=offer.headline, limit=used.field, used=used.used, most=used.most)
            for used, name, offer in found[: query.count]
        ),
        limited=len(limited),
        found=len(found),
    )


def is_used_up(identity: str, offer: Offer, settled: Settled, now: float) -> bool:
    """Whether nobody who holds none can redeem it now."""
    return used_up(*_limits_of(identity, offer, settled, now))


def closed(offer: Offer, now: float) -> str:
    """Why it can't be redeemed at this moment, whatever its limits; empty when it can."""
    if not offer.active:
        return "It is switched off."
    starts, ends = window(offer)
    if now < starts:
        return "It can't be redeemed yet."
    return "It can't be redeemed any more: it has ended." if now >= ends else ""


def _limits_of(identity: str, offer: Offer, settled: Settled, now: float) -> tuple[Limit | None, Tally, str, bool]:
    limit = offer.limit
    period = period_of(now, limit.period, offer.zone) if limit and limit.per_period is not None else ""
    return limit, settled.tally(identity), period, offer.unique_codes
