"""What many customers had, the same for everybody: all that is known of somebody without a history."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy import sparse

from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.models.part import Kind, Part, Step, Vectors

__all__ = ["Popular", "PopularPart"]


class PopularPart(Vectors, frozen=True):
    """One score per item."""

    def query(self, history: sparse.csr_matrix) -> Floats:
        """A 1 for everybody."""
        return np.ones((history.shape[0], 1), np.float32)


class Popular(Kind, frozen=True, kw_only=True):
    """The logarithm of how many customers had it."""

    turn: ClassVar[int] = 20
    served_already: ClassVar[bool] = True
    makes: ClassVar[type[Part]] = PopularPart

    def fit(self, liking: sparse.csr_matrix, step: Step) -> Part:
        """Counted."""
        counts = np.bincount(liking.indices, minlength=liking.shape[1])
        step(1.0)
        return PopularPart(np.log1p(counts).astype(np.float32)[:, None])
