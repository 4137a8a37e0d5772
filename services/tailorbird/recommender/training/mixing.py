"""The weights with which fitted parts are blended: climbed to on what was held back, over each part's best items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from scipy import sparse

from tailorbird.recommender.arrays import Codes, Flags, Floats
from tailorbird.recommender.evaluating.metrics import ndcg, recall
from tailorbird.recommender.models.blend import CUSTOMERS_AT_ONCE, Ingredient, Recipe, best, masked
from tailorbird.recommender.models.part import Kind, Part

__all__ = ["Candidates", "Mixed", "mix"]

DEPTH = 4
"""So many times the items of a list, the best of each part, may enter the blend while its weights are sought."""
FADINGS = (-0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0)
FACTORS = (0.0, 0.1, 0.25, 0.5, 0.8, 1.25, 2.0, 4.0)
"""What a weight is multiplied by when another one is tried."""
STARTS = (0.1, 0.3, 1.0)
AGAINST = (-0.1, -0.3)
"""A part may count against an item; popularity never, or who has no history is listed what nobody likes."""
ROUNDS = 5
AT_LEAST = 0.0004
"""What a part must add to both metrics' mean to be kept: less is chance, and costs a fit."""
LITTLE = 1e-4
"""Weight of popularity where it helps nobody else: it orders the list of who has no history."""


