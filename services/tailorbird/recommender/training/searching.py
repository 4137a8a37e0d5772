"""A search over the settings of one kind of model after another, each judged by what was held back of customers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from scipy import sparse

from tailorbird.recommender.arrays import Codes, Floats
from tailorbird.recommender.evaluating.metrics import ndcg, recall
from tailorbird.recommender.models.blend import CUSTOMERS_AT_ONCE, best, masked
from tailorbird.recommender.models.part import Kind, Part

__all__ = ["Clock", "HeldBack", "Learned", "Search", "Tell", "Trial"]

Clock = Callable[[], float]
Tell = Callable[[str, float, float], None]
"""Called with what is tried, the share of the time that is used, and the best so far."""

GAIN = 0.002
"""By so much of itself a value must rise for a setting to be followed further: flat slopes are long."""
LONGEST = 0.2
"""No single trial may take more than this share of the time."""
GROWING = ("factors", "hidden", "epochs", "members")
"""Settings that a fit's time is in proportion to."""
CLOSE = 0.95
"""A second of a kind that is blended must reach so much of what the first does."""


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
    """Of a fit, whether it was made anew for this trial or not."""
    asking: float = 0.0
    """Seconds it took to ask for everybody of whom something was held back."""

    @property
    def value(self) -> float:
        """What tuning raises: both metrics count."""
        return self.recall + self.ndcg


class Learned(Struct, frozen=True):
    """What was learned last for a kind with settings that are free."""

    model: Kind
    result: Any
    seconds: float


class Search:
    """Every trial, and of each kind the best one's fitted part."""

    def __init__(
        self, held: HeldBack, clock: Clock, seconds: float, tell: Tell, factors_at_most: int | None = None
    ) -> None:
        self.held = held
        self.factors_at_most = factors_at_most
        self.clock = clock
        self.began = clock()
        self.seconds = seconds
        self.tell = tell
        self.trials: list[Trial] = []
        self.parts: dict[Kind, Part] = {}
        self._learned: dict[str, Learned] = {}

    @property
    def left(self) -> float:
        """Seconds."""
        return max(0.0, self.seconds - self.spent)

    @property
    def spent(self) -> float:
        return self.clock() - self.began

    def attempt(self, model: Kind) -> Trial:
        """The trial, made or remembered; the best of each name keeps its fitted part."""
        known = next((trial for trial in self.trials if trial.model == model), None)
        if known is not None:
            return known
        part, seconds = self._fitted(model)
        begun = self.clock()
        found = _measured(part, self.held)
        trial = Trial(model, *found, seconds=seconds, asking=self.clock() - begun)
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

    def begun(self, kind: type[Kind]) -> Kind:
        """The settings to begin with: those found for the kind that this one follows, where there is one."""
        start = self._within(kind.start(self.held.liking))
        before = self.best_of(kind.follows)
        if before is None:
            return start
        # What the other kind holds fast is held fast at first here, too: it may be better already than what differs.
        found: dict[str, Any] = {name: getattr(before.model, name) for name in kind.choices}
        return replace(start, **found)

    def climb(self, kind: type[Kind], until: float) -> None:
        """Tries a kind's settings one after another, each up and down, for as long as something improves."""
        leader = self.attempt(self.begun(kind))
        improved = True
        while improved:
            improved = False
            for setting in kind.choices:
                for direction in (1, -1):
                    while (following := _beside(leader.model, setting, direction)) is not None:
                        expected = self._expected(following, leader)
                        if following != self._within(following):
                            break
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

    def other_width(self, leader: Trial) -> Trial | None:
        """The best trial of the leader's kind with another number of factors, if it is not far behind."""
        if "factors" in leader.model.free:
            # The narrower is a part of the wider, not a second opinion.
            return None
        width = getattr(leader.model, "factors", None)
        others = [trial for trial in self.trials if trial.model.name == leader.model.name]
        others = [trial for trial in others if getattr(trial.model, "factors", None) != width]
        found = max(others, key=lambda trial: trial.value, default=None)
        return found if found is not None and found.value >= CLOSE * leader.value else None

    def _fitted(self, model: Kind) -> tuple[Part, float]:
        """The part, and the seconds of a fit; what was learned for settings that differ in free ones serves again."""
        begun = self.clock()
        followed = self.best_of(model.follows)
        if followed is not None and all(
            getattr(followed.model, name) == getattr(model, name) for name in model.__struct_fields__
        ):
            # It begins as what it follows ended: that is fitted already.
            return self.parts[followed.model], followed.seconds
        if not model.free:
            part = model.fit(self.held.liking, _silent)
            return part, self.clock() - begun
        if not self._is_learned(model):
            widest = self._within(model.widest(self.held.liking))
            result = widest.learned(self.held.liking, _silent)
            self._learned[model.name] = Learned(widest, result, self.clock() - begun)
        learned = self._learned[model.name]
        return model.finished(learned.result, self.held.liking), learned.seconds

    def _within(self, model: Kind) -> Kind:
        """The model, or as wide as one may be."""
        if self.factors_at_most is None or getattr(model, "factors", 0) <= self.factors_at_most:
            return model
        narrower: dict[str, Any] = {"factors": self.factors_at_most}
        return replace(model, **narrower)

    def _is_learned(self, model: Kind) -> bool:
        """Whether the model differs only in free settings from one that was learned last."""
        known = self._learned.get(model.name)
        if known is None:
            return False
        same: dict[str, Any] = {name: getattr(known.model, name) for name in model.free}
        return replace(model, **same) == known.model

    def _expected(self, model: Kind, leader: Trial) -> float:
        """Seconds that a trial will take, as far as the last one tells."""
        longer = max(1.0, *(getattr(model, name, 1) / getattr(leader.model, name, 1) for name in GROWING))
        fitting = 0.0 if model.free and self._is_learned(model) else leader.seconds
        return (fitting if "factors" in model.free else fitting * longer) + leader.asking * longer


def _silent(_: float) -> None:
    return None


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
