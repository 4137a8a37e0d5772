"""Ways of choosing an offer, each told of outcomes as they are heard of: what Tailorbird's own code is held against."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tailorbird.suite.simulation.world import Numbers, Places, World

__all__ = ["Choices", "EpsilonGreedy", "Fixed", "Heard", "Oracle", "Policy", "Random", "kept_back"]


class Choices(Struct, frozen=True):
    """What a policy does in a stretch of decisions, each value beside its decision."""

    wanted: Places
    """The arm that it is for."""
    made: Places
    """The arm that the customer got: none where chance keeps an offer back so that its effect shows."""
    propensities: Numbers
    """Probability of the arm that the customer got."""


class Heard(Struct, frozen=True):
    """Outcomes that one hears of now, each with its decision. Of a decision without an order one never hears."""

    numbers: Places
    at: Numbers
    """When it came, counted in decisions."""
    personas: Places
    made: Places
    redeemed: NDArray[np.bool_]
    margin: Numbers
    """Before what the redemption cost."""


class Policy(Protocol):
    def choose(self, numbers: Places, personas: Places, chance: np.random.Generator) -> Choices:
        """Arms for the decisions of these numbers, which are about these personas."""
        ...

    def hear(self, heard: Heard) -> None:
        """What came of earlier decisions."""
        ...


class Random:
    """Every arm alike. The log to learn another policy's value from."""

    def __init__(self, world: World) -> None:
        self._arms = world.offers + 1

    def choose(self, numbers: Places, personas: Places, chance: np.random.Generator) -> Choices:
        del personas
        arms = chance.integers(0, self._arms, len(numbers))
        return Choices(arms, arms, np.full(len(numbers), 1.0 / self._arms))

    def hear(self, heard: Heard) -> None:
        del heard


class Fixed:
    """One offer for everybody: the best one, where the truth is known."""

    def __init__(self, world: World, arm: int | None = None) -> None:
        self._arm = int((world.increments @ world.shares).argmax()) if arm is None else arm

    def choose(self, numbers: Places, personas: Places, chance: np.random.Generator) -> Choices:
        del personas, chance
        arms = np.full(len(numbers), self._arm)
        return Choices(arms, arms, np.ones(len(numbers)))

    def hear(self, heard: Heard) -> None:
        del heard


class Oracle:
    """What is best for each persona, as only who knows the truth can tell."""

    def __init__(self, world: World) -> None:
        self._best = world.increments.argmax(axis=0)

    def choose(self, numbers: Places, personas: Places, chance: np.random.Generator) -> Choices:
        del chance
        arms = self._best[personas]
        return Choices(arms, arms, np.ones(len(numbers)))

    def hear(self, heard: Heard) -> None:
        del heard


class EpsilonGreedy:
    """The arm of the highest average so far for the persona, but a part `epsilon` of the decisions to any arm.

    It learns what customers brought, no offer being one of the arms; `trust` customers' worth of the usual margin
    stands in each average before anything is known. The control share is kept as Tailorbird keeps it.
    """

    def __init__(
        self, world: World, epsilon: float, control_share: float = 0.0, trust: float = 10.0, fading: bool = False
    ) -> None:
        shape = (world.offers + 1, len(world.shares))
        self._epsilon = epsilon
        self._fading = fading
        self._control_share = control_share
        self._nothing = world.nothing
        self._costs = np.append(world.costs, 0.0)
        self._counts = np.full(shape, trust)
        self._totals = self._counts * np.mean(world.margins) * 0.1
        self._decided = 0

    def choose(self, numbers: Places, personas: Places, chance: np.random.Generator) -> Choices:
        arms, count = len(self._counts), len(numbers)
        best = (self._totals / self._counts).argmax(axis=0)[personas]
        self._decided += count
        epsilon = min(1.0, self._epsilon * 1e4 / self._decided) if self._fading else self._epsilon
        wanted = np.where(chance.random(count) < epsilon, chance.integers(0, arms, count), best)
        part = epsilon / arms + (wanted == best) * (1.0 - epsilon)
        of_nothing = epsilon / arms + (best == self._nothing) * (1.0 - epsilon)
        choices = kept_back(wanted, part, of_nothing, self._control_share, self._nothing, chance)
        np.add.at(self._counts, (choices.made, personas), 1.0)
        return choices

    def hear(self, heard: Heard) -> None:
        money = heard.margin - heard.redeemed * self._costs[heard.made]
        np.add.at(self._totals, (heard.made, heard.personas), money)


def kept_back(
    wanted: Places, part: Numbers, of_nothing: Numbers, share: float, nothing: int, chance: np.random.Generator
) -> Choices:
    """The choices with that share of the offers kept back. `part`: the probability with which each was wanted,
    `of_nothing`: with which no offer was.
    """
    back = (chance.random(len(wanted)) < share) & (wanted != nothing)
    made = np.where(back, nothing, wanted)
    propensities = np.where(made == nothing, of_nothing + (1.0 - of_nothing) * share, part * (1.0 - share))
    return Choices(wanted, made, propensities)
