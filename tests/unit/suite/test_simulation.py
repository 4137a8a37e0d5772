"""Where the truth is known: what was learned earns more than what is tried at random, and says how likely it was."""

from __future__ import annotations

import numpy as np
import pytest

from tailorbird.offers.documents.goal import Goal
from tailorbird.suite.simulation.comparing import compared
from tailorbird.suite.simulation.policies import EpsilonGreedy, Fixed, Oracle, Policy, Random
from tailorbird.suite.simulation.running import run
from tailorbird.suite.simulation.served import Served
from tailorbird.suite.simulation.world import World, made_world

WORLD = made_world(1)


def test_nothing_is_better_than_the_oracle_and_random_is_worst() -> None:
    policies: dict[str, Policy] = {"oracle": Oracle(WORLD), "fixed": Fixed(WORLD), "random": Random(WORLD)}
    lost = {name: run(WORLD, policy, 20_000, 1).regrets.sum() for name, policy in policies.items()}
    assert lost["oracle"] == 0.0 < lost["fixed"] < lost["random"]


def test_tailorbird_learns_faster_than_a_tuned_epsilon_greedy_and_subsidises_fewer_sure_buyers() -> None:
    found = compared(range(100, 103), 20_000)
    regrets = {one.policy.split(" ")[0]: one for one in found.regrets}
    # With intervals at its full size, worlds of 100,000 decisions: `tailorbird bench --only learning`.
    assert found.ratio < 1.0
    assert regrets["tailorbird"].mean < regrets["best"].mean < regrets["random"].mean
    assert regrets["tailorbird"].subsidised < regrets["by"].subsidised / 2.0
    assert regrets["tailorbird"].subsidised_high < regrets["by"].subsidised_low
    assert 0.0 < found.control < 0.05


@pytest.mark.parametrize(
    "policy",
    [
        Random(WORLD),
        EpsilonGreedy(WORLD, 0.2, control_share=0.1),
        EpsilonGreedy(WORLD, 1.0, control_share=0.1, fading=True),
        Served(WORLD, 3, Goal(control_share=0.2, exploring=1.0)),
    ],
    ids=["random", "greedy", "fading", "tailorbird"],
)
def test_a_log_says_how_likely_its_choices_were(policy: Policy) -> None:
    log = run(WORLD, policy, 12_000, 5, stretch=12_000)  # In one stretch, so that the same is known throughout.
    of_one = log.personas == 0
    for arm in np.unique(log.made[of_one]):
        with_it = of_one & (log.made == arm)
        assert np.ptp(log.propensities[with_it]) < 1e-12
        assert with_it.sum() / of_one.sum() == pytest.approx(log.propensities[with_it][0], abs=0.03)


def test_from_a_log_of_chance_the_value_of_another_policy_can_be_told() -> None:
    log = run(WORLD, Random(WORLD), 200_000, 7)
    wanted = Oracle(WORLD).choose(np.arange(len(log.made)), log.personas, np.random.default_rng(0)).made
    told = float(np.mean(log.rewards * (log.made == wanted) / log.propensities))
    assert told == pytest.approx(truly(WORLD), rel=0.03)


def truly(world: World) -> float:
    """Money a decision of the oracle earns."""
    without = world.buying[-1] * world.margins
    return float((without + world.increments.max(axis=0)) @ world.shares)
