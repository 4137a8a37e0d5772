"""Which cluster somebody is nearest to: centres found by K-means, and units of a self-organizing map (R115)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log1p
from typing import Any

from msgspec import Struct

from tailorbird.contracts.words import AttributeValue

__all__ = ["FEATURES", "Clusters", "attributes", "features", "named"]

FEATURES = (
    "history.orders_last_90_days",
    "history.average_order",
    "history.days_since_last_order",
    "history.distinct_items",
    "history.discount_share",
    "history.private_brand_share",
    "history.coupons_redeemed",
    "affinity.price",
)
"""What customers are told apart by; amounts and counts by their logarithm."""
_SHARES = frozenset({"history.discount_share", "history.private_brand_share", "affinity.price"})
_WORDS = (
    ("frequent", "rare"),
    ("big baskets", "small baskets"),
    ("lapsing", "recent"),
    ("wide range", "narrow range"),
    ("discounts", "full price"),
    ("own brand", "maker's brand"),
    ("coupons", "no coupons"),
    ("dear", "cheap"),
)
"""How a cluster far above, and far below, the average of each is called."""


class Clusters(Struct, frozen=True, kw_only=True):
    """An artifact of `tailorbird train segments`; nothing of any one person is in it."""

    version: str
    customers: int
    means: tuple[float, ...]
    scales: tuple[float, ...]
    centres: tuple[tuple[float, ...], ...]
    """Of K-means, in standard deviations from the mean."""
    centre_names: tuple[str, ...]
    units: tuple[tuple[float, ...], ...]
    """Of the map, row by row."""
    unit_names: tuple[str, ...]
    width: int
    silhouette: float = 0.0


def features(values: Mapping[str, Any]) -> list[float] | None:
    """The customer as numbers, None without an order; what is not known is not a number."""
    if not values.get("history.orders"):
        return None
    found: list[float] = []
    for name in FEATURES:
        value = values.get(name)
        if not isinstance(value, (int, float)):
            found.append(float("nan"))
        else:
            found.append(float(value) if name in _SHARES else log1p(max(float(value), 0.0)))
    return found


def attributes(clusters: Clusters | None, values: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
    """`cluster.kmeans` and `cluster.map`, by name."""
    if clusters is None or not clusters.centres:
        return {}
    raw = features(values)
    if raw is None:
        return {}
    # What is not known lies at the mean: it then speaks for no cluster and against none.
    point = [
        0.0 if value != value else (value - mean) / scale  # noqa: PLR0124 - not a number
        for value, mean, scale in zip(raw, clusters.means, clusters.scales, strict=True)
    ]
    return {
        "cluster.kmeans": clusters.centre_names[_nearest(point, clusters.centres)],
        "cluster.map": clusters.unit_names[_nearest(point, clusters.units)],
    }


def named(centres: Sequence[Sequence[float]]) -> tuple[str, ...]:
    """A name for each by the two features in which it is farthest from the average; numbered where two are alike."""
    found: list[str] = []
    for centre in centres:
        strongest = sorted(range(len(centre)), key=lambda place: -abs(centre[place]))[:2]
        name = ", ".join(_WORDS[place][0 if centre[place] > 0 else 1] for place in strongest)
        alike = sum(1 for other in found if other.split(" #")[0] == name)
        found.append(f"{name} #{alike + 1}" if alike else name)
    return tuple(found)


def _nearest(point: Sequence[float], centres: Sequence[Sequence[float]]) -> int:
    distances = [sum((mine - other) ** 2 for mine, other in zip(point, centre, strict=True)) for centre in centres]
    return distances.index(min(distances))
