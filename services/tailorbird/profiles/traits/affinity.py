"""What somebody is drawn to: categories, brands and prices, the latest weighing most.

A weight halves in thirty days. Weights of one person are compared with each other only, so they are told relative to
a common moment and need no counting anew while time passes: what was computed when an order came stays right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from math import exp2

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tailorbird.contracts.words import AttributeValue, Signal
from tailorbird.profiles.traits.items import NO_ITEMS, NO_LEVEL, UNKNOWN, Items, Kinds, Numbers

__all__ = ["Drawn", "attributes", "of_history"]

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
_MAY_BE_TOLD = TOLD + SIGNALS_LOOKED_AT
"""Each signal may take one of the heaviest away."""


class Weights(Struct, frozen=True):
    """What weighs how much, by name."""

    by_name: dict[str, float] = {}
    heaviest: tuple[tuple[float, str], ...] = ()
    """(weight below zero, name) of those that may be told, the heaviest first."""
    total: float = 0.0


class Drawn(Struct, frozen=True):
    """What somebody's purchases say."""

    categories: Weights = Weights()
    brands: Weights = Weights()
    levels: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """What all items together weigh in the cheapest, middle and dearest third of their categories."""


def of_history(
    bought: Numbers, times: npt.NDArray[np.int64], last_at: npt.NDArray[np.int64], kinds: Kinds
) -> Drawn:
    """What the latest purchases say. `bought`: the items' kinds by number, latest first; `times`: orders."""
    known = np.flatnonzero(bought[:HISTORY_LOOKED_AT] != UNKNOWN)
    some = bought[known]
    weights = _BOUGHT * np.minimum(times[known], 10) * np.exp2((last_at[known] - EPOCH) / HALF_LIFE)
    low, middle, high, _ = np.bincount(kinds.levels(some), weights, NO_LEVEL + 1).tolist()
    categories, brands = kinds.categories.sums(some, weights), kinds.brands.sums(some, weights)
    return Drawn(_weights(*categories), _weights(*brands), (low, middle, high))


def attributes(drawn: Drawn, recent: Iterable[Signal] = (), items: Items = NO_ITEMS) -> dict[str, AttributeValue]:
    """`affinity.*`, without what is not known; with what was looked at, put into the cart, taken out and dismissed
    lately.
    """
    categories: dict[str, float] = {}
    brands: dict[str, float] = {}
    levels = list(drawn.levels)
    for signal in islice(recent, SIGNALS_LOOKED_AT) if len(items) else ():
        kind = items.get(signal.item_id)
        if kind is None:
            continue
        weight = _WEIGHTS[signal.kind] * exp2((signal.at - EPOCH) / HALF_LIFE)
        if kind.category:
            categories[kind.category] = categories.get(kind.category, 0.0) + weight
        if kind.brand:
            brands[kind.brand] = brands.get(kind.brand, 0.0) + weight
        if kind.level is not None:
            levels[kind.level] += weight
    found: dict[str, AttributeValue] = {}
    if names := _leading(drawn.categories, categories):
        found["affinity.categories"] = names
    if names := _leading(drawn.brands, brands):
        found["affinity.brands"] = names
    low, middle, high = (max(weight, 0.0) for weight in levels)
    total = low + middle + high
    if total > 0:
        # 0: always the cheapest third of a category, 1: always the dearest.
        found["affinity.price"] = round((middle / 2 + high) / total, 2)
    return found


def _weights(names: list[str], sums: npt.NDArray[np.float64]) -> Weights:
    told = sums.argsort()[: -_MAY_BE_TOLD - 1 : -1].tolist()
    weighed = sums.tolist()
    return Weights(
        dict(zip(names, weighed, strict=True)),
        tuple(sorted([(-weighed[place], names[place]) for place in told])),
        float(sums.sum()),
    )


def _leading(before: Weights, further: Mapping[str, float]) -> list[str]:
    """The names that weigh most with this added."""
    total = before.total
    found: list[tuple[float, str]] = []
    for name, weight in further.items():
        was = before.by_name.get(name, 0.0)
        weighs = was + weight
        total += max(weighs, 0.0) - was
        if weighs > 0.0:
            found.append((-weighs, name))
    least = LEAST_SHARE * total
    found += [one for one in before.heaviest if one[1] not in further]
    return [name for weight, name in sorted(found)[:TOLD] if -weight >= least and weight < 0.0]
