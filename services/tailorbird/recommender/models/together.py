"""What is bought together: per item its companions, by damped co-occurrence in orders."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from tailorbird.recommender.arrays import Floats, Moments
from tailorbird.recommender.foldin import DAY
from tailorbird.recommender.models.companions import Companions
from tailorbird.recommender.models.interactions import Interactions
from tailorbird.recommender.models.settings import TrainingSettings

__all__ = ["fit_companions"]

DAMPING = 20.0
"""Orders assumed beside those counted: rare pairs weigh less than they seem to."""
POPULARITY_POWER = 0.4
"""How far a companion's own popularity is taken out: 0 would always suggest bananas, 1 only oddities."""


def fit_companions(interactions: Interactions, settings: TrainingSettings) -> Companions:
    """Weight of b beside a: orders with both / ((orders with a + d) (orders with b + d)^p)."""
    items = len(interactions.item_ids)
    recent = interactions.at > interactions.until - settings.baskets_days * DAY
    recent &= interactions.weight >= 1.0
    frequency = np.bincount(interactions.item[recent], minlength=items)
    kept = np.flatnonzero(frequency >= settings.basket_item_minimum)
    smaller = np.full(items, -1, np.int64)
    smaller[kept] = np.arange(len(kept))
    entries = recent & (smaller[interactions.item] >= 0)
    shared = _shared(smaller[interactions.item[entries]], interactions.order[entries], len(kept))
    strong = np.flatnonzero(shared.data >= settings.together_minimum)
    row = np.searchsorted(shared.indptr, strong, side="right") - 1
    column, count = shared.indices[strong], shared.data[strong]
    other = row != column
    row, column, count = row[other], column[other], count[other]
    often = frequency[kept] + DAMPING
    weight = (count / (often[row] * often[column] ** POPULARITY_POWER)).astype(np.float32)
    return _heaviest(kept[row], kept[column], weight, items, settings.companions)


def _shared(item: Moments, order: Moments, width: int) -> sparse.csr_matrix:
    """Items x items: in how many orders two of them stood together."""
    orders = int(order[-1]) + 1 if len(order) else 0
    starts = np.zeros(orders + 1, np.int64)
    np.cumsum(np.bincount(order, minlength=orders), out=starts[1:])
    ones = np.ones(len(item), np.float32)
    # The entries are sorted by order already: this is a row-compressed matrix as it stands.
    baskets = sparse.csr_matrix((ones, item.astype(np.int32), starts.astype(np.int32)), shape=(orders, width))
    return sparse.csr_matrix(baskets.T.tocsr() @ baskets)


def _heaviest(row: Moments, column: Moments, weight: Floats, items: int, companions: int) -> Companions:
    # One sort instead of two: the row in front of the decimal point, what the weight lacks to the heaviest behind it.
    lacking = 1.0 - weight / (2.0 * float(weight.max()) if len(weight) else 1.0)
    heaviest = np.argsort(row + lacking, kind="stable")
    row, column, weight = row[heaviest], column[heaviest], weight[heaviest]
    begins = np.searchsorted(row, np.arange(items))
    within = (np.arange(len(row)) - begins[row]) < companions if len(row) else np.empty(0, np.bool_)
    row = row[within]
    starts = np.searchsorted(row, np.arange(items + 1)).astype(np.int64)
    return Companions(starts=starts, item=column[within].astype(np.int32), weight=weight[within])
