"""What customers alike had: those whose histories are nearest, by the cosine of what they share, rare things more.

For evaluations alone: it needs the rows of all customers, and an artifact holds nothing of a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.models.kinds.neighbours import heaviest
from tailorbird.recommender.models.part import Kind, Part, Step, ones

__all__ = ["Alike", "AlikePart"]


class AlikePart(Part, frozen=True):
    """The histories of all customers, of length 1 each, and what their items are damped by."""

    rows: sparse.csr_matrix
    damped: Floats
    """Per item, in a history that is compared."""
    reached: Floats
    """Per item, where it is recommended."""
    nearer: float
    kept: int

    def scores(self, history: sparse.csr_matrix) -> Floats:
        """Customers x items."""
        likeness = sparse.csr_matrix(_of_length_one(history, self.damped) @ self.rows.T)
        # Who is asked for is among those rows, too; what they had is not recommended, so they count for nothing.
        likeness.data **= np.float32(self.nearer)
        nearest = heaviest(likeness, self.kept)
        found: Floats = np.asarray((nearest @ ones(self.rows)).toarray(), np.float32)
        return found * self.reached


class Alike(Kind, frozen=True, kw_only=True):
    """score(u, j) = sum over the nearest customers v who had j of cosine(u, v)^nearer / count(j)^reached."""

    turn: ClassVar[int] = 30
    choices: ClassVar[Mapping[str, Sequence[Any]]] = {
        "kept": (30, 60, 120, 250, 500, 1_000),
        "nearer": (0.5, 1.0, 1.5, 2.0, 3.0),
        "had": (0.2, 0.35, 0.5, 0.65),
        "reached": (0.0, 0.1, 0.2, 0.3),
    }
    serves: ClassVar[bool] = False

    kept: int = 250
    nearer: float = 1.5
    had: float = 0.5
    reached: float = 0.2

    makes: ClassVar[type[Part]] = AlikePart

    def fit(self, liking: sparse.csr_matrix, step: Step) -> Part:
        """Nothing is learned: all is kept."""
        counts = np.maximum(np.bincount(liking.indices, minlength=liking.shape[1]), 1).astype(np.float32)
        damped = counts ** -np.float32(self.had)
        step(1.0)
        return AlikePart(
            _of_length_one(liking, damped), damped, counts ** -np.float32(self.reached), self.nearer, self.kept
        )


def _of_length_one(history: sparse.csr_matrix, damped: Floats) -> sparse.csr_matrix:
    """Each row of length 1 after its items were damped; an empty one stays empty."""
    counts = np.diff(history.indptr)
    data = damped[history.indices]
    squares = np.bincount(np.repeat(np.arange(len(counts)), counts), data * data, len(counts))
    lengths = np.sqrt(np.maximum(squares, 1e-12)).astype(np.float32)
    shape = history.shape
    return sparse.csr_matrix((data / np.repeat(lengths, counts), history.indices, history.indptr), shape=shape)
