"""Tailorbird as a policy: the very code that decides and learns when it serves, in a world whose truth is known."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.offers import DecisionSlot
from tailorbird.offers.deciding.asked import Asked
from tailorbird.offers.deciding.decide import decide
from tailorbird.offers.deciding.knowing import Knowing, Learned
from tailorbird.offers.documents.goal import Goal
from tailorbird.offers.documents.offer import Offer
from tailorbird.offers.documents.offering import Offerings
from tailorbird.offers.documents.prepared import Preparing
from tailorbird.offers.items import Items
from tailorbird.offers.learning.beliefs import DRAWS
from tailorbird.offers.learning.chances import chance_of
from tailorbird.offers.learning.epochs import name_of
from tailorbird.offers.learning.memory import Did, Made, Memory
from tailorbird.suite.simulation.policies import Choices, Heard
from tailorbird.suite.simulation.world import Places, World

__all__ = ["Served"]


class Served:
    """Decides one place at a time, for customers who come once; one second passes from decision to decision."""

    def __init__(self, world: World, seed: int = 0, goal: Goal | None = None) -> None:
        self.goal = goal or Goal()
        self._world = world
        self._seed = seed
        self._memory = Memory(1_000_000)
        offers = {f"{n}": Offer(kind="gift", headline="A gift", cost=float(cost)) for n, cost in enumerate(world.costs)}
        self._offering = Offerings(offers, Preparing(Items(), {}), "simulated", self.goal).at(0.0)
        self._asked = [
            Asked({}, {}, [], (), (DecisionSlot(slot="offer", count=1),), 0.0, str(persona))
            for persona in range(len(world.shares))
        ]

    def choose(self, numbers: Places, personas: Places, chance: np.random.Generator) -> Choices:
        del chance
        nothing = self._world.nothing
        cells = self._memory.learned()
        learned = Learned(cells, chance_of(f"{self._seed} {name_of(cells)}"))
        empty = [self._empty(learned, str(persona)) for persona in range(len(self._asked))]
        wanted = np.full(len(numbers), nothing)
        made = wanted.copy()
        propensities = np.ones(len(numbers))
        for place, (number, persona) in enumerate(zip(numbers.tolist(), personas.tolist(), strict=True)):
            person = f"{self._seed}-{number}"
            decided = decide(self._offering, self._asked[persona], "", Knowing(learned, chance=person))
            chosen, kept = decided.slots[0].chosen, decided.made_from.kept_back
            if chosen:
                wanted[place] = made[place] = int(chosen[0].offer_id)
                propensities[place] = chosen[0].propensity
            else:
                wanted[place] = int(kept[0]) if kept else nothing
                propensities[place] = empty[persona]
            offers = tuple([one.offer_id for one in chosen])
            if offers or kept:
                note = Made(str(number), person, float(number), "web", str(persona), offers, kept)
                self._memory.take(note, self.goal)
        return Choices(wanted, made, propensities)

    def hear(self, heard: Heard) -> None:
        columns = (heard.numbers, heard.at, heard.redeemed, heard.made, heard.margin)
        for number, at, redeemed, arm, margin in zip(*(column.tolist() for column in columns), strict=True):
            person = f"{self._seed}-{number}"
            if redeemed:
                self._memory.take(Did("redeemed", at, person, str(arm), float(self._world.costs[arm])), self.goal)
            self._memory.take(Did("ordered", at, person, "", margin), self.goal)

    def _empty(self, learned: Learned, persona: str) -> float:
        """Probability that somebody of this persona is made nothing: nothing is worth more, or chance keeps it back."""
        best = -learned.views(self._offering, persona).against[:, 1:].min(axis=0)
        silent = int((best < self.goal.silence).sum()) / DRAWS
        return silent + (1.0 - silent) * self.goal.control_share
