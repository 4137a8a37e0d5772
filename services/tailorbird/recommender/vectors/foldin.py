"""A vector for a customer from what they did with items, without training: one step of least squares.

With item factors Y, confidences c and regularization r, implicit's objective (Hu, Koren, Volinsky 2008) is least at

    x = (Y'Y + rI + Ys' diag(c - 1) Ys)^-1 Ys' c            Ys: the rows of Y that the customer touched

`FoldIn` keeps Y'Y + rI, its inverse P and the products Z = Y P, so that few items cost a system as small as their
number (Woodbury), and many items one of the factors' width. Of a long history the sums can be kept (`Begun`): what is
looked at next adds to them, and the history is not gone through again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec import Struct
from scipy.linalg import get_lapack_funcs

from tailorbird.recommender.arrays import Floats, Positions

__all__ = ["DAY", "Begun", "CountedFoldIn", "FoldIn", "confidence"]

DAY = 86_400.0


def confidence(times: Floats, age_days: Floats, half_life_days: float) -> Floats:
    """How sure it is that the item is liked: 1 and more, for each (customer, item).

    Often bought counts by its logarithm, long ago fades; never below 1, so that old purchases stay evidence.
    """
    fading = np.exp2(-np.maximum(age_days, 0.0) / half_life_days)
    faded: Floats = (1.0 + np.log1p(times) * fading).astype(np.float32)
    return faded


class Begun(Struct, frozen=True, gc=False):
    """What a history adds to the system of equations."""

    triangle: Floats
    """Ys' diag(c - 1) Ys, of which one half says all: row by row what is not above the diagonal."""
    right: Floats
    """Ys' c."""
    count: int


class FoldIn:
    """Vectors for customers, in the space of these item factors."""

    def __init__(self, factors: Floats, regularization: float) -> None:
        self.factors: Floats = np.ascontiguousarray(factors, dtype=np.float32)
        self.width = self.factors.shape[1]
        self._lower = np.flatnonzero(np.tri(self.width, dtype=np.bool_))
        wide = self.factors.astype(np.float64)
        gram = wide.T @ wide + regularization * np.eye(self.width)
        self._gram: Floats = gram.astype(np.float32)
        self._products: Floats = np.ascontiguousarray(wide @ np.linalg.inv(gram), dtype=np.float32)

    def vector(self, rows: Positions, confidences: Floats) -> Floats:
        """The vector of a customer who touched these rows of the factors with these confidences (each 1 or more)."""
        if len(rows) == 0:
            return np.zeros(self.width, np.float32)
        touched = self._touched(rows)
        if len(rows) < self.width // 2:
            return self._few(rows, touched, confidences)
        return self._solved(*_sums(touched, confidences - 1.0, confidences), len(rows))

    def begun(self, rows: Positions, confidences: Floats) -> Begun | None:
        """The sums of a history; None where it is so short that they would save nothing."""
        if len(rows) < self.width // 2:
            return None
        matrix, right = _sums(self._touched(rows), confidences - 1.0, confidences)
        return Begun(matrix.ravel()[self._lower], right, len(rows))

    def vector_from(self, begun: Begun, rows: Positions, confidences: Floats, signs: Floats) -> Floats:
        """As `vector` of the history with these rows besides (sign 1), and without those of them whose sign is -1."""
        matrix = np.zeros(self.width * self.width, np.float32)
        matrix[self._lower] = begun.triangle
        matrix, right = matrix.reshape(self.width, self.width), begun.right
        if len(rows):
            further, of_further = _sums(self._touched(rows), (confidences - 1.0) * signs, confidences * signs)
            matrix += further
            right = right + of_further
        return self._solved(matrix, right, begun.count + int(signs.sum()))

    def _touched(self, rows: Positions) -> Floats:
        found: Floats = self.factors.take(rows, axis=0)
        return found

    def _few(self, rows: Positions, touched: Floats, confidences: Floats) -> Floats:
        return _of_few(self._products.take(rows, axis=0), touched, confidences)

    def _solved(self, matrix: Floats, right: Floats, count: int) -> Floats:  # noqa: ARG002 - how many matters below
        matrix += self._gram
        return _solution(matrix, right)


class CountedFoldIn(FoldIn):
    """The same where regularization is a number for each item touched, as Spark's ALS has it.

    In the basis where Y'Y is diagonal its inverse costs nothing, however much is added to the diagonal. Who touched
    twice as many items is held back twice as much.
    """

    def __init__(self, factors: Floats, regularization: float) -> None:
        super().__init__(factors, regularization)
        self._each = regularization
        wide = self.factors.astype(np.float64)
        spectrum, basis = np.linalg.eigh(wide.T @ wide)
        self._spectrum: Floats = np.maximum(spectrum, 0.0).astype(np.float32)
        self._basis: Floats = np.ascontiguousarray(basis, dtype=np.float32)
        self._turned: Floats = np.ascontiguousarray(wide @ basis, dtype=np.float32)

    def _touched(self, rows: Positions) -> Floats:
        found: Floats = self._turned.take(rows, axis=0)
        return found

    def _few(self, rows: Positions, touched: Floats, confidences: Floats) -> Floats:
        return self._turned_back(_of_few(touched / self._diagonal(len(rows)), touched, confidences))

    def _solved(self, matrix: Floats, right: Floats, count: int) -> Floats:
        matrix.flat[:: self.width + 1] += self._diagonal(count)
        return self._turned_back(_solution(matrix, right))

    def _diagonal(self, count: int) -> Floats:
        found: Floats = self._spectrum + np.float32(self._each * count)
        return found

    def _turned_back(self, solved: Floats) -> Floats:
        back: Floats = self._basis @ solved
        return back


def _of_few(products: Floats, touched: Floats, confidences: Floats) -> Floats:
    # x = Zs' (I + D S)^-1 c with S = Zs Ys', D = diag(c - 1): Woodbury, written so that D may hold zeros.
    system = (products @ touched.T) * (confidences - 1.0)[:, None]
    system.flat[:: len(touched) + 1] += 1.0
    solved: Floats = (products.T @ np.linalg.solve(system, confidences)).astype(np.float32, copy=False)
    return solved


def _sums(touched: Floats, weights: Floats, wanted: Floats) -> tuple[Floats, Floats]:
    """(Ys' diag(weights) Ys, Ys' wanted)."""
    return touched.T @ (touched * weights[:, None]), wanted @ touched


def _solution(matrix: Floats, right: Floats) -> Floats:
    """Of the half of the matrix that is not above its diagonal. Both are used up."""
    # LAPACK counts by columns: what is below the diagonal here is above it there.
    _, solved, failed = _SOLVE(matrix.T, right, lower=0, overwrite_a=1)
    if failed:
        # Positive definite by construction; only broken numbers get here.
        return np.zeros(len(right), np.float32)
    vector: Floats = solved
    return vector


_SOLVE: Any = get_lapack_funcs("posv", dtype=np.float32)
