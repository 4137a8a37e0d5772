"""A truncated singular value decomposition of the matrix with heavy rows and columns damped: a low-pass filter.

Shen et al. 2021 ("How Powerful is Graph Convolution for Recommendation?") show it to be what graph convolutions come
to. A history passes through it without any training: its damped items, projected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from scipy import sparse

from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.models.part import Kind, Part, Step, Vectors, faded, ones
from tailorbird.recommender.models.scatter import scattered

__all__ = ["Spectral", "SpectralPart", "right_vectors"]

LARGE = 10_000
FURTHER = 16
ROUNDS = 4


class SpectralPart(Vectors, frozen=True):
    """Two vectors per item: `base` where it stands in a history, `target` where it is searched."""

    base: Floats

    def query(self, history: sparse.csr_matrix) -> Floats:
        """Customers x width."""
        found: Floats = np.asarray(history @ self.base, np.float32)
        return found

    def asked(self, rows: Positions, liking: Floats) -> Floats:
        """Width: what stands in the history, added up."""
        found: Floats = liking @ self.base[rows]
        return found


class Spectral(Kind, frozen=True, kw_only=True):
    """Settings: how many singular vectors, and by which powers of their counts customers and items are damped."""

    choices: ClassVar[Mapping[str, Sequence[Any]]] = {
        "factors": (32, 48, 64, 96, 128, 192, 256, 384),
        "reach": (0.3, 0.4, 0.5, 0.6),
        "damping": (0.3, 0.4, 0.5, 0.6),
    }

    makes: ClassVar[type[Part]] = SpectralPart

    factors: int = 64
    damping: float = 0.5
    reach: float = 0.5
    """The power by which popular items are raised again where they are searched."""

    @classmethod
    def start(cls, liking: sparse.csr_matrix) -> Self:
        """Larger catalogues need more vectors."""
        return cls(factors=256 if liking.shape[1] > LARGE else 64)

    def fit(self, liking: sparse.csr_matrix, step: Step) -> Part:
        """The right singular vectors."""
        counts = np.maximum(np.bincount(liking.indices, minlength=liking.shape[1]), 1).astype(np.float32)
        even = faded(ones(liking), self.damping)
        matrix = sparse.csr_matrix(even.multiply(counts[None, :] ** -np.float32(self.damping)))
        vectors, _ = right_vectors(matrix, max(1, min(self.factors, min(liking.shape) - 1)), ROUNDS, step)
        base = vectors * (counts ** -np.float32(self.damping))[:, None]
        return SpectralPart(vectors * (counts**self.reach).astype(np.float32)[:, None], base)


def right_vectors(
    matrix: sparse.csr_matrix, width: int, rounds: int, step: Step = lambda _: None
) -> tuple[Floats, Floats]:
    """(items x width, width): right singular vectors and their values, largest first, by randomized subspace iteration
    (Halko, Martinsson, Tropp 2011).
    """
    turned = matrix.T.tocsr()
    start = scattered(matrix.shape[1], min(width + FURTHER, *matrix.shape))
    left = _orthonormal(matrix @ start)
    for number in range(rounds):
        left = _orthonormal(matrix @ _orthonormal(turned @ left))
        step((number + 1) / rounds)
    right = turned @ left
    values, basis = np.linalg.eigh((right.T @ right).astype(np.float64))
    largest = np.argsort(-values)[:width]
    length = np.sqrt(np.maximum(values[largest], 1e-12))
    vectors: Floats = (right @ (basis[:, largest] / length)).astype(np.float32)
    return vectors, length.astype(np.float32)


def _orthonormal(vectors: Floats) -> Floats:
    """The same space by way of its small Gram matrix: ten times as fast as a QR of the tall one."""
    wide = vectors.astype(np.float64)
    values, basis = np.linalg.eigh(wide.T @ wide)
    values = np.maximum(values, values[-1] * 1e-10)
    found: Floats = (wide @ (basis / np.sqrt(values))).astype(np.float32)
    return found
