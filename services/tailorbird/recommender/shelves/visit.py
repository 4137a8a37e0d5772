"""What recent signals tell of a customer's visits, read once: what they looked at, put away, bought or dismissed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from tailorbird.contracts.words import Signal
from tailorbird.recommender.vectors.foldin import DAY

__all__ = ["Visit", "read_visit"]

ATTENTION_HALF_LIFE_DAYS = 3.0
PAID = {"viewed": 1.0, "added": 2.0, "removed": -1.0}
"""What doing so with an item says of the wish to come back to it."""


class Visit(Struct, frozen=True, gc=False):
    """Positions of items in the catalogue, newest first; items that it does not have are left out."""

    touched: dict[int, float]
    """Viewed or put into the cart: days since 1970 of the latest time."""
    attention: list[float]
    """How much each of `touched` was looked at, put away or taken back, fading within days."""
    bought: dict[int, float]
    dismissed: dict[int, float]


def read_visit(position: Mapping[str, int], recent: Iterable[Signal], at: float) -> Visit:
    """position: where each item stands. recent: newest first. at: the moment, in seconds since 1970."""
    found: dict[str, dict[int, float]] = {"viewed": {}, "bought": {}, "dismissed": {}, "removed": {}}
    found["added"] = found["viewed"]
    paid: dict[int, float] = {}
    where = position.get
    for signal in recent:
        place = where(signal.item_id)
        if place is None or (kind := signal.kind) not in found:
            continue
        found[kind].setdefault(place, signal.at / DAY)
        if kind in PAID:
            faded = PAID[kind] * 2.0 ** ((signal.at - at) / DAY / ATTENTION_HALF_LIFE_DAYS)
            paid[place] = paid.get(place, 0.0) + faded
    touched = found["viewed"]
    return Visit(touched, [paid[place] for place in touched], found["bought"], found["dismissed"])
