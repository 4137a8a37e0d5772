"""Tailorbird's choices against others' in worlds of which the truth is known: regrets with intervals, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tailorbird.offers.documents.goal import Goal
from tailorbird.suite.simulation.policies import EpsilonGreedy, Fixed, Policy, Random
from tailorbird.suite.simulation.running import Log, interval, run
from tailorbird.suite.simulation.served import Served
from tailorbird.suite.simulation.world import World, made_world

__all__ = ["EPSILONS", "Compared", "Regret", "compared"]

EPSILONS = (0.003, 0.01, 0.02, 0.05, 0.1)
"""Parts of the decisions that epsilon-greedy explores with; the best of them, known afterwards, is the tuned one."""
NEVER = 1_000_000_000
"""More customers than are ever kept from an offer: what was learned stays a propensity."""


class Regret(Struct, frozen=True):
    """What one policy lost against the oracle, as a mean over worlds, and how sure buyers fared with it."""

    policy: str
    mean: float
    """Money, summed over all decisions of a world; what is lost to the control share is apart."""
    low: float
    high: float
    subsidised: float
    """Part of the sure buyers who got an offer in the second half."""
    subsidised_low: float
    subsidised_high: float


class Compared(Struct, frozen=True):
    """All of it. The intervals are bootstrapped over worlds, 95 %."""

    worlds: int
    decisions: int
    regrets: tuple[Regret, ...]
    ratio: float
    """Tailorbird's regret over that of the tuned epsilon-greedy."""
    ratio_low: float
    ratio_high: float
    control: float
    """Money that keeping the control share cost, of what the oracle earns beyond making no offers."""


def compared(seeds: Sequence[int], decisions: int, goal: Goal | None = None) -> Compared:
    """Every policy in the worlds of these seeds; all keep the same control share."""
    goal = goal or Goal()
    share = goal.control_share
    by_propensity = Goal(enough=NEVER, control_share=share)
    policies: dict[str, Callable[[World, int], Policy]] = {
        "tailorbird": lambda world, seed: Served(world, seed, goal),
        "by propensity": lambda world, seed: Served(world, seed, by_propensity),
        "best fixed offer": lambda world, _: Fixed(world),
        "random": lambda world, _: Random(world),
    }
    greedy: dict[str, Callable[[World, int], Policy]] = {
        f"epsilon-greedy {epsilon:g}": lambda world, _, epsilon=epsilon: EpsilonGreedy(world, epsilon, share)  # type: ignore[misc]
        for epsilon in EPSILONS
    }
    worlds = [made_world(seed) for seed in seeds]
    logs = {
        name: [run(world, make(world, seed), decisions, seed) for world, seed in zip(worlds, seeds, strict=True)]
        for name, make in {**policies, **greedy}.items()
    }
    totals = {name: np.array([log.regrets.sum() for log in some]) for name, some in logs.items()}
    tuned = min(greedy, key=lambda name: float(totals[name].mean()))
    shown = ("tailorbird", tuned, "by propensity", "best fixed offer", "random")
    low, high = _ratio_interval(totals["tailorbird"], totals[tuned])
    most = sum(float((world.increments.max(axis=0) @ world.shares) * decisions) for world in worlds)
    return Compared(
        worlds=len(worlds),
        decisions=decisions,
        regrets=tuple(_regret(name, totals[name], logs[name], worlds) for name in shown),
        ratio=float(totals["tailorbird"].mean() / totals[tuned].mean()),
        ratio_low=low,
        ratio_high=high,
        control=sum(float(log.kept_back.sum()) for log in logs["tailorbird"]) / most,
    )


def _regret(name: str, totals: NDArray[np.float64], logs: Sequence[Log], worlds: Sequence[World]) -> Regret:
    low, high = interval(totals)
    subsidised = []
    for log, world in zip(logs, worlds, strict=True):
        half = len(log.made) // 2
        subsidised.append(float((log.made[half:][log.personas[half:] == world.sure_buyers] != world.nothing).mean()))
    at_least, at_most = interval(np.array(subsidised))
    return Regret(name, float(totals.mean()), low, high, float(np.mean(subsidised)), at_least, at_most)


def _ratio_interval(ours: NDArray[np.float64], theirs: NDArray[np.float64], draws: int = 4_000) -> tuple[float, float]:
    """Both in the same worlds, so they are drawn together."""
    drawn = np.random.default_rng(0).integers(0, len(ours), (draws, len(ours)))
    low, high = np.quantile(ours[drawn].mean(axis=1) / theirs[drawn].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)
