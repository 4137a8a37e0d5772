"""What goes together: per item its companions, by a regression of every item on the others in the same order (EASE).

H. Steck, Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019: with G = X'X of orders x items and
P = inverse(G + lambda I), the weight of b beside a is -P[a, b] / P[b, b]. A held-back item of a real order is among
the first ten for 12.6 of 100, by damped co-occurrence for 11.3 (demonstration's data, origins before those reported).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.linalg import get_lapack_funcs

from tailorbird.recommender.arrays import Floats, Moments
from tailorbird.recommender.models.companions import Companions
from tailorbird.recommender.models.interactions import Interactions
from tailorbird.recommender.models.settings import TrainingSettings

__all__ = ["fit_companions"]


def fit_companions(interactions: Interactions, settings: TrainingSettings, before: float | None = None) -> Companions:
    """The heaviest companions of the items in most orders. before: orders since then (seconds since 1970) are left
    out.
    """
    items = len(interactions.item_ids)
    used = interactions.weight >= 1.0
    if before is not None:
        used &= interactions.at <= before
    frequency = np.bincount(interactions.item[used], minlength=items)
    kept = np.flatnonzero(frequency >= settings.basket_item_minimum)
    if len(kept) > settings.basket_items:
        # Of the most frequent, in their own order: the same data gives the same artifact.
        kept = np.sort(kept[np.argsort(-frequency[kept], kind="stable")[: settings.basket_items]])
    smaller = np.full(items, -1, np.int64)
    smaller[kept] = np.arange(len(kept))
    entries = used & (smaller[interactions.item] >= 0)
    weight = _regressed(smaller[interactions.item[entries]], interactions.order[entries], len(kept), settings)
    return _heaviest(kept, weight, items, settings.companions)


def _regressed(item: Moments, order: Moments, width: int, settings: TrainingSettings) -> Floats:
    """(width, width): the weight of each item (column) beside each other one (row)."""
    if not width:
        return np.empty((0, 0), np.float32)
    orders = int(order[-1]) + 1 if len(order) else 0
    starts = np.zeros(orders + 1, np.int64)
    np.cumsum(np.bincount(order, minlength=orders), out=starts[1:])
    ones = np.ones(len(item), np.float32)
    # The entries are sorted by order already: this is a row-compressed matrix as it stands.
    baskets = sparse.csr_matrix((ones, item.astype(np.int32), starts.astype(np.int32)), shape=(orders, width))
    gram = np.asfortranarray((baskets.T.tocsr() @ baskets).toarray(), dtype=np.float32)
    gram.flat[:: width + 1] += settings.basket_regularization
    factor, invert = get_lapack_funcs(("potrf", "potri"), (gram,))
    gram, failed = factor(gram, lower=1, overwrite_a=1)
    if not failed:
        gram, failed = invert(gram, lower=1, overwrite_c=1)
    if failed:
        # Positive definite by construction; only broken numbers get here.
        return np.zeros((width, width), np.float32)
    inverse = np.tril(gram)
    inverse += np.tril(gram, -1).T
    weight: Floats = inverse / -np.diag(inverse)[None, :]
    np.fill_diagonal(weight, 0.0)
    return weight


def _heaviest(kept: Moments, weight: Floats, items: int, companions: int) -> Companions:
    """Of each row the heaviest above zero, heaviest first."""
    count = min(companions, len(kept))
    starts = np.zeros(items + 1, np.int64)
    if not count:
        return Companions(starts=starts, item=np.empty(0, np.int32), weight=np.empty(0, np.float32))
    chosen = np.argpartition(-weight, count - 1, axis=1)[:, :count]
    values = np.take_along_axis(weight, chosen, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    chosen, values = np.take_along_axis(chosen, order, axis=1), np.take_along_axis(values, order, axis=1)
    above = values > 0
    starts[kept + 1] = above.sum(axis=1)
    np.cumsum(starts, out=starts)
    return Companions(starts=starts, item=kept[chosen[above]].astype(np.int32), weight=values[above].astype(np.float32))
