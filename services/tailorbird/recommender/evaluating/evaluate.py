"""How good recommendations are on weeks that training has not seen, beside what any shop could do without a model.

    before, after = split(interactions, days=28)
    test = HeldOut.of(before, after)
    table = compare(test, {"for_you": lists, **baselines})

Lists come from the code that serves (`shelf_lists` asks a Ranker); every value has a bootstrap interval.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from msgspec import Struct

from tailorbird.contracts.recommender import RecommendQuery, Shelf
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import Bought, CustomerFacts
from tailorbird.recommender.evaluating.baselines import Lister
from tailorbird.recommender.evaluating.metrics import METRICS, Values, hits_of
from tailorbird.recommender.models.repurchase import FADING_DAYS
from tailorbird.recommender.shelves.ranking import Ranker
from tailorbird.recommender.vectors.foldin import DAY

__all__ = ["HeldOut", "compare", "difference", "interval", "list_all", "overlap", "shelf_lists", "split"]

Lists = Mapping[str, Sequence[str]]
"""Customer -> item ids, best first."""

SAMPLES = 1_000
SAMPLES_AT_ONCE = 50
HISTORY = 1_200
"""As many items as a profile remembers."""
BATCH = 64


def split(interactions: pd.DataFrame, days: float = 28.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(before, after): purchases before the last days, and within them."""
    bought: Any = interactions
    if "kind" in interactions:
        bought = interactions[interactions["kind"] == "purchase"]
    cut = bought["at"].max() - days * DAY
    return bought[bought["at"] <= cut], bought[bought["at"] > cut]


class HeldOut(Struct, frozen=True):
    """Customers who bought both before and after, what they had and what came true."""

    at: float
    """The moment between before and after."""
    had: dict[str, set[str]]
    new: dict[str, set[str]]
    """Bought after, and never before."""
    again: dict[str, set[str]]
    """Bought after, and before as well."""
    facts: dict[str, bytes]
    """What a profile would have known of them, as JSON of CustomerFacts."""

    @classmethod
    def of(cls, before: pd.DataFrame, after: pd.DataFrame, known: Collection[str] | None = None) -> HeldOut:
        """Of the two halves of a split. known: only these items can come true (those that can be recommended)."""
        had = _items_by_person(before)
        came = _items_by_person(after)
        if known is not None:
            possible = frozenset(known)
            came = {person: items & possible for person, items in came.items()}
        both = sorted(set(had) & set(came))
        return cls(
            at=float(before["at"].to_numpy().max()),
            had={person: had[person] for person in both},
            new={person: new for person in both if (new := came[person] - had[person])},
            again={person: again for person in both if (again := came[person] & had[person])},
            facts=_facts(before, both),
        )


def list_all(
    lister: Lister, truths: Mapping[str, Collection[str]], had: Mapping[str, Collection[str]], k: int
) -> Lists:
    """A baseline's list for every customer of the truths. had: what each may not be listed, {} for nothing."""
    return {person: lister(person, had.get(person, ()), k) for person in truths}


def shelf_lists(
    ranker: Ranker, test: HeldOut, people: Sequence[str], strategy: str, k: int, rested: bool = True
) -> Lists:
    """What the recommender answers for these customers at the split, asked as a page asks."""
    lists: dict[str, Sequence[str]] = {}
    for first in range(0, len(people), BATCH):
        part = people[first : first + BATCH]
        shelf = Shelf(slot=strategy, strategy=strategy, count=k)
        queries = [
            RecommendQuery(shelves=(shelf,), customer=msgspec.Raw(test.facts[person]), at=test.at, rested=rested)
            for person in part
        ]
        for person, outcome in zip(part, ranker.rank(queries), strict=True):
            if isinstance(outcome, Fault):
                raise outcome
            lists[person] = [item.item_id for item in outcome.shelves[0].items]
    return lists