class Candidates(Struct, frozen=True):
    """Per asked customer the union of each part's best, with the scores of all parts."""

    scores: Floats
    """Parts x customers x places, each part in units of its usual spread over items."""
    blank: Floats
    """Customers x places: minus infinity where nothing stands, else 0."""
    true: Flags
    relevant: Codes
    had: Floats
    """How many items each customer had."""
    units: tuple[float, ...]
    k: int

    @classmethod
    def of(cls, parts: Sequence[Part], history: sparse.csr_matrix, truth: sparse.csr_matrix, k: int) -> Candidates:
        """Of fitted parts, for these customers."""
        blocks, blanks, trues, spreads = [], [], [], []
        for begin in range(0, history.shape[0], CUSTOMERS_AT_ONCE // 2):
            some = history[begin : begin + CUSTOMERS_AT_ONCE // 2]
            of_each = [part.scores(some) for part in parts]
            spreads.append([float(scores.std(axis=1).sum()) for scores in of_each])
            of_each = [masked(scores, some) for scores in of_each]
            chosen, nothing = _each_once(np.concatenate([best(scores, DEPTH * k) for scores in of_each], axis=1))
            found = np.stack([np.take_along_axis(scores, chosen, axis=1) for scores in of_each])
            nothing |= ~np.isfinite(found[0])
            found[:, nothing] = 0.0
            blocks.append(found)
            blanks.append(np.where(nothing, np.float32(-np.inf), np.float32(0.0)))
            wanted = truth[begin : begin + CUSTOMERS_AT_ONCE // 2].toarray() > 0
            # What is listed twice comes true once, also where a list is longer than what there is to choose from.
            trues.append(np.take_along_axis(np.asarray(wanted), chosen, axis=1) & ~nothing)
        widest = max(block.shape[2] for block in blocks)
        blocks = [_wider(block, widest, 0.0) for block in blocks]
        blanks = [_wider(blank, widest, -np.inf) for blank in blanks]
        trues = [_wider(true, widest, False) for true in trues]
        scores = np.concatenate(blocks, axis=1)
        units = tuple(max(float(total) / len(scores[0]), 1e-9) for total in np.sum(spreads, axis=0))
        scores /= np.array(units, np.float32)[:, None, None]
        return cls(
            scores=scores,
            blank=np.concatenate(blanks),
            true=np.concatenate(trues),
            relevant=np.diff(truth.indptr).astype(np.int64),
            had=np.maximum(np.diff(history.indptr), 1).astype(np.float32),
            units=units,
            k=k,
        )

    @classmethod
    def joined(cls, folds: Sequence[Candidates]) -> Candidates:
        """Those of several folds as one, in the units of the first."""
        first = folds[0]
        widest = max(fold.true.shape[1] for fold in folds)
        # Scores were divided by their own fold's unit: what a part says is worth as much in each.
        return cls(
            scores=np.concatenate([_wider(fold.scores, widest, 0.0) for fold in folds], axis=1),
            blank=np.concatenate([_wider(fold.blank, widest, -np.inf) for fold in folds]),
            true=np.concatenate([_wider(fold.true, widest, False) for fold in folds]),
            relevant=np.concatenate([fold.relevant for fold in folds]),
            had=np.concatenate([fold.had for fold in folds]),
            units=first.units,
            k=first.k,
        )

    def measured(self, weights: Floats, fadings: Floats) -> tuple[float, float]:
        """(recall, ndcg) of the blend with these weights."""
        total = self.blank.copy()
        for part, (weight, fading) in enumerate(zip(weights, fadings, strict=True)):
            if weight:
                total += self.worth(part, float(weight), float(fading))
        return self.judged(total)

    def worth(self, part: int, weight: float, fading: float) -> Floats:
        """Customers x places: what a part adds to the blend."""
        shorter = self.had / np.exp(np.log(self.had).mean())
        found: Floats = self.scores[part] * (np.float32(weight) * shorter ** np.float32(-fading))[:, None]
        return found

    def judged(self, total: Floats) -> tuple[float, float]:
        """(recall, ndcg) of the lists by these sums."""
        hits = np.take_along_axis(self.true, best(total, self.k), axis=1)
        return float(recall(hits, self.relevant).mean()), float(ndcg(hits, self.relevant).mean())


class Mixed(Struct, frozen=True):
    """The recipe and how it did on the candidates."""

    recipe: Recipe
    recall: float
    ndcg: float


def mix(
    candidates: Candidates, models: Sequence[Kind], served: bool = False, more: Callable[[], bool] = lambda: True
) -> Mixed:
    """The recipe whose blend ranks the candidates best. Parts that add nothing are left out, but for popularity.

    Climbed to twice: from the best part alone, and from all parts alike, which differ in what they miss. served: the
    first part of the candidates is no model's but what the recipe is added to, with a weight of 1. more: whether there
    is time to climb on.
    """
    count = len(candidates.scores)
    nothing = np.zeros(count, np.float32)
    alone = [sum(candidates.measured(_only(count, part), nothing)) for part in range(count)]
    if served:
        starts, free = [_only(count, 0)], range(1, count)
    else:
        alike = np.array([model.name != "popular" for model in models], np.float32)
        starts = [_only(count, int(np.argmax(alone))), *([alike] if alike.any() else [])]
        free = range(count)
    order = sorted(free, key=lambda part: -alone[part])
    tried: list[Sequence[float]] = [STARTS] * (count - len(models))
    tried += [STARTS if model.name == "popular" else (*STARTS, *AGAINST) for model in models]
    value, weights, fadings = max(
        (_climbed(candidates, start, order, tried, more) for start in starts), key=lambda found: found[0]
    )
    for part in reversed(order):
        rest = weights.copy()
        rest[part] = 0.0
        if rest.any() and sum(candidates.measured(rest, fadings)) > value - AT_LEAST:
            weights = rest
    return _as_recipe(candidates, models, weights, fadings, served)


def _climbed(
    candidates: Candidates,
    start: Floats,
    order: Sequence[int],
    tried: Sequence[Sequence[float]],
    more: Callable[[], bool],
) -> tuple[float, Floats, Floats]:
    """(value, weights, fadings) where no single change of a part in `order` helps any more."""
    weights, fadings = start.copy(), np.zeros(len(start), np.float32)
    value = sum(candidates.measured(weights, fadings))
    for _ in range(ROUNDS):
        before = value
        for part in order:
            if not more():
                return value, weights, fadings
            value = _better(candidates, weights, fadings, part, value, tried[part])
        if value - before < AT_LEAST:
            break
    return value, weights, fadings


def _better(
    candidates: Candidates, weights: Floats, fadings: Floats, part: int, value: float, first: Sequence[float]
) -> float:
    """The value after the part's weight and fading were changed, in place, to the best that were tried.

    first: the weights to begin with where the part has none.
    """
    start, fading = float(weights[part]), float(fadings[part])
    rest = candidates.blank.copy()
    for other in np.flatnonzero(weights):
        if other != part:
            rest += candidates.worth(int(other), float(weights[other]), float(fadings[other]))
    best_weight, best_fading = start, fading

    def attempt(weight: float, faded: float) -> None:
        nonlocal value, best_weight, best_fading
        found = sum(candidates.judged(rest + candidates.worth(part, weight, faded)))
        if found > value + 1e-6:
            value, best_weight, best_fading = found, weight, faded

    alone = not np.delete(weights, part).any()
    for weight in [start * factor for factor in FACTORS] if start else first:
        # Alone, only the order counts; and nothing at all lists nothing.
        if not alone:
            attempt(weight, fading)
    if best_weight and not alone:
        for faded in FADINGS:
            attempt(best_weight, faded)
    weights[part], fadings[part] = best_weight, best_fading
    return value


def _each_once(places: Codes) -> tuple[Codes, Flags]:
    """(the places of each row, sorted, what stands there twice put last and as far as possible cut off; whether one
    is such a second).
    """
    places = np.sort(places, axis=1)
    again = np.zeros(places.shape, np.bool_)
    again[:, 1:] = places[:, 1:] == places[:, :-1]
    order = np.argsort(again, axis=1, kind="stable")[:, : int((~again).sum(axis=1).max())]
    return np.take_along_axis(places, order, axis=1), np.take_along_axis(again, order, axis=1)


def _wider(block: Any, width: int, filled: float | bool) -> Any:
    """The block with its last dimension filled up to that width."""
    missing = [(0, 0)] * (block.ndim - 1) + [(0, width - block.shape[-1])]
    return np.pad(block, missing, constant_values=filled)


def _as_recipe(candidates: Candidates, models: Sequence[Kind], weights: Floats, fadings: Floats, served: bool) -> Mixed:
    usual = float(np.exp(np.log(candidates.had).mean()))
    unit = candidates.units[0] if served else 1.0
    ingredients = []
    for number, model in enumerate(models, start=1 if served else 0):
        weight = float(weights[number]) or (LITTLE if model.name == "popular" else 0.0)
        if weight:
            fading = float(fadings[number])
            scaled = weight * usual**fading / candidates.units[number] * unit
            ingredients.append(Ingredient(model, scaled, fading))
    found = candidates.measured(weights, fadings)
    return Mixed(Recipe(tuple(ingredients)), *found)


def _only(count: int, part: int) -> Floats:
    weights = np.zeros(count, np.float32)
    weights[part] = 1.0
    return weights
