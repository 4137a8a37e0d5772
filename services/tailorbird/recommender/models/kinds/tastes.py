"""Factors by alternating least squares, solved exactly, regularization scaled by how much is known of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from scipy import sparse

from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.models.leastsquares import regularizations, solve_rows
from tailorbird.recommender.models.part import Kind, Part, Step, Vectors
from tailorbird.recommender.models.scatter import scattered

__all__ = ["TastePart", "Tastes"]

SMALL = 0.1
SPARSE = 0.005


class TastePart(Vectors, frozen=True):
    """Item factors; a customer's vector is the least squares solution for what they had."""

    surer: float
    regularization: float
    power: float
    usual: float
    """Items that a usual customer had."""

    def query(self, history: sparse.csr_matrix) -> Floats:
        """Customers x width: each folded in."""
        return solve_rows(_weighted(history, self.surer), self.target, self._each(history))

    def _each(self, history: sparse.csr_matrix) -> Floats:
        counts = np.diff(history.indptr)
        return regularizations(counts, history.shape[1], self.surer, self.regularization, self.power, self.usual)


class Tastes(Kind, frozen=True, kw_only=True):
    """With power 0 this is plain ALS, as implicit fits it."""

    turn: ClassVar[int] = 70
    share: ClassVar[float] = 0.55
    served_already: ClassVar[bool] = True
    choices: ClassVar[Mapping[str, Sequence[Any]]] = {
        "power": (0.0, 0.25, 0.5, 0.75, 1.0),
        "regularization": (0.1, 0.3, 1.0, 3.0, 7.0, 12.0, 20.0, 30.0, 50.0, 80.0, 130.0),
        "surer": (0.3, 0.6, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0),
        "factors": (16, 32, 64, 128, 192, 256),
    }

    makes: ClassVar[type[Part]] = TastePart
    follows: ClassVar[str] = "plain"

    factors: int = 64
    regularization: float = 20.0
    surer: float = 4.0
    power: float = 0.5
    iterations: int = 8

    @classmethod
    def start(cls, liking: sparse.csr_matrix) -> Self:
        """Where little is known of each customer, what is known counts the more, and takes more factors to tell."""
        sparse_data = liking.nnz < SPARSE * liking.shape[0] * liking.shape[1]
        return cls(factors=256, regularization=30.0, surer=30.0) if sparse_data else cls()

    def fit(self, liking: sparse.csr_matrix, step: Step) -> Part:
        """The item factors after so many iterations."""
        weights = _weighted(liking, self.surer)
        turned = weights.T.tocsr()
        customers, items = weights.shape
        per_customer, per_item = np.diff(weights.indptr), np.diff(turned.indptr)
        usual_customer, usual_item = float(per_customer.mean()), float(per_item.mean())
        for_customers = regularizations(
            per_customer, items, self.surer, self.regularization, self.power, usual_customer
        )
        for_items = regularizations(per_item, customers, self.surer, self.regularization, self.power, usual_item)
        width = min(self.factors, items)
        factors: Floats = scattered(items, width) * np.float32(SMALL / np.sqrt(width))
        for iteration in range(self.iterations):
            of_customers = solve_rows(weights, factors, for_customers)
            factors = solve_rows(turned, of_customers, for_items)
            step((iteration + 1) / self.iterations)
        return TastePart(factors, self.surer, self.regularization, self.power, usual_customer)


def _weighted(history: sparse.csr_matrix, surer: float) -> sparse.csr_matrix:
    return sparse.csr_matrix((history.data * np.float32(surer), history.indices, history.indptr), shape=history.shape)
