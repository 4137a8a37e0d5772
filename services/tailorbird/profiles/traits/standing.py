"""Where somebody stands: how far on the way to buying, how to be treated, and what there is to decide from."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from tailorbird.contracts.words import AttributeValue, Signal
from tailorbird.profiles.person.profile import DAY, Session, StoredProfile
from tailorbird.profiles.traits.items import Items

__all__ = ["Standing", "journey", "shares", "treatments"]

FREQUENT_ORDERS = 6
"""Orders in 90 days from which on somebody shops frequently: every other week."""
CROSS_CATEGORIES = 3
"""Departments from which on somebody shops across the store."""
_LOOKED_CLOSELY = 60
"""Seconds of dwelling that tell evaluating from passing by."""
_SAME_CATEGORY = 3
_HALF_KNOWN = 8.0
"""Facts of a kind at which half of what can be known is known."""


class Standing(Struct, frozen=True):
    """How much of a decision rests on who somebody is, and on what they are doing: 0 to 1 each, together 1 or 0."""

    identity: float
    behaviour: float


def journey(session: Session | None, recent: Iterable[Signal], items: Items, in_cart: bool) -> str:
    """`researching`, `evaluating` or `ready`; empty outside of a visit.

    Ready: something was put into the cart in this visit, or the checkout begun. Evaluating: one item looked at twice
    or for a minute, or three of one category. Researching: anything else.
    """
    if session is None:
        return ""
    if session.checkout_at:
        return "ready"
    evaluating = any(dwell.seconds >= _LOOKED_CLOSELY for dwell in session.dwells)
    seen: set[str] = set()
    categories: dict[str, int] = {}
    for signal in recent:
        if signal.at < session.started or (evaluating and not in_cart):
            break
        if signal.kind == "added" and in_cart:
            return "ready"
        if signal.kind == "viewed" and not evaluating:
            item_id = signal.item_id
            if item_id in seen:
                evaluating = True
            seen.add(item_id)
            kind = items.get(item_id)
            if kind is not None:
                category = kind.category
                times = categories[category] = categories.get(category, 0) + 1
                evaluating = evaluating or times >= _SAME_CATEGORY
    return "evaluating" if evaluating else "researching"


def treatments(profile: StoredProfile, departments: int, orders_last_90_days: int) -> dict[str, AttributeValue]:
    """The four ways of telling customers apart that decide how they are spoken to (R61)."""
    found: dict[str, AttributeValue] = {
        "treatment.visitor": "repeat" if profile.previous_session is not None or profile.orders else "first_time",
        "treatment.advocacy": "advocate" if profile.observed.advocacy else "passive",
    }
    if profile.orders:
        found["treatment.frequency"] = "frequent" if orders_last_90_days >= FREQUENT_ORDERS else "occasional"
        found["treatment.breadth"] = "cross_category" if departments >= CROSS_CATEGORIES else "single_category"
    return found


def shares(profile: StoredProfile, session: Session | None, at: float) -> Standing:
    """How much there is to go by on each of the two axes, as shares (R4).

    Identity: traits, audiences, orders, offers answered. Behaviour: what was done in this visit, and lately. Each
    further fact of a kind says less than the one before.
    """
    facts = len(profile.traits) + len(profile.audiences) + min(profile.orders, 20) + min(len(profile.responses), 10)
    acts = 0.0
    if session is not None:
        acts += session.views + session.pages + 2 * len(session.searches) + 2 * len(session.dwells)
        acts += 4 if session.checkout_at else 0
    in_cart = 2 * len(profile.cart.lines) + 2 * len(profile.cart.steps)
    acts += in_cart if at - profile.last_at < DAY else in_cart / 4.0
    identity, behaviour = facts / (facts + _HALF_KNOWN), acts / (acts + _HALF_KNOWN)
    total = identity + behaviour
    if not total:
        return Standing(0.0, 0.0)
    share = round(identity / total, 2)
    return Standing(share, round(1.0 - share, 2))
