"""Items that nobody or hardly anybody bought yet, with vectors from what is said of them instead of from purchases.

The vector of a new item is the mean of what customers know in its category and of its brand, in the space of the
factors: so a customer's own vector finds it before its first purchase.
"""

from __future__ import annotations

import numpy as np

from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.catalogue.columns import Columns

__all__ = ["NEW_DAYS", "Newcomers"]

NEW_DAYS = 42.0
"""For so long after its first purchase an item counts as new."""
BRAND = 0.3
"""Share of the brand in an item's vector; the rest is the category's."""
AT_MOST = 4_096
"""Newcomers that are looked at: the latest put."""


class Newcomers:
    """Follows the catalogue: an item put a moment ago is among them."""

    def __init__(self, columns: Columns, row_of: Positions, known_days: Floats, factors: Floats) -> None:
        self._columns = columns
        self._row_of = row_of
        self._known_days = known_days
        places = np.flatnonzero(row_of >= 0)
        vectors = factors[row_of[places]]
        self._of_category = _means(vectors, columns.category[places])
        self._of_brand = _means(vectors, columns.brand[places])
        self._made_at = -1
        self._new: Positions = np.empty(0, np.int32)
        self._unbought: Positions = np.empty(0, np.int32)
        self._vectors: Floats = np.empty((0, factors.shape[1]), np.float32)

    def new(self) -> Positions:
        """Items first bought lately, or never yet."""
        self._follow()
        return self._new

    def unbought(self) -> tuple[Positions, Floats]:
        """(items that the model does not know, their vectors)."""
        self._follow()
        return self._unbought, self._vectors

    def _follow(self) -> None:
        columns = self._columns
        if self._made_at == columns.changes:
            return
        self._made_at = columns.changes
        recent = np.flatnonzero(columns.available & (self._known_days < NEW_DAYS))
        self._new = recent[-AT_MOST:].astype(np.int32)
        self._unbought = self._new[self._row_of[self._new] < 0]
        vectors: Floats = (1.0 - BRAND) * _taken(self._of_category, columns.category[self._unbought])
        vectors += BRAND * _taken(self._of_brand, columns.brand[self._unbought])
        self._vectors = vectors


def _means(vectors: Floats, code: Positions) -> Floats:
    """(codes, width): the mean vector of each code, zero for code 0: no name, no likeness."""
    count = int(code.max(initial=0)) + 1
    sums = np.zeros((count, vectors.shape[1]), np.float32)
    np.add.at(sums, code, vectors)
    sums /= np.maximum(np.bincount(code, minlength=count), 1).astype(np.float32)[:, None]
    sums[0] = 0.0
    return sums


def _taken(means: Floats, code: Positions) -> Floats:
    """The rows of these codes; one that came after the means is zero."""
    found: Floats = means[np.where(code < len(means), code, 0)]
    return found
