"""A policy let loose on a world: the log of its decisions with propensities, and what it lost against the oracle."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tailorbird.suite.simulation.policies import Heard, Policy
from tailorbird.suite.simulation.world import Numbers, Places, World, outcomes

__all__ = ["Log", "interval", "run"]

STRETCH = 500
"""Decisions between two times that what was learned comes into force."""


class Log(Struct, frozen=True):
    """Every decision of a run, each value beside its decision: what off-policy evaluation reads."""

    personas: Places
    """The context."""
    wanted: Places
    made: Places
    """The arm that the customer got."""
    propensities: Numbers
    """With which they got it."""
    rewards: Numbers
    """Money that came of it, whether or not anybody ever heard of it."""
    regrets: Numbers
    """Money that the oracle's arm brings beyond the arm that was wanted, both on average."""
    kept_back: Numbers
    """Money that was lost, on average, by keeping the wanted offer back."""


def run(world: World, policy: Policy, decisions: int, seed: int, stretch: int = STRETCH) -> Log:
    """The log of so many decisions. The same seed gives the same customers to every policy."""
    customers, luck, own = (np.random.default_rng([seed, part]) for part in range(3))
    personas = customers.choice(len(world.shares), decisions, p=world.shares)
    log = Log(
        personas=personas,
        wanted=np.zeros(decisions, np.int64),
        made=np.zeros(decisions, np.int64),
        propensities=np.ones(decisions),
        rewards=np.zeros(decisions),
        regrets=np.zeros(decisions),
        kept_back=np.zeros(decisions),
    )
    heard_at = np.full(decisions, np.inf)
    margins, redeemed = np.zeros(decisions), np.zeros(decisions, bool)
    increments = world.increments
    best = increments.max(axis=0)
    for start in range(0, decisions, stretch):
        now = slice(start, min(start + stretch, decisions))
        numbers, theirs = np.arange(now.start, now.stop), personas[now]
        policy.hear(_heard(heard_at, start - stretch, start, personas, log.made, redeemed, margins))
        choices = policy.choose(numbers, theirs, own)
        came = outcomes(world, theirs, choices.made, luck)
        log.wanted[now], log.made[now], log.propensities[now] = choices.wanted, choices.made, choices.propensities
        log.rewards[now] = came.money(world, choices.made)
        log.regrets[now] = best[theirs] - increments[choices.wanted, theirs]
        log.kept_back[now] = increments[choices.wanted, theirs] - increments[choices.made, theirs]
        margins[now], redeemed[now] = came.margin, came.redeemed
        heard_at[now] = np.where(came.bought, numbers + came.heard_after, np.inf)
    return log


def _heard(
    heard_at: Numbers,
    after: int,
    until: int,
    personas: Places,
    made: Places,
    redeemed: NDArray[np.bool_],
    margins: Numbers,
) -> Heard:
    numbers = np.flatnonzero((heard_at >= after) & (heard_at < until))
    return Heard(numbers, heard_at[numbers], personas[numbers], made[numbers], redeemed[numbers], margins[numbers])


def interval(values: NDArray[np.float64], seed: int = 0, draws: int = 4_000) -> tuple[float, float]:
    """The 95 % bootstrap interval of the mean of these values."""
    chance = np.random.default_rng(seed)
    means = chance.choice(values, (draws, len(values))).mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)
