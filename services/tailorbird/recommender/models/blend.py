"""Several parts as one: each part's scores, times its weight, divided by a power of how much the customer had."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from scipy import sparse

from tailorbird.recommender.arrays import Codes, Floats
from tailorbird.recommender.models.kinds import AnyKind
from tailorbird.recommender.models.part import Part, Step

__all__ = ["Blend", "Ingredient", "Recipe", "best", "masked"]

CUSTOMERS_AT_ONCE = 400


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
        return Blend(
            tuple(parts),
            tuple(one.weight for one in self.ingredients),
            tuple(one.fading for one in self.ingredients),
        )


def masked(scores: Floats, history: sparse.csr_matrix) -> Floats:
    """The scores, in place, minus infinity for what was had."""
    rows = np.repeat(np.arange(history.shape[0]), np.diff(history.indptr))
    scores[rows, history.indices] = -np.inf
    return scores


def best(scores: Floats, k: int) -> Codes:
    """Per row the places of the k highest, best first; fewer columns than k give all."""
    wanted = min(k, scores.shape[1])
    places = np.argpartition(-scores, wanted - 1, axis=1)[:, :wanted]
    order = np.argsort(-np.take_along_axis(scores, places, axis=1), axis=1, kind="stable")
    found: Codes = np.take_along_axis(places, order, axis=1).astype(np.int64)
    return found
