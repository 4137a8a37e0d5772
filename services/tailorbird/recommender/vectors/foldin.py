"""A vector for a customer from what they did with items, without training: one step of least squares.

With item factors Y, confidences c and regularization r, implicit's objective (Hu, Koren, Volinsky 2008) is least at

    x = (Y'Y + rI + Ys' diag(c - 1) Ys)^-1 Ys' c            Ys: the rows of Y that the customer touched

`FoldIn` keeps Y'Y + rI, its inverse P and the products Z = Y P, so that few items cost a system as small as their
number (Woodbury), and many items one of the factors' width.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import get_lapack_funcs

from tailorbird.recommender.arrays import Floats, Positions

__all__ = ["DAY", "CountedFoldIn", "FoldIn", "confidence"]

DAY = 86_400.0


def confidence(times: Floats, age_days: Floats, half_life_days: float) -> Floats:
    """How sure it is that the item is liked: 1 and more, for each (customer, item).

    Often bought counts by its logarithm, long ago fades; never below 1, so that old purchases stay evidence.
    """
    fading = np.exp2(-np.maximum(age_days, 0.0) / half_life_days)
    faded: Floats = (1.0 + np.log1p(times) * fading).astype(np.float32)
    return faded


class FoldIn:
    """Vectors for customers, in the space of these item factors."""

    def __init__(self, factors: Floats, regularization: float) -> None:
        self.factors: Floats = np.ascontiguousarray(factors, dtype=np.float32)
        self.width = self.factors.shape[1]
        wide = self.factors.astype(np.float64)
        gram = wide.T @ wide + regularization * np.eye(self.width)
        self._gram: Floats = gram.astype(np.float32)
        self._products: Floats = np.ascontiguousarray(wide @ np.linalg.inv(gram), dtype=np.float32)

    def vector(self, rows: Positions, confidences: Floats) -> Floats:
        """The vector of a customer who touched these rows of the factors with these confidences (each 1 or more)."""
        if len(rows) == 0:
            return np.zeros(self.width, np.float32)
        touched = self.factors[rows]
        if len(rows) < self.width // 2:
            return _of_few(self._products[rows], touched, confidences)
        return _of_many(self._gram, touched, confidences)


class CountedFoldIn(FoldIn):
    """The same where regularization is a number for each item touched, as Spark's ALS has it.

    In the basis where Y'Y is diagonal its inverse costs nothing, however much is added to the diagonal.
    """

    def __init__(self, factors: Floats, regularization: float) -> None:
        super().__init__(factors, regularization)
        self._each = regularization
        wide = self.factors.astype(np.float64)
        spectrum, basis = np.linalg.eigh(wide.T @ wide)
        self._spectrum: Floats = np.maximum(spectrum, 0.0).astype(np.float32)
        self._basis: Floats = np.ascontiguousarray(basis, dtype=np.float32)
        self._turned: Floats = np.ascontiguousarray(wide @ basis, dtype=np.float32)

    def vector(self, rows: Positions, confidences: Floats) -> Floats:
        """As of any; who touched twice as many items is held back twice as much."""
        if len(rows) == 0:
            return np.zeros(self.width, np.float32)
        touched = self._turned[rows]
        diagonal = self._spectrum + np.float32(self._each * len(rows))
        if len(rows) < self.width // 2:
            solved = _of_few(touched / diagonal, touched, confidences)
        else:
            solved = _of_many(np.diag(diagonal), touched, confidences)
        turned_back: Floats = self._basis @ solved
        return turned_back


def _of_few(products: Floats, touched: Floats, confidences: Floats) -> Floats:
    # x = Zs' (I + D S)^-1 c with S = Zs Ys', D = diag(c - 1): Woodbury, written so that D may hold zeros.
    system = (products @ touched.T) * (confidences - 1.0)[:, None]
    system.flat[:: len(touched) + 1] += 1.0
    solved: Floats = (products.T @ np.linalg.solve(system, confidences)).astype(np.float32, copy=False)
    return solved


def _of_many(gram: Floats, touched: Floats, confidences: Floats) -> Floats:
    matrix = touched.T @ (touched * (confidences - 1.0)[:, None])
    matrix += gram
    _, solved, failed = _SOLVE(matrix, touched.T @ confidences, lower=1, overwrite_a=1, overwrite_b=1)
    if failed:
        # Positive definite by construction; only broken numbers get here.
        return np.zeros(touched.shape[1], np.float32)
    vector: Floats = solved
    return vector


_SOLVE: Any = get_lapack_funcs("posv", dtype=np.float32)
