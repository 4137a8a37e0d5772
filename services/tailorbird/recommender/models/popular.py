"""What many customers had, the same for everybody: all that is known of somebody without a history."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.models.part import Kind, Part, Step

__all__ = ["Popular", "PopularPart"]


class PopularPart(Part, frozen=True):
    """One score per item."""

    worth: Floats

    def scores(self, history: sparse.csr_matrix) -> Floats:
        """Customers x items, every row the same."""
        return np.tile(self.worth, (history.shape[0], 1))


class Popular(Kind, frozen=True, kw_only=True):
    """The logarithm of how many customers had it."""

    def fit(self, liking: sparse.csr_matrix, step: Step) -> Part:
        """Counted."""
        counts = np.bincount(liking.indices, minlength=liking.shape[1])
        step(1.0)
        return PopularPart(np.log1p(counts).astype(np.float32))
