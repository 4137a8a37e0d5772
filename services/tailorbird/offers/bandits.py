"""What is believed of offers after so many customers: draws from the posterior, by persona (Thompson sampling).

Two things can be believed. Until enough customers were kept from offers by chance, the part of customers that takes an
offer up, times what that brings (a Beta posterior; to the marketer, propensity times value minus cost). From then on
the increment: what customers of a persona brought who were made the offer, less what those brought from whom it was
kept (normal posteriors). Both averages are drawn towards those of the persona over all offers, the more so the less
was seen: what somebody buys without an offer differs by persona far more than by the offer that they did not get.

Draws come in rows of `DRAWS`: every decision follows one of them, chosen by chance, so the probability of a choice is
the part of the draws that would make it. Pure: the generator comes as an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tailorbird.offers.goal import Goal

__all__ = [
    "AVERAGE_FIT",
    "DRAWS",
    "TRUST",
    "Basis",
    "Belief",
    "Cell",
    "Prospect",
    "Seen",
    "believed",
    "seen_of",
    "together",
]

DRAWS = 16
AVERAGE_FIT = 0.75
"""The factor that an offer of average relevance has (blending.py): beliefs are about the average customer."""
TRUST = 400.0
"""How many customers the document's own estimate counts for."""
BELONGING = 50.0
"""How many customers the belief over all personas, or over all offers, counts for in each of them."""
SPREAD = 1.0
"""How many customers the estimate of how much margins differ counts for, before any are seen."""

Basis = Literal["propensity", "increment"]


class Cell(Struct, frozen=True, array_like=True):
    """What customers of one persona did after they were made an offer, and after it was kept from them by chance."""

    made: int = 0
    taken: int = 0
    clicked: int = 0
    refused: int = 0
    margin: float = 0.0
    """Money that their orders brought in the window after, costs of redemptions taken off."""
    squares: float = 0.0
    kept: int = 0
    kept_margin: float = 0.0
    kept_squares: float = 0.0


class Prospect(Struct, frozen=True):
    """What the document itself lets expect."""

    response: float
    """Part of average customers that takes it up."""
    net: float
    """Money that one who does brings, costs taken off."""


class Belief(Struct, frozen=True, eq=False):
    """Money that making the offer to an average customer is believed to bring."""

    basis: Basis
    mean: float
    draws: NDArray[np.float64]


class Seen(Struct, frozen=True):
    """What all offers together have seen of each persona, and how much margins differ within one."""

    personas: dict[str, Cell]
    spreads: dict[str, float]
    usual: dict[str, NDArray[np.float64]]
    """One row of chance for each persona: what it buys without an offer is unsure for all offers alike."""


def together(cells: Iterable[Cell]) -> Cell:
    """All of them as one."""
    some = list(cells)
    return Cell(*(sum(getattr(cell, name) for cell in some) for name in Cell.__struct_fields__))


def seen_of(cells: Mapping[str, Mapping[str, Cell]], goal: Goal, chance: np.random.Generator) -> Seen:
    """Offer -> persona -> cell, summed up."""
    found: dict[str, list[Cell]] = {}
    # In one order, so that the same sums come out to the last bit wherever they are worked out.
    for offer_id in sorted(cells):
        for persona, cell in cells[offer_id].items():
            found.setdefault(persona, []).append(cell)
    personas = {persona: together(found[persona]) for persona in sorted(found)}
    return Seen(
        personas,
        {persona: _spread(cell, goal) for persona, cell in personas.items()},
        {persona: chance.standard_normal(DRAWS) for persona in personas},
    )


def believed(
    cells: Mapping[str, Cell], prospect: Prospect, seen: Seen, goal: Goal, chance: np.random.Generator
) -> dict[str, Belief]:
    """Persona -> belief about one offer, of which `cells` is what was seen; `""`: any persona not named."""
    everybody = together(cells[persona] for persona in sorted(cells))
    beliefs: dict[str, Belief] = {}
    for persona in dict.fromkeys([*sorted(cells), ""]):
        cell, others = cells.get(persona, Cell()), seen.personas.get(persona, Cell())
        if others.kept >= goal.enough and everybody.made >= goal.enough:
            beliefs[persona] = _increment(persona, cell, seen, goal, chance)
        else:
            beliefs[persona] = _propensity(cell, everybody, prospect, goal, chance)
    return beliefs


def _propensity(cell: Cell, everybody: Cell, prospect: Prospect, goal: Goal, chance: np.random.Generator) -> Belief:
    overall = (TRUST * prospect.response + everybody.taken) / (TRUST + everybody.made)
    weight = BELONGING + (TRUST - BELONGING) * TRUST / (TRUST + everybody.made)
    low, high = weight * overall + cell.taken, weight * (1.0 - overall) + max(cell.made - cell.taken, 0)
    mean = low / (low + high)
    draws = mean + goal.exploring * (chance.beta(low, high, DRAWS) - mean)
    return Belief("propensity", mean * prospect.net, draws * prospect.net)


def _increment(persona: str, cell: Cell, seen: Seen, goal: Goal, chance: np.random.Generator) -> Belief:
    others, spread = seen.personas[persona], goal.exploring * seen.spreads[persona]
    made, made_weight = _average(cell.made, cell.margin, others.made, others.margin)
    kept, kept_weight = _average(cell.kept, cell.kept_margin, others.kept, others.kept_margin)
    without = kept + spread / float(np.sqrt(kept_weight)) * seen.usual[persona]
    draws = made + spread / float(np.sqrt(made_weight)) * chance.standard_normal(DRAWS) - without
    return Belief("increment", made - kept, draws)


def _average(count: int, total: float, others: int, others_total: float) -> tuple[float, float]:
    """An average drawn towards that of the persona over all offers, and how many customers it rests on."""
    weight = min(BELONGING, others)
    return (weight * (others_total / others) + total) / (weight + count), weight + count


def _spread(cell: Cell, goal: Goal) -> float:
    """Standard deviation of the margins of one persona's customers, within each of the two groups."""
    squares, count = SPREAD * goal.usual_margin**2, SPREAD + cell.made + cell.kept
    if cell.made:
        squares += cell.squares - cell.margin**2 / cell.made
    if cell.kept:
        squares += cell.kept_squares - cell.kept_margin**2 / cell.kept
    return float(np.sqrt(max(squares, 1e-9) / count))
