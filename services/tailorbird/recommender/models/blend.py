"""Several parts as one: each part's scores, times its weight, divided by a power of how much the customer had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from msgspec import Struct
from scipy import sparse

from tailorbird.recommender.arrays import Codes, Floats, Positions
from tailorbird.recommender.models.kinds import AnyKind
from tailorbird.recommender.models.part import Part, Step, Vectors, Weights

__all__ = ["Blend", "Ingredient", "Recipe", "best", "masked"]

CUSTOMERS_AT_ONCE = 400
GROUP = 64
"""Columns of which only the highest is looked at first."""
Form = TypeVar("Form", bound=Part)


class Ingredient(Struct, frozen=True):
    """A kind of model, how much it counts, and how its scores fade with the length of a history."""

    model: AnyKind
    weight: float
    fading: float = 0.0


class Blend(Struct, frozen=True):
    """Fitted parts, ready to score."""

    parts: tuple[Part, ...]
    weights: tuple[float, ...]
    fadings: tuple[float, ...]

    def scores(self, history: sparse.csr_matrix) -> Floats:
        """Customers x items."""
        return self.together([part.scores(history) for part in self.parts], history)

    @property
    def target(self) -> Floats:
        """Items x width of all parts that are vectors, side by side, each times its weight."""
        found = [part.target * np.float32(weight) for part, weight, _ in self._of(Vectors)]
        return np.column_stack(found).astype(np.float32) if found else np.empty((self.items, 0), np.float32)

    @property
    def items(self) -> int:
        """Rows of every part."""
        first = self.parts[0]
        return len(first.target) if isinstance(first, Vectors) else int(first.weight.shape[0])  # type: ignore[attr-defined]

    def queries(self, history: sparse.csr_matrix) -> Floats:
        """Customers x width, for `target`."""
        counts = np.maximum(np.diff(history.indptr), 1).astype(np.float32)[:, None]
        found = [part.query(history) * counts ** -np.float32(fading) for part, _, fading in self._of(Vectors)]
        return np.column_stack(found).astype(np.float32) if found else np.empty((history.shape[0], 0), np.float32)

    def asked(self, rows: Positions, liking: Floats) -> Floats:
        """`queries` of one customer, who likes the items of these rows so much."""
        count = float(max(len(rows), 1))
        found = [part.asked(rows, liking) * np.float32(count**-fading) for part, _, fading in self._of(Vectors)]
        return np.concatenate(found).astype(np.float32) if found else np.empty(0, np.float32)

    def further(self, rows: Positions, liking: Floats) -> Floats | None:
        """By item what the customer's own history adds to the inner product; None where no part weighs item by item."""
        count = float(max(len(rows), 1))
        total: Floats | None = None
        for part, weight, fading in self._of(Weights):
            found = part.asked(rows, liking * np.float32(weight * count**-fading))
            total = found if total is None else total + found
        return total

    def _of(self, form: type[Form]) -> list[tuple[Form, float, float]]:
        every = zip(self.parts, self.weights, self.fadings, strict=True)
        return [(part, weight, fading) for part, weight, fading in every if isinstance(part, form)]

    def together(self, scores: Sequence[Floats], history: sparse.csr_matrix) -> Floats:
        """The blend of what each part gave."""
        counts = np.maximum(np.diff(history.indptr), 1).astype(np.float32)[:, None]
        total = np.zeros(history.shape, np.float32)
        for of_part, weight, fading in zip(scores, self.weights, self.fadings, strict=True):
            total += of_part * (np.float32(weight) * counts ** -np.float32(fading))
        return total


class Recipe(Struct, frozen=True):
    """What tuning found: kinds with their settings and weights. The same recipe and data give the same blend."""

    ingredients: tuple[Ingredient, ...]

    def fit(self, liking: sparse.csr_matrix, step: Step) -> Blend:
        """Every part, fitted."""
        parts = []
        for number, one in enumerate(self.ingredients):
            begun, share = number / len(self.ingredients), 1.0 / len(self.ingredients)
            parts.append(one.model.fit(liking, lambda done, at=begun, of=share: step(at + done * of)))  # type: ignore[misc]
        return self.of(tuple(parts))

    def of(self, parts: tuple[Part, ...]) -> Blend:
        """The blend of these parts, one of each ingredient."""
        weights = tuple(one.weight for one in self.ingredients)
        return Blend(parts, weights, tuple(one.fading for one in self.ingredients))


def masked(scores: Floats, history: sparse.csr_matrix) -> Floats:
    """The scores, in place, minus infinity for what was had."""
    rows = np.repeat(np.arange(history.shape[0]), np.diff(history.indptr))
    scores[rows, history.indices] = -np.inf
    return scores


def best(scores: Floats, k: int) -> Codes:
    """Per row the places of the k highest, best first; fewer columns than k give all.

    Where there are many columns, only the k groups of columns with the highest peaks are looked into: what is among the
    k highest stands in one of them. That takes a twentieth of the time of looking into all.
    """
    rows, columns = scores.shape
    grouped = columns // GROUP * GROUP
    if columns < 4 * k * GROUP:
        return _highest(scores, min(k, columns))
    peaks = scores[:, :grouped].reshape(rows, -1, GROUP).max(axis=2)
    chosen = np.argpartition(peaks, -k, axis=1)[:, -k:] * GROUP
    within = (chosen[:, :, None] + np.arange(GROUP)).reshape(rows, -1)
    rest = np.broadcast_to(np.arange(grouped, columns), (rows, columns - grouped))
    places = np.concatenate([within, rest], axis=1)
    found: Codes = np.take_along_axis(places, _highest(np.take_along_axis(scores, places, axis=1), k), axis=1)
    return found


def _highest(scores: Floats, wanted: int) -> Codes:
    """`best` of no more columns than there are."""
    places = np.argpartition(scores, -wanted, axis=1)[:, -wanted:]
    order = np.argsort(-np.take_along_axis(scores, places, axis=1), axis=1, kind="stable")
    found: Codes = np.take_along_axis(places, order, axis=1).astype(np.int64)
    return found
