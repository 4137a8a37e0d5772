"""The best recipe within a time: each kind of model is tuned on what was held out, then the best are blended."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from tailorbird.recommender.models.blend import Recipe
from tailorbird.recommender.models.kinds import KINDS
from tailorbird.recommender.models.part import Kind, Part
from tailorbird.recommender.training.mixing import Candidates, mix
from tailorbird.recommender.training.searching import Clock, HeldBack, Search, Tell, Trial

__all__ = ["Tuned", "tune"]

SHARES = {"neighbours": 0.1, "regressed": 0.2, "spectral": 0.15, "plain": 0.45, "tastes": 0.55}
"""Of what is left of the time when a kind's turn comes; the last one has all of it."""
SEARCHING = 0.6
"""Of the time; in the rest the best are fitted on further folds, blended, and fitted on everything."""
MIXING = 0.1
"""Of the time, for the weights."""
SLOWER = 1.5
"""A fit on everything takes so much longer at most than one on what was left."""


class Tuned(Struct, frozen=True):
    """The recipe, how it did on what was held back, and everything that was tried."""

    recipe: Recipe
    recall: float
    ndcg: float
    trials: tuple[Trial, ...]
    beside: tuple[Kind, ...]
    """The best of the kinds that stand beside the blend."""


def tune(
    folds: Sequence[HeldBack],
    clock: Clock,
    seconds: float,
    tell: Tell,
    tried: Sequence[type[Kind]] = KINDS,
    served: Part | None = None,
) -> Tuned:
    """The recipe. clock: seconds, from any moment on. Settings are sought on the first fold; their blend's weights on
    as many folds as there is time for, so that they do not fit the customers of one.

    served: what the recipe is added to, with a weight of 1; there is one fold then, that it was fitted on.
    """
    held = folds[0]
    search = Search(held, clock, seconds, tell)
    kinds = [kind for kind in tried if kind().fitting(held.liking.shape)]
    for number, kind in enumerate(kinds, start=1):
        left = max(0.0, seconds * SEARCHING - search.spent)
        search.climb(kind, search.spent + left * (SHARES.get(kind().name, 0.1) if number < len(kinds) else 1.0))
    leaders = [trial for kind in kinds if (trial := search.best_of(kind().name)) is not None]
    blended = [trial for trial in leaders if trial.model.blends]
    models = [trial.model for trial in blended]
    parts = [search.parts[model] for model in models]
    once = sum(trial.seconds for trial in leaders) * SLOWER
    # What two widths of one kind agree on is surer than what either says: they are blended both, where there is time.
    for second in _seconds(search, blended):
        if search.left - MIXING * seconds >= once + 3.0 * SLOWER * second.seconds:
            tell(f"{second.model.name} of another width", search.spent / seconds, 0.0)
            models.append(second.model)
            parts.append(second.model.fit(held.liking, _silent))
            once += SLOWER * second.seconds
    first = () if served is None else (served,)
    candidates = [_candidates((*first, *parts), held)]
    for number, fold in enumerate(folds[1:], start=2):
        if search.left - MIXING * seconds < 2.0 * once:
            break
        tell(f"fold {number} of {len(folds)}", search.spent / seconds, 0.0)
        candidates.append(_candidates(tuple(model.fit(fold.liking, _silent) for model in models), fold))
    mixed = mix(Candidates.joined(candidates), models, served is not None)
    tell("blended", 1.0, (mixed.recall + mixed.ndcg) / 2.0)
    beside = tuple(trial.model for trial in leaders if not trial.model.blends)
    return Tuned(mixed.recipe, mixed.recall, mixed.ndcg, tuple(search.trials), beside)


def _candidates(parts: tuple[Part, ...], held: HeldBack) -> Candidates:
    return Candidates.of(parts, held.history, held.truth, held.k)


def _seconds(search: Search, leaders: Sequence[Trial]) -> list[Trial]:
    return [second for leader in leaders if (second := search.other_width(leader)) is not None]


def _silent(_: float) -> None:
    return None
