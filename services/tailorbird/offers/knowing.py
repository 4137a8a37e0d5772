"""What deciding goes by beside documents and question: what was learned, budgets spent, what this customer had."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tailorbird.offers.bandits import DRAWS, TRUST, Cell, believed, seen_of
from tailorbird.offers.blending import worth_of
from tailorbird.offers.offering import Offering

__all__ = ["NOTHING", "NOTHING_LEARNED", "Knowing", "Learned", "Standing", "Views", "draw_of", "is_kept_back"]


class Views(Struct, frozen=True, eq=False):
    """What every open document is worth to one persona, by place."""

    means: list[float]
    against: NDArray[np.float64]
    """(documents, 1 + DRAWS), negated: a document's newness, then its worth in each draw. As ranking reads it."""
    basis: list[str]


Chance = Callable[[str], np.random.Generator]
"""Gives chance by what it is drawn about."""


class Learned:
    """What was seen of every offer so far; with the same cells and chance, the same beliefs come out anywhere.

    Without chance nothing is learned: every draw is what the documents let expect.
    """

    KEPT = 4
    """Offerings of which beliefs are remembered."""

    def __init__(self, cells: Mapping[str, Mapping[str, Cell]], chance: Chance | None = None) -> None:
        self.cells = cells
        self._chance = chance
        self._believed: dict[int, tuple[Offering, dict[str, Views]]] = {}

    def views(self, offering: Offering, persona: str) -> Views:
        """Worked out for all personas when first asked for."""
        made = self._believed.get(id(offering))
        if made is None or made[0] is not offering:
            made = (offering, self._worked_out(offering))
            # A new dict instead of a change: explaining reads it from another thread.
            self._believed = dict([*self._believed.items(), (id(offering), made)][-self.KEPT :])
        views = made[1]
        return views.get(persona, views[""])

    def _worked_out(self, offering: Offering) -> dict[str, Views]:
        goal, documents = offering.goal, offering.documents
        means, draws = self._untried(offering)
        for place, document in enumerate(documents):
            if document.silence:
                means[place] = draws[:, place] = document.document.margin or 0.0
        personas = sorted({persona for by_persona in self.cells.values() for persona in by_persona} | {""})
        every = {persona: (means.copy(), draws.copy(), ["propensity"] * len(documents)) for persona in personas}
        if self._chance is None:
            return {"": _views(offering, means, draws, ["propensity"] * len(documents))}
        seen = seen_of(self.cells, goal, self._chance("seen"))
        for identity, cells in self.cells.items():
            found = offering.place_of(identity)
            if found is None or documents[found].silence:
                continue
            place = found
            written, prospect = documents[place].document, offering.prospects[place]
            beliefs = believed(cells, prospect, seen, goal, self._chance(identity))
            for persona, (mean, draw, basis) in every.items():
                belief = beliefs.get(persona, beliefs[""])
                draw[:, place] = worth_of(belief.draws, prospect, written.weight, written.objective, goal)
                mean[place] = worth_of(belief.mean, prospect, written.weight, written.objective, goal)
                basis[place] = belief.basis
        return {persona: _views(offering, *one) for persona, one in every.items()}

    def _untried(self, offering: Offering) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means and draws as if of no document anything had been seen; all at once, as there may be thousands."""
        prospects, goal = offering.prospects, offering.goal
        response = np.array([one.response for one in prospects])
        error = goal.exploring * np.sqrt(response * (1.0 - response) / (TRUST + 1.0))
        draws = np.tile(response, (DRAWS, 1))
        if self._chance is not None:
            draws += error * self._chance("untried").standard_normal(draws.shape)
        net = np.array([one.net for one in prospects])
        scale = np.array([
            one.document.weight * (goal.objectives.get(one.document.objective, 1.0) if one.document.objective else 1.0)
            for one in offering.documents
        ])  # fmt: skip
        told = response * net
        means = scale * told
        part = goal.learning
        return means, scale * (part * np.maximum(draws, 0.0) * net + (1.0 - part) * told)


def _views(offering: Offering, means: NDArray[np.float64], draws: NDArray[np.float64], basis: list[str]) -> Views:
    return Views(means.tolist(), np.vstack([-offering.newness_of, -draws]).T.copy(), basis)


class Standing(Struct, frozen=True):
    """What this customer had before, as far as it bears on this decision."""

    promised: tuple[str, ...] = ()
    """Made to them before and still kept to, the latest first."""
    excluded: Mapping[str, str] = {}
    """Not for them now -> why; `*`: nothing at all."""


class Knowing(Struct, frozen=True):
    """All of it, for one decision."""

    learned: Learned
    used_up: frozenset[str] = frozenset()
    standing: Standing = Standing()
    chance: str = ""
    """Tells customers apart for chance: the same gets the same. Empty: nothing is left to chance."""
    epoch: str = ""


NOTHING_LEARNED = Learned({})
NOTHING = Knowing(NOTHING_LEARNED)


def draw_of(chance: str) -> int:
    """Which row of the beliefs this customer's decisions follow."""
    return _digest("draw", chance)[0] % DRAWS


def is_kept_back(offer_id: str, chance: str, share: float) -> bool:
    """Whether chance keeps this offer from this customer: always the same, and of every offer anew."""
    return share > 0.0 and int.from_bytes(_digest("kept", offer_id, chance)[:4], "little") < share * 2**32


def _digest(*parts: str) -> bytes:
    return blake2b("\0".join(parts).encode(), digest_size=8).digest()
