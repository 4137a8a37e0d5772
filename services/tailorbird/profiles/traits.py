"""The attributes that rules test, computed from a profile at a moment: `customer.*`, `history.*`, `session.*`."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from tailorbird.contracts.words import AttributeValue
from tailorbird.profiles.items import Tastes
from tailorbird.profiles.profile import DAY, StoredProfile
from tailorbird.profiles.sessions import running

__all__ = ["ACCEPTED_TRAITS", "NEW_UNTIL_ORDERS", "attributes", "fifths", "predicted_value", "quintile"]

NEW_UNTIL_ORDERS = 3
"""Somebody with fewer orders counts as new."""
ACCEPTED_TRAITS = frozenset({"given", "imported"})
"""Sources whose traits rules may test: what the write key said is not among them."""
_NEVER_TOLD = frozenset({"email", "phone", "address", "last_name", "name", "audiences", "birthday"})
"""Deciding needs no way to reach somebody: these stay in the profile."""


def attributes(
    profile: StoredProfile, tastes: Tastes, at: float, value_thresholds: Sequence[float] = ()
) -> dict[str, AttributeValue]:
    """Attribute name -> value, without those that are not known.

    `value_thresholds`: four yearly values that part the customers into fifths, see `quintile`.
    """
    found: dict[str, AttributeValue] = {
        f"customer.{name}": trait.value
        for name, trait in profile.traits.items()
        if trait.source in ACCEPTED_TRAITS and name not in _NEVER_TOLD
    }
    found.setdefault("customer.registered", bool(profile.customer_id))
    found["customer.audiences"] = list(profile.audiences)
    found.update(_history(profile, tastes, at, value_thresholds))
    session = running(profile.session, at)
    found["session.views"] = session.views if session else 0
    found["session.pages"] = session.pages if session else 0
    found["session.minutes"] = round((max(at, session.ended) - session.started) / 60.0, 1) if session else 0.0
    found["session.searches"] = list(session.searches) if session else []
    return found


def predicted_value(orders: int, spend: float, first_at: int, last_at: int, at: float) -> float:
    """Spend to expect within the next year: pace x average order x how likely the customer is still one.

    Pace is orders per day since the first one (at least four weeks, so that one order makes nobody a daily buyer).
    Whoever has been silent for less than twice the usual gap between orders (a gap of two weeks at least) counts as a
    customer; after that the likelihood falls by a factor of e with every four gaps. A plain estimate, to be replaced
    by BG/NBD.
    """
    if orders <= 0 or spend <= 0:
        return 0.0
    gap = max(at - first_at, 28.0 * DAY) / orders
    silence = max(at - last_at, 0.0) / max(gap, 14.0 * DAY)
    alive = 1.0 if silence <= 2.0 else math.exp((2.0 - silence) / 4.0)
    return round(365.0 * DAY / gap * (spend / orders) * alive, 2)


def quintile(value: float, thresholds: Sequence[float]) -> int:
    """1 (lowest fifth of the customers with an order) to 5 (highest)."""
    return bisect_right(thresholds, value) + 1


def fifths(values: Iterable[float]) -> tuple[float, ...]:
    """Four thresholds that part these values into fifths, none when there are fewer than five values."""
    ordered = sorted(values)
    return tuple(ordered[len(ordered) * part // 5] for part in (1, 2, 3, 4)) if len(ordered) >= 5 else ()


def _history(
    profile: StoredProfile, tastes: Tastes, at: float, value_thresholds: Sequence[float]
) -> dict[str, AttributeValue]:
    found: dict[str, AttributeValue] = {
        "history.orders": profile.orders,
        "history.spend": profile.spend,
        "history.is_new": profile.orders < NEW_UNTIL_ORDERS,
        "history.coupons_redeemed": sum(one.times for one in profile.responses if one.kind == "redeemed"),
    }
    if profile.orders:
        since = at - 90 * DAY
        recent = [order.value for order in profile.recent_orders if order.at >= since]
        value = predicted_value(profile.orders, profile.spend, profile.first_order_at, profile.last_order_at, at)
        found |= {
            "history.average_order": round(profile.spend / profile.orders, 2),
            "history.days_since_last_order": max(0, int((at - profile.last_order_at) // DAY)),
            "history.days_since_first_order": max(0, int((at - profile.first_order_at) // DAY)),
            "history.orders_last_90_days": len(recent),
            "history.spend_last_90_days": round(sum(recent), 2),
            "history.distinct_items": len(profile.history.entries()) + profile.forgotten_items,
            "history.departments": list(tastes.departments),
            "history.discount_share": round(profile.discounted_lines / profile.lines, 4) if profile.lines else 0.0,
            "history.predicted_value": value,
        }
        if value_thresholds:
            found["history.value_quintile"] = quintile(value, value_thresholds)
        if tastes.departments:
            found["history.top_department"] = tastes.departments[0]
        if tastes.top_category:
            found["history.top_category"] = tastes.top_category
        if tastes.private_brand_share is not None:
            found["history.private_brand_share"] = tastes.private_brand_share
    return found
