"""A list in another order: not everything of one kind, or what is wanted further up; and the measure of diversity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.strategies.strategy import Chosen

__all__ = ["diversity", "moved", "reordered", "varied"]


def varied(chosen: Chosen, category: Positions, strength: float, count: int) -> Chosen:
    """The first `count` after each further item of a category stepped back: the n-th counts (1 - strength)^n of its
    place's worth, 1 / log2(place + 2). 0 leaves the order as it is, at 1 categories take turns.
    """
    worth = (1.0 / np.log2(np.arange(len(chosen.positions)) + 2.0)).tolist()
    groups = category[list(chosen.positions)].tolist()
    seen: dict[int, int] = {}
    order: list[int] = []
    left = list(range(len(worth)))
    while left and len(order) < count:
        kept = 1.0 - min(strength, 0.999)
        best = max(left, key=lambda place: (worth[place] * kept ** seen.get(groups[place], 0), -place))
        left.remove(best)
        order.append(best)
        seen[groups[best]] = seen.get(groups[best], 0) + 1
    # The rest follows as it was, for who looks further.
    return reordered(chosen, order + left)


def moved(chosen: Chosen, strength: Floats) -> Chosen:
    """The list in its new order: a place is worth 1 / log2(place + 2), times the strength of the item that has it."""
    worth = strength[list(chosen.positions)] / np.log2(np.arange(len(chosen.positions)) + 2.0)
    return reordered(chosen, np.argsort(-worth, kind="stable").tolist())


def reordered(chosen: Chosen, order: Sequence[int]) -> Chosen:
    """These places of the list, in this order."""
    return Chosen(
        [chosen.positions[place] for place in order],
        [chosen.scores[place] for place in order],
        [chosen.reasons[place] for place in order],
    )


def diversity(units: Floats) -> float:
    """Intra-list diversity (Ziegler et al., WWW 2005): the mean of 1 - cosine over all pairs of a list's unit vectors;
    0 all alike, 1 nothing in common.
    """
    count = len(units)
    if count < 2:
        return 0.0
    together = float(np.square(np.linalg.norm(units.sum(axis=0))) - np.square(units).sum())
    return 1.0 - together / (count * (count - 1))
