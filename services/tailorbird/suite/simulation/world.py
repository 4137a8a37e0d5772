"""A shop of which the truth is known: what customers of each persona would buy, with every offer and without any."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

__all__ = ["Outcomes", "World", "made_world"]

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

SHARES = (0.4, 0.3, 0.2, 0.1)
BASES = (0.02, 0.05, 0.15, 0.85)
"""Part of each persona that buys without any offer; the last are sure buyers, to whom every offer is a present."""
MARGINS = (18.0, 22.0, 25.0, 20.0)
REDEEMED = 0.9
"""Part of the buyers with an offer who remember to redeem it."""


class World(Struct, frozen=True):
    """The truth. Arms are the offers in their order and, last, no offer at all."""

    shares: Numbers
    """Part of the decisions that is about each persona."""
    bases: Numbers
    margins: Numbers
    """Money that an order brings on average, by persona, before the cost of an offer."""
    costs: Numbers
    """Money that a redemption costs, by offer."""
    buying: Numbers
    """(arms, personas): part that buys."""
    delay: float
    """Mean of the decisions that pass until an order is heard of."""
    unheard: float
    """Part of the orders that is never heard of."""

    @property
    def offers(self) -> int:
        return len(self.costs)

    @property
    def nothing(self) -> int:
        """The arm of no offer."""
        return len(self.costs)

    @property
    def sure_buyers(self) -> int:
        """The persona that buys anyway."""
        return int(self.bases.argmax())

    @property
    def increments(self) -> Numbers:
        """(arms, personas): money that the arm brings on average beyond what no offer would; 0 for no offer."""
        brought = self.buying * self.margins
        brought[:-1] -= self.buying[:-1] * REDEEMED * self.costs[:, None]
        return np.asarray(brought - brought[-1])


class Outcomes(Struct, frozen=True):
    """What came of a stretch of decisions, each value beside its decision."""

    bought: NDArray[np.bool_]
    redeemed: NDArray[np.bool_]
    margin: Numbers
    """Money that the order brought, before what the redemption cost."""
    heard_after: Numbers
    """Decisions that pass until it is heard of; infinite: never."""

    def money(self, world: World, arms: Places) -> Numbers:
        """What was earned, costs taken off."""
        costs = np.append(world.costs, 0.0)[arms]
        return np.asarray(self.margin - self.redeemed * costs)


def made_world(seed: int, offers: int = 12, delay: float = 3_000.0, unheard: float = 0.1) -> World:
    """A shop of chance. What an offer does to a persona is its own: a third common to all personas, the rest not."""
    chance = np.random.default_rng(seed)
    personas = len(SHARES)
    common = chance.beta(1.0, 12.0, offers)[:, None]
    lift = common / 3.0 + chance.beta(1.0, 12.0, (offers, personas)) * 2.0 / 3.0
    bases = np.array(BASES)
    return World(
        shares=np.array(SHARES),
        bases=bases,
        margins=np.array(MARGINS),
        costs=chance.uniform(1.0, 6.0, offers),
        buying=np.vstack([bases + (1.0 - bases) * lift, bases[None, :]]),
        delay=delay,
        unheard=unheard,
    )


def outcomes(world: World, personas: Places, arms: Places, chance: np.random.Generator) -> Outcomes:
    """What customers of these personas do after these arms."""
    count = len(arms)
    bought = chance.random(count) < world.buying[arms, personas]
    redeemed = bought & (arms != world.nothing) & (chance.random(count) < REDEEMED)
    margin = np.where(bought, world.margins[personas] * chance.uniform(0.5, 1.5, count), 0.0)
    heard = np.where(chance.random(count) < world.unheard, np.inf, chance.exponential(world.delay, count))
    return Outcomes(bought, redeemed, margin, heard)
