"""Recall, ndcg, hit rate, coverage and novelty on a fixed split: tuned on a part of the training file alone.

The definitions are the usual ones: what a customer had is not recommended, every customer of the test file counts, and
the best possible list has min(k, items that came true) hits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct
from scipy import sparse

from tailorbird.recommender.arrays import Codes, Flags, Floats
from tailorbird.recommender.evaluating.evaluate import interval
from tailorbird.recommender.evaluating.metrics import hit_rate, ndcg, recall
from tailorbird.recommender.evaluating.splitfiles import Split, hold_back
from tailorbird.recommender.models.blend import CUSTOMERS_AT_ONCE, Blend, Recipe, best, masked
from tailorbird.recommender.models.part import Kind, Part
from tailorbird.recommender.training.searching import Clock, HeldBack, Tell, Trial
from tailorbird.recommender.training.tuning import tune

__all__ = ["ASKING", "FITTING", "Figures", "Outcome", "Tried", "evaluate_split", "figures_of"]

METRICS = {"recall": recall, "ndcg": ndcg, "hit_rate": hit_rate}
SEED = 7
FITTING, ASKING = "fitting on everything", "asking for every customer"
FOLDS = 4
"""So many times something else is held back of what is known, at most: each costs one more fit of every part."""


class Figures(Struct, frozen=True, kw_only=True):
    """Of one way of ranking, over all asked customers."""

    recall: float
    ndcg: float
    hit_rate: float
    coverage: float
    """Share of the items of the training file that are in anybody's list."""
    novelty: float
    """Mean of -log2 of the share of customers who had it, over everything listed: 10 bits is one in a thousand."""
    intervals: dict[str, tuple[float, float]]
    """95 % bootstrap intervals over customers of the first three."""


class Tried(Struct, frozen=True, kw_only=True):
    """A kind of model, tuned, on what was held back of the training file: also one that the blend has no use for."""

    model: Kind
    recall: float
    ndcg: float
    trials: int


class Outcome(Struct, frozen=True, kw_only=True):
    """What an evaluation came to."""

    k: int
    customers: int
    blend: Figures
    alone: dict[str, Figures]
    """Each part of the blend, alone, and what stands beside it: plain ALS, tuned in the same search."""
    beside: tuple[Kind, ...]
    """The settings of what stands beside the blend."""
    validation: dict[str, float]
    recipe: Recipe
    trials: int
    tried: tuple[Tried, ...] = ()
    """The best of each kind, best first."""
    seconds: float


def evaluate_split(split: Split, k: int, seconds: float, clock: Clock, tell: Tell) -> Outcome:
    """Tunes on a part of what is known, fits on all of it, and looks once at what came true: all in these seconds.

    tell: called with what is done now, the share of the time that is used, and the best so far (0: nothing new).
    """
    began = clock()

    def done(what: str) -> None:
        tell(what, min(1.0, (clock() - began) / seconds), 0.0)

    folds = [_fold(split.liking, split.times, k, number) for number in range(FOLDS)]
    more = split.history.shape[0] / folds[0].history.shape[0]
    tuned = tune(folds, clock, seconds - (clock() - began), tell, asked=more)
    blend = tuned.recipe.fit(split.liking, lambda _: done(FITTING))
    done(FITTING)
    beside = [model.fit(split.liking, lambda _: done(FITTING)) for model in tuned.beside]
    names = [model.name for model in (*(one.model for one in tuned.recipe.ingredients), *tuned.beside)]
    listed = _listed(blend, beside, split.history, k, lambda _: done(ASKING))
    had = np.bincount(split.liking.indices, minlength=split.liking.shape[1]) / split.liking.shape[0]
    found = [figures_of(places, split.truth, split.relevant, had) for places in listed]
    return Outcome(
        k=k,
        customers=split.history.shape[0],
        blend=found[0],
        alone=dict(zip(names, found[1:], strict=True)),
        beside=tuned.beside,
        validation={"recall": tuned.recall, "ndcg": tuned.ndcg},
        recipe=tuned.recipe,
        trials=len(tuned.trials),
        tried=_best_of_each(tuned.trials),
        seconds=clock() - began,
    )


def _best_of_each(trials: Sequence[Trial]) -> tuple[Tried, ...]:
    count = Counter(trial.model.name for trial in trials)
    found: dict[str, Trial] = {}
    for trial in sorted(trials, key=lambda one: -one.value):
        found.setdefault(trial.model.name, trial)
    return tuple(
        Tried(model=one.model, recall=one.recall, ndcg=one.ndcg, trials=count[name]) for name, one in found.items()
    )


def _fold(liking: sparse.csr_matrix, times: sparse.csr_matrix | None, k: int, number: int) -> HeldBack:
    left, asked, truth = hold_back(liking, times, seed=SEED + number)
    return HeldBack(left, sparse.csr_matrix(left[asked]), truth, k)


def figures_of(places: Codes, truth: sparse.csr_matrix, relevant: Codes, had: Floats) -> Figures:
    """places: customers x k, the columns listed, best first. had: share of customers who had each item."""
    hits = np.zeros(places.shape, np.bool_)
    for begin in range(0, len(places), CUSTOMERS_AT_ONCE):
        some = slice(begin, begin + CUSTOMERS_AT_ONCE)
        true: Flags = np.asarray(truth[some].toarray() > 0)
        hits[some] = np.take_along_axis(true, places[some], axis=1)
    values = {name: metric(hits, relevant) for name, metric in METRICS.items()}
    means = {name: float(of_each.mean()) for name, of_each in values.items()}
    return Figures(
        **means,
        coverage=len(np.unique(places)) / len(had),
        novelty=float(-np.log2(np.maximum(had, 1e-12))[places].mean()),
        intervals={name: interval(of_each) for name, of_each in values.items()},
    )


def _listed(
    blend: Blend, beside: Sequence[Part], history: sparse.csr_matrix, k: int, step: Callable[[float], None]
) -> list[Codes]:
    """Customers x k for the blend, then for each part alone, then for what stands beside; each part scores once."""
    found: list[list[Codes]] = [[] for _ in range(1 + len(blend.parts) + len(beside))]
    for begin in range(0, history.shape[0], CUSTOMERS_AT_ONCE):
        some = sparse.csr_matrix(history[begin : begin + CUSTOMERS_AT_ONCE])
        of_each = [part.scores(some) for part in (*blend.parts, *beside)]
        total = blend.together(of_each[: len(blend.parts)], some)
        for own, scores in zip(found, [total, *of_each], strict=True):
            own.append(best(masked(scores, some), k))
        step(min(1.0, (begin + CUSTOMERS_AT_ONCE) / history.shape[0]))
    return [np.concatenate(own) for own in found]
