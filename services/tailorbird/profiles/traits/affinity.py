"""What somebody is drawn to: categories, brands and prices, the latest weighing most.

A weight halves in thirty days. Weights of one person are compared with each other only, so they are told relative to
a common moment and need no counting anew while time passes: what was computed when an order came stays right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from msgspec import Struct

from tailorbird.contracts.words import AttributeValue, Bought, Signal
from tailorbird.profiles.traits.items import ItemKind

__all__ = ["Drawn", "attributes", "drawn_by", "of_history"]

HALF_LIFE = 30 * 86_400
EPOCH = 1_700_000_000
"""The common moment: weights are those that would be left there."""
HISTORY_LOOKED_AT = 200
SIGNALS_LOOKED_AT = 20
TOLD = 5
LEAST_SHARE = 0.1
"""Less than so much of all weight is no inclination."""
_WEIGHTS = {"viewed": 1.0, "added": 3.0, "removed": -2.0, "bought": 0.0, "dismissed": -3.0}
"""Of a recent signal; purchases count from the history."""
_BOUGHT = 4.0

Kinds = Mapping[str, ItemKind]


class Drawn(Struct, frozen=True):
    """Weights by name, and what all items together weigh at each price level."""

    categories: dict[str, float] = {}
    brands: dict[str, float] = {}
    levels: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Cheapest, middle and dearest third of their categories."""


def of_history(history: Iterable[Bought], kinds: Kinds) -> Drawn:
    """What the latest purchases say."""
    weighed: list[tuple[ItemKind, float]] = []
    for bought in islice(history, HISTORY_LOOKED_AT):
        kind = kinds.get(bought.item_id)
        if kind is not None:
            weighed.append((kind, _BOUGHT * min(bought.times, 10) * 2.0 ** ((bought.last_at - EPOCH) / HALF_LIFE)))
    return _added(Drawn(), weighed)


def drawn_by(before: Drawn, recent: Iterable[Signal], kinds: Kinds) -> Drawn:
    """With what was looked at, put into the cart, taken out and dismissed lately."""
    if not kinds:
        return before
    weighed: list[tuple[ItemKind, float]] = []
    for signal in islice(recent, SIGNALS_LOOKED_AT):
        kind = kinds.get(signal.item_id)
        if kind is not None:
            weighed.append((kind, _WEIGHTS[signal.kind] * 2.0 ** ((signal.at - EPOCH) / HALF_LIFE)))
    return _added(before, weighed) if weighed else before


def attributes(drawn: Drawn) -> dict[str, AttributeValue]:
    """`affinity.*`, without what is not known."""
    found: dict[str, AttributeValue] = {}
    categories, brands = _leading(drawn.categories), _leading(drawn.brands)
    if categories:
        found["affinity.categories"] = categories
    if brands:
        found["affinity.brands"] = brands
    low, middle, high = (max(weight, 0.0) for weight in drawn.levels)
    total = low + middle + high
    if total > 0:
        # 0: always the cheapest third of a category, 1: always the dearest.
        found["affinity.price"] = round((middle / 2 + high) / total, 2)
    return found


def _leading(weights: Mapping[str, float]) -> list[str]:
    if not weights:
        return []
    least = LEAST_SHARE * sum(weight for weight in weights.values() if weight > 0)
    ordered = sorted([(-weight, name) for name, weight in weights.items() if weight > 0 and weight >= least])
    return [name for _, name in ordered[:TOLD]]


def _added(before: Drawn, weighed: Iterable[tuple[ItemKind, float]]) -> Drawn:
    categories, brands, levels = dict(before.categories), dict(before.brands), list(before.levels)
    for kind, weight in weighed:
        if kind.category:
            categories[kind.category] = categories.get(kind.category, 0.0) + weight
        if kind.brand:
            brands[kind.brand] = brands.get(kind.brand, 0.0) + weight
        if kind.level is not None:
            levels[kind.level] += weight
    return Drawn(categories, brands, (levels[0], levels[1], levels[2]))
