"""Orders that were taken back, wholly or in part: how many there are and what they came to is less from then on.

The order and what took it back may be heard of in any order, so what was taken back is kept for a while by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

__all__ = ["REFUNDS_KEPT", "Refund", "Totals", "left_of", "refunds_kept", "totals_of"]

REFUNDS_KEPT = 50
_CENT = 0.01


class Refund(Struct, frozen=True, array_like=True):
    """What was taken back of an order: [mark of the order, at, value, whole]."""

    order: bytes
    at: int
    value: float = 0.0
    whole: bool = False
    """The order was cancelled, or all that it came to was paid back."""


class Totals(Struct, frozen=True):
    """Orders and what they came to."""

    orders: int
    spend: float


def totals_of(orders: Mapping[bytes, float], refunds: Iterable[Refund]) -> Totals:
    """These orders without what was taken back. `orders`: mark -> value."""
    back: dict[bytes, float] = {}
    whole: set[bytes] = set()
    for one in refunds:
        back[one.order] = back.get(one.order, 0.0) + one.value
        if one.whole:
            whole.add(one.order)
    count, spend = 0, 0.0
    for mark, value in orders.items():
        left = value - back.get(mark, 0.0)
        if mark not in whole and (left >= _CENT or mark not in back):
            count += 1
            spend += left
    return Totals(count, round(spend, 2))


def left_of(mark: bytes, value: float, refunds: Iterable[Refund]) -> float | None:
    """What the order comes to after all, None where it counts no more."""
    found = totals_of({mark: value}, refunds)
    return found.spend if found.orders else None


def refunds_kept(refunds: Iterable[Refund]) -> tuple[Refund, ...]:
    """The latest, newest first; what was taken back of one order at several times stands several times."""
    ordered = sorted(refunds, key=lambda one: (-one.at, one.order, one.value, one.whole))
    return tuple(ordered[:REFUNDS_KEPT])
