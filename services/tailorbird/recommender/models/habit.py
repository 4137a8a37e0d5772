"""Which items are bought again once they were bought: the share of buyers who came back for it."""

from __future__ import annotations

import numpy as np

from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.models.interactions import Interactions, Pairs

__all__ = ["fit_habit"]

ASSUMED_BUYERS = 8.0
ASSUMED_RETURNED = 2.0
"""Added to what is counted: an item with one buyer is taken for an ordinary one."""


def fit_habit(interactions: Interactions, pairs: Pairs) -> Floats:
    """Per item a number from 0 to 1."""
    items = len(interactions.item_ids)
    buyers = np.bincount(pairs.item, minlength=items)
    returned = np.bincount(pairs.item[pairs.times > 1], minlength=items)
    share: Floats = ((returned + ASSUMED_RETURNED) / (buyers + ASSUMED_BUYERS)).astype(np.float32)
    return share
