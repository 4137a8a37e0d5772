"""Item-item weights by regression of every item on all others, in closed form: EASE (Steck 2019)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from tailorbird.recommender.models.kinds.neighbours import heaviest
from tailorbird.recommender.models.part import Kind, Part, Step, Weights

__all__ = ["Regressed"]


class Regressed(Kind, frozen=True, kw_only=True):
    """Needs the inverse of a matrix as wide as the catalogue, so it serves smaller ones."""

    turn: ClassVar[int] = 40
    share: ClassVar[float] = 0.2
    choices: ClassVar[Mapping[str, Sequence[Any]]] = {
        "regularization": (10.0, 20.0, 40.0, 70.0, 100.0, 150.0, 250.0, 400.0, 700.0, 1_200.0, 2_000.0),
        "dropout": (0.0, 0.25, 0.5, 1.0, 2.0),
        "between": (0.0, 0.15, 0.3, 0.5),
        "kept": (100, 300, 1_000),
    }
    items_at_most: ClassVar[int] = 7_000
    makes: ClassVar[type[Part]] = Weights

    regularization: float = 100.0
    dropout: float = 0.5
    """Regularization in proportion to how often an item was had: what training under dropout comes to (Steck 2020)."""
    between: float = 0.3
    """Customers weigh their number of items to the power of minus this."""
    kept: int = 1_000
    """Weights of each item, the largest; the rest hardly matters."""

    def fit(self, liking: sparse.csr_matrix, step: Step) -> Part:
        """The weights."""
        counts = np.diff(liking.indptr)
        each = np.maximum(counts, 1).astype(np.float32) ** -np.float32(self.between / 2.0)
        rows = sparse.csr_matrix((np.repeat(each, counts), liking.indices, liking.indptr), shape=liking.shape)
        shared = np.asarray((rows.T @ rows).toarray(), np.float64)
        step(0.3)
        diagonal = np.diag(shared).copy()
        # In units of a usual customer's weight, so that the strength means the same whatever `between` is.
        unit = float((each**2 * counts).sum() / max(counts.sum(), 1))
        shared[np.diag_indices_from(shared)] += self.regularization * unit + self.dropout * diagonal + 1e-6
        inverse = np.linalg.inv(shared)
        step(0.8)
        weights = (inverse / -np.diag(inverse)[None, :]).astype(np.float32)
        np.fill_diagonal(weights, 0.0)
        return Weights(heaviest(sparse.csr_matrix(weights), self.kept))
