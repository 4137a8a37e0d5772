"""How good a ranked list is against what came true: recall, hit rate, ndcg, precision, average precision.

Each takes `hits` (lists, k): whether the item at that place came true, best place first; and `relevant` (lists): how
many items came true at all. Each answers one value per list; a list of which nothing came true has no value and must
not be given. Definitions as in trec_eval and ir-measures.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from tailorbird.recommender.arrays import Flags

__all__ = ["METRICS", "Metric", "Values", "average_precision", "hit_rate", "hits_of", "ndcg", "precision", "recall"]

Values: TypeAlias = npt.NDArray[np.float64]
Counts: TypeAlias = npt.NDArray[np.int64]
Metric: TypeAlias = Callable[[Flags, Counts], Values]


def hits_of(lists: Sequence[Sequence[str]], truths: Sequence[Collection[str]], k: int) -> tuple[Flags, Counts]:
    """(hits, relevant) of these lists of ids, cut or filled up to k."""
    hits = np.zeros((len(lists), k), np.bool_)
    for line, (ranked, truth) in enumerate(zip(lists, truths, strict=True)):
        for place, item in enumerate(ranked[:k]):
            hits[line, place] = item in truth
    return hits, np.array([len(truth) for truth in truths], np.int64)


def recall(hits: Flags, relevant: Counts) -> Values:
    """The share of what came true that is in the list."""
    share: Values = hits.sum(axis=1) / relevant
    return share


def precision(hits: Flags, relevant: Counts) -> Values:  # noqa: ARG001 - all metrics are called alike
    """The share of the list that came true."""
    share: Values = hits.sum(axis=1) / hits.shape[1]
    return share


def hit_rate(hits: Flags, relevant: Counts) -> Values:  # noqa: ARG001 - all metrics are called alike
    """1 where anything of the list came true."""
    found: Values = np.asarray(hits.any(axis=1), np.float64)
    return found


def ndcg(hits: Flags, relevant: Counts) -> Values:
    """Discounted cumulative gain over the best possible one: a hit at place i (from 1) is worth 1 / log2(i + 1)."""
    discounts = 1.0 / np.log2(np.arange(2, hits.shape[1] + 2))
    best = np.concatenate([[0.0], np.cumsum(discounts)])[np.minimum(relevant, hits.shape[1])]
    gained: Values = (hits @ discounts) / best
    return gained


def average_precision(hits: Flags, relevant: Counts) -> Values:
    """Precision at each hit, added up, over the number of items that came true (trec_eval's map_cut)."""
    at_each = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    value: Values = (at_each * hits).sum(axis=1) / relevant
    return value


METRICS: dict[str, Metric] = {
    "ndcg": ndcg,
    "recall": recall,
    "hit_rate": hit_rate,
    "precision": precision,
    "average_precision": average_precision,
}
