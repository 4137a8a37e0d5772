"""The weights with which fitted parts are blended: climbed to on what was held back, over each part's best items."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from scipy import sparse

from tailorbird.recommender.arrays import Codes, Flags, Floats
from tailorbird.recommender.evaluating.metrics import ndcg, recall
from tailorbird.recommender.models.blend import CUSTOMERS_AT_ONCE, Ingredient, Recipe, best, masked
from tailorbird.recommender.models.part import Kind, Part

__all__ = ["Candidates", "Mixed", "mix"]

DEPTH = 150
"""Best items of each part that may enter the blend while its weights are sought."""
FADINGS = (-0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0)
FACTORS = (0.0, 0.1, 0.25, 0.5, 0.8, 1.25, 2.0, 4.0)
"""What a weight is multiplied by when another one is tried."""
STARTS = (0.3, 1.0)
AT_LEAST = 0.0004
"""What a part must add to both metrics' mean to be kept: less is chance, and costs a fit."""
LITTLE = 1e-4
"""Weight of popularity where it helps nobody else: it orders the list of who has no history."""


class Candidates(Struct, frozen=True):
    """Per asked customer the union of each part's best, with the scores of all parts."""

    scores: Floats
    """Parts x customers x places, each part in units of its usual k-th best score; minus infinity fills up."""
    true: Flags
    relevant: Codes
    had: Floats
    """How many items each customer had."""
    units: tuple[float, ...]
    k: int

    @classmethod
    def of(cls, parts: Sequence[Part], history: sparse.csr_matrix, truth: sparse.csr_matrix, k: int) -> Candidates:
        """Of fitted parts, for these customers."""
        blocks, trues = [], []
        for begin in range(0, history.shape[0], CUSTOMERS_AT_ONCE // 2):
            some = history[begin : begin + CUSTOMERS_AT_ONCE // 2]
            of_each = [masked(part.scores(some), some) for part in parts]
            chosen = np.concatenate([best(scores, DEPTH) for scores in of_each], axis=1)
            chosen.sort(axis=1)
            again = np.zeros(chosen.shape, np.bool_)
            again[:, 1:] = chosen[:, 1:] == chosen[:, :-1]
            found = np.stack([np.take_along_axis(scores, chosen, axis=1) for scores in of_each])
            found[:, again] = -np.inf
            blocks.append(found)
            wanted = truth[begin : begin + CUSTOMERS_AT_ONCE // 2].toarray() > 0
            trues.append(np.take_along_axis(np.asarray(wanted), chosen, axis=1))
        scores = np.concatenate(blocks, axis=1)
        units = tuple(_unit(of_part, k) for of_part in scores)
        scores /= np.array(units, np.float32)[:, None, None]
        return cls(
            scores=scores,
            true=np.concatenate(trues),
            relevant=np.diff(truth.indptr).astype(np.int64),
            had=np.maximum(np.diff(history.indptr), 1).astype(np.float32),
            units=units,
            k=k,
        )

    def measured(self, weights: Floats, fadings: Floats) -> tuple[float, float]:
        """(recall, ndcg) of the blend with these weights."""
        total = np.zeros(self.true.shape, np.float32)
        shorter = self.had / np.exp(np.log(self.had).mean())
        for scores, weight, fading in zip(self.scores, weights, fadings, strict=True):
            if weight:
                total += scores * (weight * shorter**-fading)[:, None]
        hits = np.take_along_axis(self.true, best(total, self.k), axis=1)
        return float(recall(hits, self.relevant).mean()), float(ndcg(hits, self.relevant).mean())


class Mixed(Struct, frozen=True):
    """The recipe and how it did on the candidates."""

    recipe: Recipe
    recall: float
    ndcg: float


def mix(candidates: Candidates, models: Sequence[Kind]) -> Mixed:
    """The recipe whose blend ranks the candidates best. Parts that add nothing are left out, but for popularity."""
    count = len(models)
    alone = [sum(candidates.measured(_only(count, part), np.zeros(count, np.float32))) for part in range(count)]
    weights, fadings = _only(count, int(np.argmax(alone))), np.zeros(count, np.float32)
    value = max(alone)
    for _ in range(6):
        before = value
        for part in np.argsort(alone)[::-1]:
            value = _better(candidates, weights, fadings, int(part), value)
        if value - before < AT_LEAST:
            break
    for part in np.argsort(alone):
        rest = weights.copy()
        rest[part] = 0.0
        if rest.any() and sum(candidates.measured(rest, fadings)) > value - AT_LEAST:
            weights = rest
    return _as_recipe(candidates, models, weights, fadings)


def _better(candidates: Candidates, weights: Floats, fadings: Floats, part: int, value: float) -> float:
    """The value after the part's weight and fading were changed, in place, to the best that were tried."""
    start = float(weights[part])
    tried = [start * factor for factor in FACTORS] if start else [*STARTS, 0.1]
    for weight in tried:
        value = _if_better(candidates, weights, fadings, (part, weight, float(fadings[part])), value)
    if weights[part]:
        for fading in FADINGS:
            value = _if_better(candidates, weights, fadings, (part, float(weights[part]), fading), value)
    return value


def _if_better(
    candidates: Candidates, weights: Floats, fadings: Floats, change: tuple[int, float, float], value: float
) -> float:
    part, weight, fading = change
    before = weights[part], fadings[part]
    weights[part], fadings[part] = weight, fading
    found = sum(candidates.measured(weights, fadings)) if weights.any() else 0.0
    if found > value + 1e-6:
        return found
    weights[part], fadings[part] = before
    return value


def _as_recipe(candidates: Candidates, models: Sequence[Kind], weights: Floats, fadings: Floats) -> Mixed:
    usual = float(np.exp(np.log(candidates.had).mean()))
    ingredients = []
    for number, model in enumerate(models):
        weight = float(weights[number]) or (LITTLE if model.name == "popular" else 0.0)
        if weight:
            fading = float(fadings[number])
            scaled = weight * usual**fading / candidates.units[number]
            ingredients.append(Ingredient(model, scaled, fading))  # type: ignore[arg-type]
    found = candidates.measured(weights, fadings)
    return Mixed(Recipe(tuple(ingredients)), *found)


def _only(count: int, part: int) -> Floats:
    weights = np.zeros(count, np.float32)
    weights[part] = 1.0
    return weights


def _unit(scores: Floats, k: int) -> float:
    """The usual k-th best score of a part."""
    at = scores.shape[1] - min(k, scores.shape[1])
    found = np.partition(scores, at, axis=1)[:, at]
    finite = found[np.isfinite(found)]
    return max(float(np.abs(finite).mean()) if len(finite) else 1.0, 1e-9)
