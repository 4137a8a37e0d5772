"""A part of what scores items for a customer: made by one kind of model, blended with the others by a weight.

To add a model: a file in `kinds` with a Struct that inherits `Kind`, and nothing else. It is tuned, blended where it
helps, serves as `Vectors` (more dimensions of what is searched) or as `Weights` (what is found is ranked again by the
customer's own history), and has its row in every table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from msgspec import Struct
from scipy import sparse

from tailorbird.recommender.arrays import Floats, Positions

__all__ = ["Kind", "Part", "Step", "Vectors", "Weights", "faded", "ones"]

Step = Callable[[float], None]
"""Called with the share of a fit that is done."""


class Kind(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """A way of learning with its settings; `fit` answers the part that scores."""

    choices: ClassVar[Mapping[str, Sequence[Any]]] = {}
    """Setting -> the values that tuning may try, in order."""
    items_at_most: ClassVar[int] = 5_000_000
    """Larger catalogues are left to other kinds."""
    blends: ClassVar[bool] = True
    """False: it stands beside the blend in every table, for comparison."""
    makes: ClassVar[type[Part]]
    """What a fit answers; an artifact holds its arrays."""
    free: ClassVar[tuple[str, ...]] = ()
    """Settings of what is made of what was learned, not of the learning: to try others of them costs no fit."""
    serves: ClassVar[bool] = True
    """False: it needs rows of customers, which no artifact holds, so it is for evaluations alone."""
    served_already: ClassVar[bool] = False
    """True: what a shop's model holds anyway, so that nothing is blended with it that it is."""
    turn: ClassVar[int] = 75
    """Tuning begins with the least: what costs little first, what follows another after it."""
    share: ClassVar[float] = 0.1
    """Of the time that is left when its turn comes; the last one has all of it."""
    follows: ClassVar[str] = ""
    """A kind whose best settings are where tuning of this one begins, as far as both have them."""

    @property
    def name(self) -> str:
        """As tables print it."""
        return type(self).__name__.lower()

    def fit(self, liking: sparse.csr_matrix, step: Step) -> Part:  # noqa: ARG002 - each kind has its own
        """The part. liking: customers x items, above 0 where something is known to be liked."""
        raise TypeError(f"{type(self).__name__} does not say how it is fitted.")

    def learned(self, liking: sparse.csr_matrix, step: Step) -> Any:  # noqa: ARG002 - only of kinds with `free` settings
        """What all models have in common that differ only in what is `free`, and lie within this one's."""
        raise TypeError(f"{type(self).__name__} does not say what it learns.")

    def finished(self, learned: Any, liking: sparse.csr_matrix) -> Part:  # noqa: ARG002 - as above
        """The part, of what was learned."""
        raise TypeError(f"{type(self).__name__} does not say what it makes of what it learned.")

    def widest(self, liking: sparse.csr_matrix) -> Self:  # noqa: ARG002 - as above
        """The model whose learning serves all that differ from this one only in what is `free`."""
        return self

    @classmethod
    def start(cls, liking: sparse.csr_matrix) -> Self:  # noqa: ARG003 - some kinds begin elsewhere on sparse data
        """Where tuning begins on such data."""
        return cls()

    def fitting(self, shape: tuple[int, int]) -> bool:
        """Whether the kind is of use for so many customers and items."""
        return shape[1] <= self.items_at_most


class Part(Struct, frozen=True):
    """Scores items from a customer's history."""

    def scores(self, history: sparse.csr_matrix) -> Floats:  # noqa: ARG002 - each kind has its own
        """Customers x items: what each is worth to each."""
        raise TypeError(f"{type(self).__name__} does not say how it scores.")


class Vectors(Part, frozen=True):
    """A vector per item, found by inner product with a vector that `query` makes of a history."""

    target: Floats

    def query(self, history: sparse.csr_matrix) -> Floats:  # noqa: ARG002 - each kind has its own
        """Customers x width."""
        raise TypeError(f"{type(self).__name__} does not say how it is asked.")

    def asked(self, rows: Positions, liking: Floats) -> Floats:
        """`query` of one customer, who likes the items of these rows so much: on the way of every page."""
        places = (np.zeros(len(rows), np.int32), rows)
        found: Floats = self.query(sparse.csr_matrix((liking, places), shape=(1, len(self.target))))[0]
        return found

    def scores(self, history: sparse.csr_matrix) -> Floats:
        """Customers x items."""
        found: Floats = self.query(history) @ self.target.T
        return found


class Weights(Part, frozen=True):
    """Item-item weights: those of what was had add up."""

    weight: sparse.csr_matrix
    """Row: what was had. Column: what it speaks for."""

    def scores(self, history: sparse.csr_matrix) -> Floats:
        """Customers x items."""
        found: Floats = np.asarray((history @ self.weight).toarray(), np.float32)
        return found

    def asked(self, rows: Positions, liking: Floats) -> Floats:
        """By item what one customer's history speaks for."""
        starts = self.weight.indptr
        first, counts = starts[rows], starts[rows + 1] - starts[rows]
        # The places of all their weights at once: each row's own count, from its own start.
        places = np.arange(int(counts.sum())) + np.repeat(first - np.cumsum(counts) + counts, counts)
        values = self.weight.data[places] * np.repeat(liking, counts)
        found: Floats = np.bincount(self.weight.indices[places], values, self.weight.shape[1]).astype(np.float32)
        return found


def faded(history: sparse.csr_matrix, power: float) -> sparse.csr_matrix:
    """The history with each row divided by its number of entries to the power."""
    counts = np.maximum(np.diff(history.indptr), 1)
    data = history.data * np.repeat(counts.astype(np.float32) ** -power, np.diff(history.indptr))
    return sparse.csr_matrix((data.astype(np.float32), history.indices, history.indptr), shape=history.shape)


def ones(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """The matrix with a 1 wherever it has an entry."""
    return sparse.csr_matrix((np.ones_like(matrix.data), matrix.indices, matrix.indptr), shape=matrix.shape)
