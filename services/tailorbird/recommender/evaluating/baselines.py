"""What every model must stand beside: popularity, personal recency and frequency, and the ceiling of an oracle."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd

from tailorbird.recommender.vectors.foldin import DAY

__all__ = ["oracle", "personal_frequency", "personal_recency", "popularity"]

Lister: TypeAlias = Callable[[str, Collection[str], int], Sequence[str]]
"""(customer, ids not to list, k) -> ids, best first."""


def popularity(before: pd.DataFrame, weeks: float = 8.0) -> Lister:
    """Items by the number of customers who bought them in the last weeks; the same for everybody."""
    recent: Any = before[before["at"] > before["at"].max() - weeks * 7 * DAY]
    pairs = recent.drop_duplicates(["person", "item_id"])
    ranked = [str(item) for item in pairs["item_id"].value_counts().index]

    def listed(_: str, without: Collection[str], k: int) -> Sequence[str]:
        return _first(ranked, without, k)

    return listed


def personal_recency(before: Any) -> Lister:
    """The customer's own items, latest first."""
    own = _by_person(before.sort_values("at", ascending=False).drop_duplicates(["person", "item_id"]))

    def listed(person: str, without: Collection[str], k: int) -> Sequence[str]:
        return _first(own.get(person, ()), without, k)

    return listed


def personal_frequency(before: pd.DataFrame) -> Lister:
    """The customer's own items, most orders first."""
    orders = before.drop_duplicates(["person", "item_id", "order_id"])
    counts: Any = orders.groupby(["person", "item_id"], observed=True).size()
    own = _by_person(counts.sort_values(ascending=False).reset_index())

    def listed(person: str, without: Collection[str], k: int) -> Sequence[str]:
        return _first(own.get(person, ()), without, k)

    return listed


def oracle(truths: Mapping[str, Collection[str]], known: Collection[str]) -> Lister:
    """What came true, as far as the training data knows the items: no model of it can do better."""
    learned = frozenset(known)

    def listed(person: str, without: Collection[str], k: int) -> Sequence[str]:
        return _first(sorted(learned.intersection(truths.get(person, ()))), without, k)

    return listed


def _by_person(ordered: Any) -> dict[str, list[str]]:
    own: dict[str, list[str]] = {}
    for person, item in zip(ordered["person"].astype(str), ordered["item_id"].astype(str), strict=True):
        own.setdefault(person, []).append(item)
    return own


def _first(ranked: Sequence[str], without: Collection[str], k: int) -> list[str]:
    found: list[str] = []
    for item in ranked:
        if item not in without:
            found.append(item)
            if len(found) == k:
                break
    return found
