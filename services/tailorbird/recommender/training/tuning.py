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

SEARCHING = 0.7
"""Of the time at most; in the rest the best are fitted on further folds, blended, and fitted on everything."""
MIXING = 0.08
"""Of the time, for the weights."""
ENOUGH = 6_000
"""Customers whose held-back items weights are sought on; more say no more, and cost time."""
SLOWER = 1.4
"""A fit on everything takes so much longer at most than one on what was left."""
SLOWER_ASKED = 1.2
"""Asking differs less: the lists are as long."""


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
    *,
    asked: float = 0.0,
    factors_at_most: int | None = None,
) -> Tuned:
    """The recipe. clock: seconds, from any moment on. Settings are sought on the first fold; their blend's weights on
    as many folds as there is time for, so that they do not fit the customers of one.

    The time is kept for what follows, too: every part's fit on everything, and asking, of so many times (`asked`) as
    many customers as something is held back of; both are known from the trials.

    served: what the recipe is added to, with a weight of 1; there is one fold then, that it was fitted on.
    factors_at_most: no kind has more; every dimension costs each page.
    """
    held = folds[0]
    search = Search(held, clock, seconds, tell, factors_at_most)
    kinds = [kind for kind in tried if kind().fitting(held.liking.shape)]
    for number, kind in enumerate(kinds, start=1):
        begun = search.spent
        if search.trials and _until(search, kinds, asked) <= begun and kind.blends:
            # There is no time for one more in the blend; what stands beside it is always tried.
            continue
        # A first trial of each kind says what the kind costs.
        search.attempt(search.begun(kind))
        left = max(0.0, _until(search, kinds, asked) - begun)
        search.climb(kind, begun + left * (kind.share if number < len(kinds) else 1.0))
    leaders = _leaders(search, kinds)
    blended = [trial for trial in leaders if trial.model.blends]
    parts = [search.parts[trial.model] for trial in blended]
    until = seconds - _closing(leaders, asked) - MIXING * seconds
    # What two widths of one kind agree on is surer than what either says: they are blended both, where there is time.
    for second in _seconds(search, blended):
        # Its fits on two folds and on everything.
        costs = _closing([second], asked) + 2.0 * _once([second])
        if search.spent + _once(blended) + costs <= until:
            tell(f"{second.model.name} of another width", search.spent / seconds, 0.0)
            parts.append(second.model.fit(held.liking, _silent))
            blended.append(second)
            until -= _closing([second], asked)
    models = [trial.model for trial in blended]
    first = () if served is None else (served,)
    candidates = [_candidates((*first, *parts), held)]
    for number, fold in enumerate(folds[1:], start=2):
        if search.spent + _once(blended) > until or sum(len(one.had) for one in candidates) >= ENOUGH:
            break
        tell(f"fold {number} of {len(folds)}", search.spent / seconds, 0.0)
        candidates.append(_candidates(tuple(model.fit(fold.liking, _silent) for model in models), fold))
    tell("weights", search.spent / seconds, 0.0)
    mixing = search.spent + MIXING * seconds
    mixed = mix(Candidates.joined(candidates), models, served is not None, lambda: search.spent < mixing)
    tell("blended", min(1.0, search.spent / seconds), (mixed.recall + mixed.ndcg) / 2.0)
    beside = tuple(trial.model for trial in leaders if not trial.model.blends)
    return Tuned(mixed.recipe, mixed.recall, mixed.ndcg, tuple(search.trials), beside)


def _until(search: Search, kinds: Sequence[type[Kind]], asked: float) -> float:
    """When the search for settings must end so that there is time for what follows."""
    leaders = _leaders(search, kinds)
    closing = _closing(leaders, asked) + _once(leaders) + MIXING * search.seconds
    return min(search.seconds * SEARCHING, search.seconds - closing)


def _leaders(search: Search, kinds: Sequence[type[Kind]]) -> list[Trial]:
    return [trial for kind in kinds if (trial := search.best_of(kind().name)) is not None]


def _once(trials: Sequence[Trial]) -> float:
    """Seconds of fitting these on one more fold, and asking them there."""
    return sum(SLOWER * (trial.seconds + trial.asking) for trial in trials)


def _closing(trials: Sequence[Trial], asked: float) -> float:
    """Seconds of fitting these on everything, and asking them for everybody."""
    return sum(SLOWER * trial.seconds + SLOWER_ASKED * asked * trial.asking for trial in trials)


def _candidates(parts: tuple[Part, ...], held: HeldBack) -> Candidates:
    return Candidates.of(parts, held.history, held.truth, held.k)


def _seconds(search: Search, leaders: Sequence[Trial]) -> list[Trial]:
    return [second for leader in leaders if (second := search.other_width(leader)) is not None]


def _silent(_: float) -> None:
    return None
