"""The best recipe within a time: each kind of model is tuned on what was held out, then the best are blended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from scipy import sparse

from tailorbird.recommender.arrays import Codes, Floats
from tailorbird.recommender.evaluating.metrics import ndcg, recall
from tailorbird.recommender.models.blend import CUSTOMERS_AT_ONCE, Recipe, best, masked
from tailorbird.recommender.models.kinds import KINDS
from tailorbird.recommender.models.part import Kind, Part
from tailorbird.recommender.training.mixing import Candidates, mix

__all__ = ["HeldBack", "Trial", "Tuned", "tune"]

Clock = Callable[[], float]
Tell = Callable[[str, float, float], None]
"""Called with what is tried, the share of the time that is used, and the best so far."""

SHARES = {"neighbours": 0.15, "regressed": 0.2, "spectral": 0.2, "tastes": 1.0}
"""Of what is left of the time when a kind's turn comes."""


SEARCHING = 0.67
GAIN = 0.002
"""By so much of itself a value must rise for a setting to be followed further: flat slopes are long."""
LONGEST = 0.2
"""No single trial may take more than this share of the time."""


class HeldBack(Struct, frozen=True):
    """What is learned from, and customers of whom something was held back to be foretold."""

    liking: sparse.csr_matrix
    """Customers x items, without what was held back."""
    history: sparse.csr_matrix
    """The asked customers' rows of it."""
    truth: sparse.csr_matrix
    """What was held back of them, in the same order."""
    k: int = 20


class Trial(Struct, frozen=True):
    """One setting of one kind, and how it did."""

    model: Kind
    recall: float
    ndcg: float
    seconds: float

    @property
    def value(self) -> float:
        """What tuning raises: both metrics count."""
        return self.recall + self.ndcg


class Tuned(Struct, frozen=True):
    """The recipe, how it did on what was held back, and everything that was tried."""

    recipe: Recipe
    recall: float
    ndcg: float
    trials: tuple[Trial, ...]


class _Search:
    def __init__(self, held: HeldBack, clock: Clock, seconds: float, tell: Tell) -> None:
        self.held = held
        self.clock = clock
        self.began = clock()
        self.seconds = seconds
        self.tell = tell
        self.trials: list[Trial] = []
        self.parts: dict[Kind, Part] = {}

    @property
    def spent(self) -> float:
        return self.clock() - self.began

    def attempt(self, model: Kind) -> Trial:
        """The trial, made or remembered; the best of each name keeps its fitted part."""
        known = next((trial for trial in self.trials if trial.model == model), None)
        if known is not None:
            return known
        begun = self.clock()
        part = model.fit(self.held.liking, lambda _: None)
        found = _measured(part, self.held)
        trial = Trial(model, *found, seconds=self.clock() - begun)
        before = self.best_of(model.name)
        if before is None or trial.value > before.value:
            if before is not None:
                self.parts.pop(before.model, None)
            self.parts[model] = part
        self.trials.append(trial)
        self.tell(model.name, min(1.0, self.spent / self.seconds), max(each.value for each in self.trials) / 2.0)
        return trial

    def best_of(self, name: str) -> Trial | None:
        """The best trial of a kind."""
        return max((trial for trial in self.trials if trial.model.name == name), key=lambda it: it.value, default=None)

    def climb(self, kind: type[Kind], until: float) -> None:
        """Tries a kind's settings one after another, each up and down, for as long as something improves."""
        leader = self.attempt(kind.start(self.held.liking))
        improved = True
        while improved:
            improved = False
            for setting in kind.choices:
                for direction in (1, -1):
                    while (following := _beside(leader.model, setting, direction)) is not None:
                        expected = self._expected(following, leader)
                        if self.spent + expected > until or expected > LONGEST * self.seconds:
                            break
                        trial = self.attempt(following)
                        gained = trial.value - leader.value
                        if gained > 0:
                            leader = trial
                        if gained <= GAIN * leader.value:
                            break
                        improved = True
            if self.spent > until:
                return

    def _expected(self, model: Kind, leader: Trial) -> float:
        """Seconds that a trial will take, as far as the last one tells."""
        wider = getattr(model, "factors", 1) / getattr(leader.model, "factors", 1)
        return leader.seconds * max(1.0, wider)


def tune(held: HeldBack, clock: Clock, seconds: float, tell: Tell) -> Tuned:
    """The recipe. clock: seconds, from any moment on; a third of `seconds` is left to blend and to fit once more."""
    search = _Search(held, clock, seconds * SEARCHING, tell)
    kinds = [kind for kind in KINDS if kind().fitting(held.liking.shape)]
    for kind in kinds:
        left = max(0.0, seconds * SEARCHING - search.spent)
        search.climb(kind, search.spent + left * SHARES.get(kind().name, 0.1))
    leaders = [trial for kind in kinds if (trial := search.best_of(kind().name)) is not None]
    parts = tuple(search.parts[trial.model] for trial in leaders)
    mixed = mix(Candidates.of(parts, held.history, held.truth, held.k), tuple(trial.model for trial in leaders))
    tell("blended", 1.0, (mixed.recall + mixed.ndcg) / 2.0)
    return Tuned(mixed.recipe, mixed.recall, mixed.ndcg, tuple(search.trials))


def _beside(model: Kind, setting: str, direction: int) -> Kind | None:
    """The model with the next value of a setting in that direction, None at the end."""
    choices = list(type(model).choices[setting])
    value = getattr(model, setting)
    place = min(range(len(choices)), key=lambda number: abs(choices[number] - value)) + direction
    if not 0 <= place < len(choices):
        return None
    changed: Any = replace(model, **{setting: choices[place]})
    return changed  # type: ignore[no-any-return]


def _measured(part: Part, held: HeldBack) -> tuple[float, float]:
    """(recall, ndcg) of a part alone."""
    recalls, gains = [], []
    for hits, relevant in _hits(part, held):
        recalls.append(recall(hits, relevant))
        gains.append(ndcg(hits, relevant))
    return float(np.concatenate(recalls).mean()), float(np.concatenate(gains).mean())


def _hits(part: Part, held: HeldBack) -> Iterator[tuple[Any, Codes]]:
    for begin in range(0, held.history.shape[0], CUSTOMERS_AT_ONCE):
        some = held.history[begin : begin + CUSTOMERS_AT_ONCE]
        truth = held.truth[begin : begin + CUSTOMERS_AT_ONCE]
        scores: Floats = masked(part.scores(some), some)
        found = best(scores, held.k)
        true = np.asarray(truth.toarray() > 0)
        yield np.take_along_axis(true, found, axis=1), np.diff(truth.indptr).astype(np.int64)