def compare(
    truths: Mapping[str, Collection[str]], lists: Mapping[str, Lists], k: int = 10, seed: int = 1
) -> pd.DataFrame:
    """A row per way of listing: each metric at k with its 95 % bootstrap interval over customers."""
    rows = {}
    for name, found in lists.items():
        values = {metric: of_each(truths, found, metric, k) for metric in METRICS}
        row: dict[str, float] = {}
        for metric, each in values.items():
            low, high = interval(each, seed)
            row |= {f"{metric}@{k}": float(each.mean()), f"{metric} low": low, f"{metric} high": high}
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index")


def difference(
    truths: Mapping[str, Collection[str]], ours: Lists, theirs: Lists, metric: str = "ndcg", k: int = 10, seed: int = 1
) -> tuple[float, float, float]:
    """(mean, low, high): by how much ours is better, paired by customer, with its 95 % bootstrap interval."""
    apart = of_each(truths, ours, metric, k) - of_each(truths, theirs, metric, k)
    low, high = interval(apart, seed)
    return float(apart.mean()), low, high


def of_each(truths: Mapping[str, Collection[str]], lists: Lists, metric: str, k: int) -> Values:
    """The metric for each customer of the truths, in their order; who has no list has an empty one."""
    hits, relevant = hits_of([lists.get(person, ()) for person in truths], list(truths.values()), k)
    return METRICS[metric](hits, relevant)


def interval(values: Values, seed: int = 1, share: float = 0.95) -> tuple[float, float]:
    """(low, high) of the mean, by the percentile bootstrap over customers."""
    generator = np.random.default_rng(seed)
    count = len(values)
    # A few samples at a time: all of them of many customers would fill the memory.
    drawn = (generator.integers(0, count, (SAMPLES_AT_ONCE, count)) for _ in range(SAMPLES // SAMPLES_AT_ONCE))
    means = np.concatenate([values[some].mean(axis=1) for some in drawn])
    low, high = np.quantile(means, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def overlap(lists: Lists, pairs: int = 200, seed: int = 1) -> float:
    """The share of a list that two customers have in common, on average over pairs drawn at random."""
    people = sorted(person for person, found in lists.items() if found)
    if len(people) < 2:
        return 0.0
    generator = np.random.default_rng(seed)
    drawn = (generator.choice(len(people), 2, replace=False) for _ in itertools.repeat(None, pairs))
    both = ((lists[people[one]], lists[people[other]]) for one, other in drawn)
    return float(np.mean([len(set(own) & set(others)) / len(own) for own, others in both]))


def _items_by_person(frame: pd.DataFrame) -> dict[str, set[str]]:
    pairs = frame.drop_duplicates(["person", "item_id"])
    found: dict[str, set[str]] = {}
    for person, item in zip(pairs["person"].astype(str), pairs["item_id"].astype(str), strict=True):
        found.setdefault(person, set()).add(item)
    return found


def _facts(before: pd.DataFrame, people: Sequence[str]) -> dict[str, bytes]:
    wanted: Any = before[before["person"].isin(people)]
    orders = wanted.drop_duplicates(["person", "item_id", "order_id"])
    latest = orders.groupby(["person", "item_id"], observed=True)["at"].transform("max")
    orders = orders.assign(fading=np.exp2((orders["at"] - latest) / (FADING_DAYS * DAY)))
    grouped = orders.groupby(["person", "item_id"], observed=True)
    table = grouped.agg(times=("at", "size"), last_at=("at", "max"), fading=("fading", "sum")).reset_index()
    table = table.sort_values("last_at", ascending=False)
    history: dict[str, list[Bought]] = {}
    told = (table["person"].astype(str), table["item_id"].astype(str), table["times"], table["last_at"])
    for person, item, times, last_at, fading in zip(*told, table["fading"], strict=True):
        own = history.setdefault(person, [])
        if len(own) < HISTORY:
            own.append(Bought(item, int(times), int(last_at), round(float(fading), 2)))
    return {person: msgspec.json.encode(CustomerFacts(history=tuple(own))) for person, own in history.items()}
