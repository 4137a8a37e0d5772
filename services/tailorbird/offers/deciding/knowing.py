"""What deciding goes by beside documents and question: what was learned, budgets spent, what this customer had."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tailorbird.offers.documents.offering import Offering
from tailorbird.offers.learning.beliefs import DRAWS, Cell, Prospects, believed

__all__ = ["NOTHING", "NOTHING_LEARNED", "Knowing", "Learned", "Standing", "Views", "draw_of", "is_kept_back"]


class Views(Struct, frozen=True, eq=False):
    """What every open document is worth to one persona, by place."""

    means: list[float]
    against: NDArray[np.float64]
    """(documents, 1 + DRAWS), negated: a document's newness, then its worth in each draw. As ranking reads it."""
    basis: list[str]
    ranked: dict[Any, tuple[Any, Any]] = {}
    """Remembered answers of `ranked` (ranking.py)."""


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
        prospects = Prospects.of(offering.prospects)
        told = prospects.response * prospects.net
        scale = np.array([
            one.document.weight * (goal.objectives.get(one.document.objective, 1.0) if one.document.objective else 1.0)
            for one in documents
        ])  # fmt: skip
        places = {one.id: place for place, one in enumerate(documents) if not one.silence}
        chance = self._chance("beliefs") if self._chance is not None else None
        part = goal.learning
        found: dict[str, Views] = {}
        for persona, beliefs in believed(self.cells, places, prospects, goal, chance).items():
            means = scale * (part * beliefs.mean + (1.0 - part) * told)
            draws = scale * (part * beliefs.draws + (1.0 - part) * told)
            for place, document in enumerate(documents):
                if document.silence:
                    means[place] = draws[:, place] = document.document.margin or 0.0
            found[persona] = _views(offering, means, draws, list(beliefs.basis))
        return found


def _views(offering: Offering, means: NDArray[np.float64], draws: NDArray[np.float64], basis: list[str]) -> Views:
    return Views(means.tolist(), np.ascontiguousarray(np.vstack([-offering.newness_of, -draws]).T), basis)


class Standing(Struct, frozen=True):
    """What this customer had before, as far as it bears on this decision."""

    promised: tuple[str, ...] = ()
    """Made to them before and still kept to, the latest first."""
    excluded: Mapping[str, str] = {}
    """Not for them now -> why; `*`: nothing at all."""
    held: tuple[str, ...] = ()
    """Used up for others: a unit of each is held for this customer."""


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


def draw_of(chance: str) -> tuple[int, int]:
    """Which row of the beliefs this customer's decisions follow, and the number that chance knows them by."""
    digest = blake2b(chance.encode(), digest_size=9).digest()
    return digest[8] % DRAWS, int.from_bytes(digest[:8], "little")


def is_kept_back(offer: int, customer: int, share: float) -> bool:
    """Whether chance keeps this offer from this customer: always the same, and of every offer anew. Both by number."""
    if share <= 0.0:
        return False
    # The finisher of SplitMix64 (Steele, Lea and Flood 2014): a digest of both would cost five times as much.
    mixed = offer ^ customer
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & _64_BITS
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _64_BITS
    return (mixed ^ mixed >> 31) < share * 2.0**64


_64_BITS = (1 << 64) - 1
