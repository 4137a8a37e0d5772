"""A truncated singular value decomposition of the matrix with heavy rows and columns damped: a low-pass filter.

Shen et al. 2021 ("How Powerful is Graph Convolution for Recommendation?") show it to be what graph convolutions come
to. A history passes through it without any training: its damped items, projected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from scipy import sparse

from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.models.part import Kind, Part, Step, Vectors, faded, ones
from tailorbird.recommender.models.scatter import scattered

__all__ = ["Spectral", "SpectralPart", "Spectrum", "right_vectors"]

LARGE = 10_000
WIDE, NARROW = 1_024, 384
"""So many vectors at most are tried, for large catalogues and for others."""
FURTHER = 16
ROUNDS = 3
FAINT = 0.01
"""A vector counts as if its value were no smaller part of the largest than this."""


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


class Spectrum(Struct, frozen=True):
    """Right singular vectors of the damped matrix, items x width, and their values, largest first."""

    vectors: Floats
    values: Floats


class Spectral(Kind, frozen=True, kw_only=True):
    """Settings: how many singular vectors, and by which powers of their counts customers and items are damped."""

    turn: ClassVar[int] = 50
    share: ClassVar[float] = 0.33
    choices: ClassVar[Mapping[str, Sequence[Any]]] = {
        "factors": (32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1_024),
        "sharpness": (0.0, 0.35, 0.7, 1.0, 1.4),
        "reach": (0.2, 0.3, 0.4, 0.5, 0.6),
        "damping": (0.3, 0.4, 0.5, 0.6),
    }
    free: ClassVar[tuple[str, ...]] = ("factors", "sharpness", "reach")

    makes: ClassVar[type[Part]] = SpectralPart

    factors: int = 64
    damping: float = 0.5
    reach: float = 0.5
    """The power by which popular items are raised again where they are searched."""
    sharpness: float = 0.0
    """The power of its value by which a vector counts less: with 0 all that are kept count alike, with more what is
    common to many customers counts less than what few share."""

    @classmethod
    def start(cls, liking: sparse.csr_matrix) -> Self:
        """Larger catalogues need more vectors."""
        return cls(factors=WIDE // 2 if liking.shape[1] > LARGE else 64)

    def widest(self, liking: sparse.csr_matrix) -> Self:
        """With as many vectors as may be tried."""
        return replace(self, factors=WIDE if liking.shape[1] > LARGE else NARROW)

    def fit(self, liking: sparse.csr_matrix, step: Step) -> Part:
        """Of the right singular vectors."""
        return self.finished(self.learned(liking, step), liking)

    def learned(self, liking: sparse.csr_matrix, step: Step) -> Spectrum:
        """So many singular vectors."""
        counts = _counts(liking)
        even = faded(ones(liking), self.damping)
        matrix = sparse.csr_matrix(even.multiply(counts[None, :] ** -np.float32(self.damping)))
        width = max(1, min(self.factors, min(liking.shape) - 1))
        return Spectrum(*right_vectors(matrix, width, ROUNDS, step))

    def finished(self, learned: Spectrum, liking: sparse.csr_matrix) -> Part:
        """The first of them, damped where they stand in a history and raised where they are searched."""
        counts = _counts(liking)
        values = np.maximum(learned.values[: self.factors], learned.values[0] * FAINT)
        vectors = learned.vectors[:, : self.factors]
        sharper = (values / values[0]) ** -np.float32(self.sharpness)
        base = vectors * (counts ** -np.float32(self.damping))[:, None]
        return SpectralPart((vectors * sharper) * (counts ** np.float32(self.reach))[:, None], base)


def _counts(liking: sparse.csr_matrix) -> Floats:
    counts: Floats = np.maximum(np.bincount(liking.indices, minlength=liking.shape[1]), 1).astype(np.float32)
    return counts


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
