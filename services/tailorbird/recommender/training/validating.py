"""How settings do on the last weeks, trained without them: the same customers and items for each that is tried.

The time between is honest, as in serving: nothing of the validation's weeks is known when the model is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from msgspec import Struct
from msgspec.structs import replace
from scipy import sparse
from threadpoolctl import threadpool_limits

from tailorbird.contracts.wire import Fault
from tailorbird.recommender.evaluating.evaluate import HeldOut, of_each, shelf_lists, split
from tailorbird.recommender.evaluating.report import ranker_of
from tailorbird.recommender.models.als import confidences, liking_of
from tailorbird.recommender.models.blend import Recipe
from tailorbird.recommender.models.interactions import Interactions
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.training.blending import ServedPart, recipe_beside
from tailorbird.recommender.training.searching import HeldBack
from tailorbird.recommender.training.train import train, trainable

__all__ = ["METRIC", "SettingsTrial", "Validation", "blend_settings", "tune_settings"]

METRIC = "ndcg@10 of for_you on items new to the customer"
DEPTH = 10
CUSTOMERS_AT_MOST = 5_000
GAIN = 0.002
CHOICES: dict[str, Sequence[float]] = {
    "regularization": (1.0, 3.0, 6.0, 10.0, 20.0, 35.0, 60.0),
    "reach_weight": (0.02, 0.05, 0.1, 0.15, 0.2, 0.3),
    "factors": (16, 32, 64, 96, 128, 192),
    "taste_half_life_days": (30.0, 60.0, 120.0, 240.0, 480.0),
    "reach_half_life_days": (7.0, 14.0, 28.0, 56.0),
}
"""Setting -> the values that tuning may try, in order."""
COUNTED = {"regularization": (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)}
"""Instead, where regularization counts with each row."""


class SettingsTrial(Struct, frozen=True):
    """Settings, and the metric of each validation customer with them."""

    settings: TrainingSettings
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """What tuning raises."""
        return float(np.mean(self.values))


class Validation:
    """The last weeks of some data, to be foretold from what was before."""

    def __init__(self, interactions: pd.DataFrame, items: pd.DataFrame, days: float = 28.0) -> None:
        self._before, after = split(interactions, days)
        self._items = items
        if not len(self._before):
            raise Fault(422, f"The data reaches back no further than the {days:g} days that are to be foretold.")
        self._test = HeldOut.of(self._before, after, known=set(trainable(items)))
        people = sorted(self._test.new)
        self._people = people[:: max(1, -(-len(people) // CUSTOMERS_AT_MOST))]
        if not self._people:
            raise Fault(422, f"Nobody bought anything new in the last {days:g} days: there is nothing to validate on.")

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits: the same customers, and the same items that came true."""
        lines = (f"{person}:{','.join(sorted(self._test.new[person]))}" for person in self._people)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    def recipe(
        self,
        settings: TrainingSettings,
        clock: Callable[[], float],
        seconds: float,
        tell: Callable[[str, float, float], None],
    ) -> Recipe | None:
        """What is best blended with a model of these settings, as far as the time allows; None where nothing helps."""
        settings = replace(settings, habits=False, basket_items=0, blended=None)
        table = Interactions.of(self._before, trainable(self._items))
        liking = liking_of(confidences(table, table.pairs(), settings))
        place = {item_id: number for number, item_id in enumerate(table.item_ids)}
        known = {person: [place[one] for one in self._test.new[person] if one in place] for person in self._people}
        people = [person for person, items in known.items() if items]
        if not people:
            return None
        rows, came = table.rows_of(self._before, people), [known[person] for person in people]
        counts = [len(each) for each in came]
        places = (np.repeat(np.arange(len(came)), counts), np.array([item for each in came for item in each], np.int64))
        truth = sparse.csr_matrix((np.ones(sum(counts), np.float32), places), shape=(len(came), len(place)))
        held = HeldBack(liking, sparse.csr_matrix(liking[rows]), truth, DEPTH)
        served = ServedPart.of(train(self._before, self._items, settings))
        return recipe_beside(held, served, clock, seconds, tell)

    def measure(self, settings: TrainingSettings) -> SettingsTrial:
        """The settings' trial: trained on what was before, asked as a page asks."""
        # What is learned beside tastes has no say in this list.
        model = train(self._before, self._items, replace(settings, habits=False, basket_items=0))
        truths = {person: self._test.new[person] for person in self._people}
        with threadpool_limits(1):
            lists = shelf_lists(ranker_of(model, self._items), self._test, self._people, "for_you", DEPTH)
        values = of_each(truths, lists, "ndcg", DEPTH)
        return SettingsTrial(settings, tuple(float(value) for value in np.round(values, 4)))


def tune_settings(
    validation: Validation,
    start: TrainingSettings,
    clock: Callable[[], float],
    seconds: float,
    tell: Callable[[str, float, float], None],
) -> list[SettingsTrial]:
    """Every trial within the time, the first that of `start`: one setting after another, up and down."""
    began = clock()
    trials = [validation.measure(start)]
    each = clock() - began
    leader = trials[0]
    tell("the settings in use", min(1.0, each / seconds), leader.mean)
    improved = True
    while improved:
        improved = False
        for setting in CHOICES:
            for direction in (1, -1):
                while (following := _beside(leader.settings, setting, direction)) is not None:
                    if clock() - began + each > seconds:
                        return trials
                    if any(trial.settings == following for trial in trials):
                        break
                    trial = validation.measure(following)
                    trials.append(trial)
                    tell(f"{setting} {getattr(following, setting):g}", (clock() - began) / seconds, leader.mean)
                    if trial.mean <= leader.mean * (1.0 + GAIN):
                        break
                    leader, improved = trial, True
    return trials


def blend_settings(
    validation: Validation,
    leader: SettingsTrial,
    clock: Callable[[], float],
    seconds: float,
    tell: Callable[[str, float, float], None],
) -> list[SettingsTrial]:
    """The trial of the leader's settings with what is best blended with them; none where nothing helps."""
    recipe = validation.recipe(leader.settings, clock, seconds, tell)
    if recipe is None:
        return []
    tell("as it would serve", 1.0, leader.mean)
    return [validation.measure(replace(leader.settings, blended=recipe))]


def _beside(settings: TrainingSettings, setting: str, direction: int) -> TrainingSettings | None:
    choices = list((CHOICES | COUNTED if settings.counted else CHOICES)[setting])
    value = getattr(settings, setting)
    place = min(range(len(choices)), key=lambda number: abs(choices[number] - value)) + direction
    if not 0 <= place < len(choices):
        return None
    changed: dict[str, Any] = {setting: choices[place]}
    return replace(settings, **changed)
