"""Item-item weights by a random walk item -> customer -> item, with popular ends and heavy customers damped.

RP3beta (Paudel et al. 2017), with a power each for what was had, the customers in between and what is reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.models.part import Kind, Part, Step, Weights

__all__ = ["Neighbours", "heaviest"]

ROWS_AT_ONCE = 2_000


class Neighbours(Kind, frozen=True, kw_only=True):
    """weight(i, j) = sum over customers of both of count(customer)^-between / (count(i)^had * count(j)^reached)."""

    turn: ClassVar[int] = 10
    share: ClassVar[float] = 0.12
    choices: ClassVar[Mapping[str, Sequence[Any]]] = {
        "reached": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
        "had": (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
        "between": (0.2, 0.35, 0.5, 0.65, 0.8, 1.0),
        "kept": (50, 100, 200, 400, 800),
    }

    makes: ClassVar[type[Part]] = Weights

    had: float = 0.7
    between: float = 0.5
    reached: float = 0.3
    kept: int = 200
    """Neighbours of each item, the heaviest."""

    def fit(self, liking: sparse.csr_matrix, step: Step) -> Part:
        """The weights."""
        items = liking.shape[1]
        counts = np.maximum(np.bincount(liking.indices, minlength=items), 1).astype(np.float32)
        per_customer = np.maximum(np.diff(liking.indptr), 1).astype(np.float32)
        walks = np.repeat(per_customer ** -np.float32(self.between), np.diff(liking.indptr))
        onward = sparse.csr_matrix((walks, liking.indices, liking.indptr), shape=liking.shape)
        back = sparse.csr_matrix((np.ones_like(walks), liking.indices, liking.indptr), shape=liking.shape).T.tocsr()
        blocks = []
        for begin in range(0, items, ROWS_AT_ONCE):
            shared = sparse.csr_matrix(back[begin : begin + ROWS_AT_ONCE] @ onward)
            row = np.repeat(np.arange(shared.shape[0]), np.diff(shared.indptr)) + begin
            shared.data *= counts[shared.indices] ** -np.float32(self.reached)
            shared.data *= counts[row] ** -np.float32(self.had)
            shared.data[shared.indices == row] = 0.0
            blocks.append(heaviest(shared, self.kept))
            step(min(1.0, (begin + ROWS_AT_ONCE) / items))
        return Weights(sparse.csr_matrix(sparse.vstack(blocks)))


def heaviest(matrix: sparse.csr_matrix, kept: int) -> sparse.csr_matrix:
    """The matrix with only the `kept` largest entries of each row; what is 0 goes too."""
    keep = matrix.data != 0.0
    for row in np.flatnonzero(np.diff(matrix.indptr) > kept):
        first, last = matrix.indptr[row], matrix.indptr[row + 1]
        least = np.argpartition(np.abs(matrix.data[first:last]), last - first - kept)[: last - first - kept]
        keep[first + least] = False
    ends = np.concatenate([[0], np.cumsum(keep)])[matrix.indptr]
    data: Floats = matrix.data[keep].astype(np.float32)
    return sparse.csr_matrix((data, matrix.indices[keep], ends.astype(np.int64)), shape=matrix.shape)
