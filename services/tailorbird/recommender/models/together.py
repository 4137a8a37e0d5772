"""What goes together: per item its companions, by a regression of every item on the others in the same order (EASE).

H. Steck, Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019: with G = X'X of orders x items and
P = inverse(G + lambda I), the weight of b beside a is -P[a, b] / P[b, b]. A held-back item of a real order is among
the first ten for 12.6 of 100, by damped co-occurrence for 11.3 (demonstration's data, origins before those reported).

Leaving one order out costs no second fit: without the order x, P becomes P + P x x' P / (1 - x' P x).
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from scipy import sparse
from scipy.linalg import get_lapack_funcs

from tailorbird.recommender.arrays import Codes, Flags, Floats
from tailorbird.recommender.models.companions import Companions
from tailorbird.recommender.models.interactions import Interactions
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.models.sidebyside import side_by_side

__all__ = ["Together"]

ROWS_AT_ONCE = 500


class Together(Struct, frozen=True):
    """The regression as training needs it: `companions`, and what leaves an order out."""

    companions: Companions
    rows: Codes
    """By item its row of `inverse`, -1 for those in too few orders."""
    inverse: Floats

    @classmethod
    def fit(cls, interactions: Interactions, settings: TrainingSettings) -> Together:
        """Of the items in most orders."""
        items = len(interactions.item_ids)
        used = interactions.weight >= 1.0
        frequency = np.bincount(interactions.item[used], minlength=items)
        kept = np.flatnonzero(frequency >= settings.basket_item_minimum)
        if len(kept) > settings.basket_items:
            # Of the most frequent, in their own order: the same data gives the same artifact.
            kept = np.sort(kept[np.argsort(-frequency[kept], kind="stable")[: settings.basket_items]])
        rows = np.full(items, -1, np.int64)
        rows[kept] = np.arange(len(kept))
        entries = used & (rows[interactions.item] >= 0)
        inverse = _inverse(rows[interactions.item[entries]], interactions.order[entries], len(kept), settings)
        return cls(_heaviest(kept, inverse, items, settings), rows, inverse)

    def weights(self, orders: sparse.csr_matrix, looked: Flags) -> Floats:
        """Orders x rows: what each item weighs beside the items of the order, the order itself left out.

        looked: for each entry of `orders`, whether its item stands in the cart: one is held back.
        """
        diagonal = np.diag(self.inverse)
        touched: Floats = orders @ self.inverse
        number = np.repeat(np.arange(orders.shape[0]), np.diff(orders.indptr))
        own = touched[number, orders.indices]
        spread = 1.0 / (1.0 - np.bincount(number, weights=own, minlength=orders.shape[0])).astype(np.float32)
        kept = self.rows >= 0
        starts = self.companions.starts[:-1][kept]
        counts = np.diff(self.companions.starts)[kept]
        cart = np.flatnonzero(looked)
        lengths = counts[orders.indices[cart]]
        entry = np.repeat(cart, lengths)
        place = np.arange(len(entry)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        place += np.repeat(starts[orders.indices[cart]], lengths)
        order, other = number[entry], self.rows[self.companions.item[place]]
        reached = touched[order, other] * spread[order]
        without = self.companions.weight[place] * diagonal[other] - own[entry] * reached
        without /= diagonal[other] + touched[order, other] * reached
        width = len(self.inverse)
        key, size = order * width + other, orders.shape[0] * width
        summed = np.bincount(key, weights=np.maximum(without, 0.0), minlength=size)
        return summed.reshape(-1, width).astype(np.float32)


def _inverse(item: Codes, order: Codes, width: int, settings: TrainingSettings) -> Floats:
    """P: (width, width), symmetric."""
    if not width:
        return np.empty((0, 0), np.float32)
    orders = int(order[-1]) + 1 if len(order) else 0
    starts = np.zeros(orders + 1, np.int64)
    np.cumsum(np.bincount(order, minlength=orders), out=starts[1:])
    ones = np.ones(len(item), np.float32)
    # The entries are sorted by order already: this is a row-compressed matrix as it stands.
    baskets = sparse.csr_matrix((ones, item.astype(np.int32), starts.astype(np.int32)), shape=(orders, width))
    # Symmetric: its transpose is itself, in the order that the factorization works in.
    gram = (baskets.T.tocsr() @ baskets).toarray().T
    gram.flat[:: width + 1] += settings.basket_regularization
    factor, invert = get_lapack_funcs(("potrf", "potri"), (gram,))
    gram, failed = factor(gram, lower=1, overwrite_a=1)
    if not failed:
        gram, failed = invert(gram, lower=1, overwrite_c=1)
    if failed:
        # Positive definite by construction; only broken numbers get here.
        return np.eye(width, dtype=np.float32)
    return _mirrored(gram)


def _mirrored(lower: Floats) -> Floats:
    """The same array, made symmetric from its lower half, row after row in memory; by blocks that stay in the cache."""
    for begin in range(0, len(lower), ROWS_AT_ONCE):
        end = begin + ROWS_AT_ONCE
        lower[begin:end, end:] = lower[end:, begin:end].T
        corner = lower[begin:end, begin:end]
        corner[:] = np.tril(corner) + np.tril(corner, -1).T
    return lower.T


def _heaviest(kept: Codes, inverse: Floats, items: int, settings: TrainingSettings) -> Companions:
    """Of each row the heaviest above zero, heaviest first."""
    count = min(settings.companions, len(kept))
    starts = np.zeros(items + 1, np.int64)
    if not count:
        return Companions(starts=starts, item=np.empty(0, np.int32), weight=np.empty(0, np.float32))
    diagonal = np.diag(inverse)

    def of_rows(begin: int) -> tuple[Codes, Floats]:
        # Signs turned round: the least come first.
        against = inverse[begin : begin + ROWS_AT_ONCE] / diagonal[None, :]
        own = np.arange(len(against))
        against[own, begin + own] = 0.0
        chosen = np.argpartition(against, count - 1, axis=1)[:, :count]
        values = np.take_along_axis(against, chosen, axis=1)
        order = np.argsort(values, axis=1, kind="stable")
        return np.take_along_axis(chosen, order, axis=1), -np.take_along_axis(values, order, axis=1)

    found = side_by_side(of_rows, range(0, len(kept), ROWS_AT_ONCE), settings.threads)
    chosen, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
    above = values > 0
    starts[kept + 1] = above.sum(axis=1)
    np.cumsum(starts, out=starts)
    return Companions(starts=starts, item=kept[chosen[above]].astype(np.int32), weight=values[above].astype(np.float32))
