"""What is believed of offers after so many customers: draws from the posterior, by persona (Thompson sampling).

Two things can be believed. Until enough customers were kept from offers by chance, the part of customers that takes an
offer up, times what that brings (to the marketer, propensity times value minus cost). From then on the increment: what
customers of a persona brought who were made the offer, less what those brought from whom it was kept, less what its
redemptions cost:

    increment = lift - taken * cost
    lift      = margin of those made it, before the cost of redemptions, less the margin of those kept from it

What a redemption costs is known and how many redeem shows soon, so what is dear for a persona that redeems everything
is found at once. The lift shows late: what people buy varies much. So it is drawn towards what the document lets
expect and what all offers together do to this persona, the more so the less offers differ there (empirical Bayes: that
difference is estimated from the offers themselves). What somebody buys
without an offer is drawn towards the same of all who were kept from any: it differs by persona far more than by the
offer that they did not get.

Responses come late. Customers of whom they are still to be waited for are not counted yet (`fresh`), or every offer
would look worse the more it was made of late.

Draws come in rows of `DRAWS`: every decision follows one of them, chosen by chance, so the probability of a choice is
the part of the draws that would make it. Pure: the generator comes as an argument. Everything is an array over offers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tailorbird.offers.documents.goal import Goal

__all__ = [
    "AVERAGE_FIT", "DRAWS", "Basis", "Beliefs", "Cell", "Prospect", "Prospects", "believed", "response_of",
    "together",
]  # fmt: skip

DRAWS = 16
AVERAGE_FIT = 0.75
"""The factor that an offer of average relevance has (blending.py): beliefs are about the average customer."""
TRUST = 400.0
"""How many customers the document's own estimate of its response counts for, where nothing but that ranks it."""
PERSONA = 20.0
"""How many customers that estimate counts for, where it is about a persona's habit of redeeming whatever is offered."""
BELONGING = 50.0
"""How many customers the belief over all personas, or over all offers, counts for in each of them."""
SPREAD = 1.0
"""How many customers the estimate of how much margins differ counts for, before any are seen."""
TYPICAL = 12.0
"""How many offers the usual difference between offers counts for, beside what the offers themselves show."""

Basis = Literal["propensity", "increment"]
Numbers = NDArray[np.float64]


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
    cost: float = 0.0
    """Money that their redemptions cost."""
    fresh: float = 0.0
    """Of those made it, how many of whom responses are still to be waited for."""
    kept_fresh: float = 0.0

    @property
    def ripe(self) -> float:
        return max(self.made - self.fresh, 1e-9)

    @property
    def kept_ripe(self) -> float:
        return max(self.kept - self.kept_fresh, 1e-9)


class Prospect(Struct, frozen=True):
    """What the document itself lets expect."""

    response: float
    """Part of average customers that takes it up."""
    net: float
    """Money that one who does brings, costs taken off."""
    cost: float = 0.0
    """Money that a redemption costs."""


class Prospects(Struct, frozen=True):
    """The same of many documents, each in its place."""

    response: Numbers
    net: Numbers
    cost: Numbers

    @staticmethod
    def of(some: Sequence[Prospect]) -> Prospects:
        return Prospects(*(np.array([getattr(one, name) for one in some]) for name in Prospect.__struct_fields__))


class Beliefs(Struct, frozen=True, eq=False):
    """Money that making each offer to an average customer of a persona is believed to bring."""

    mean: Numbers
    draws: Numbers
    """(DRAWS, offers)."""
    basis: list[Basis]


def together(cells: Iterable[Cell]) -> Cell:
    """All of them as one."""
    some = list(cells)
    return Cell(*(sum(getattr(cell, name) for cell in some) for name in Cell.__struct_fields__))


def response_of(prospect: Prospect, cells: Iterable[Cell]) -> float:
    """Part of those made it that takes it up: what its document lets expect, drawn towards what was seen of all."""
    seen = together(cells)
    made = max(seen.made - seen.fresh, seen.taken)
    return (TRUST * prospect.response + seen.taken) / (TRUST + made)


def believed(
    cells: Mapping[str, Mapping[str, Cell]],
    places: Mapping[str, int],
    prospects: Prospects,
    goal: Goal,
    chance: np.random.Generator | None,
) -> dict[str, Beliefs]:
    """Persona -> beliefs about the offers in these places; `""`: any persona not named. `cells`: offer -> persona ->
    what was seen, of offers without a place too. Without chance every draw is the mean.
    """
    # In one order, so that the same sums come out to the last bit wherever they are worked out.
    personas = sorted({persona for by_persona in cells.values() for persona in by_persona} | {""})
    tables = {persona: _table(cells, persona, places, len(prospects.net)) for persona in personas}
    everybody = _Table(*(sum(getattr(one, name) for one in tables.values()) for name in _Table.__struct_fields__))
    shape = (DRAWS, len(prospects.net))
    noise = np.zeros(shape) if chance is None else chance.standard_normal(shape)
    found: dict[str, Beliefs] = {}
    for persona in personas:
        own = [by_persona[persona] for name in sorted(cells) if persona in (by_persona := cells[name])]
        usual = np.zeros(DRAWS) if chance is None else chance.standard_normal(DRAWS)
        if sum(cell.kept for cell in own) >= goal.enough and sum(cell.made for cell in own) >= goal.enough:
            found[persona] = _increments(tables[persona], together(own), prospects, goal, noise, usual)
        else:
            found[persona] = _propensities(tables[persona], everybody, prospects, goal, noise)
    return found


class _Table(Struct, frozen=True):
    """Cells of one persona as arrays over offers."""

    made: Numbers
    taken: Numbers
    margin: Numbers
    cost: Numbers
    kept: Numbers
    kept_margin: Numbers


def _table(cells: Mapping[str, Mapping[str, Cell]], persona: str, places: Mapping[str, int], count: int) -> _Table:
    table = _Table(*(np.zeros(count) for _ in _Table.__struct_fields__))
    for name, by_persona in cells.items():
        cell, place = by_persona.get(persona), places.get(name)
        if cell is not None and place is not None:
            for field in _Table.__struct_fields__:
                getattr(table, field)[place] = getattr(cell, field)
            table.made[place] -= cell.fresh
            table.kept[place] -= cell.kept_fresh
    return table


def _propensities(seen: _Table, everybody: _Table, prospects: Prospects, goal: Goal, noise: Numbers) -> Beliefs:
    overall = (TRUST * prospects.response + everybody.taken) / (TRUST + everybody.made)
    weight = BELONGING + (TRUST - BELONGING) * TRUST / (TRUST + everybody.made)
    response = np.minimum((weight * overall + seen.taken) / (weight + np.maximum(seen.made, seen.taken)), 1.0)
    error = np.sqrt(response * (1.0 - response) / (weight + seen.made + 1.0))
    draws = np.clip(response + goal.exploring * error * noise, 0.0, 1.0)
    basis: list[Basis] = ["propensity"] * len(response)
    return Beliefs(response * prospects.net, draws * prospects.net, basis)


def _increments(
    seen: _Table, persona: Cell, prospects: Prospects, goal: Goal, noise: Numbers, usual: Numbers
) -> Beliefs:
    variance = _variance(persona, goal)
    # How many redeem, and what that costs.
    habit = (PERSONA * prospects.response + persona.taken) / (PERSONA + max(persona.ripe, persona.taken))
    taken = (BELONGING * habit + seen.taken) / (BELONGING + np.maximum(seen.made, seen.taken))
    cost = taken * (prospects.cost + seen.cost) / (1.0 + seen.taken)
    # What is bought without the offer: of those kept from it, drawn towards all who were kept from any.
    pooled = persona.kept_margin / persona.kept_ripe
    made, kept = np.maximum(seen.made, 1e-9), np.maximum(seen.kept, 1e-9)
    differing, _ = _differing(seen.kept_margin / kept - pooled, seen.kept, variance, 0.0, 0.0)
    weight = min(max(BELONGING, variance / differing), 1e9)
    without = (weight * pooled + seen.kept_margin) / (weight + seen.kept)
    # The lift: what was seen, drawn towards what its document and the others of the persona let expect.
    told = prospects.response * (prospects.net + prospects.cost)
    lift = (seen.margin + seen.cost) / made - without
    usually = (goal.usual_response * goal.usual_margin) ** 2
    differing, beyond = _differing(lift - told, seen.made, variance, usually, TYPICAL)
    sureness = seen.made / (seen.made + variance / differing)
    expected = sureness * lift + (1.0 - sureness) * (told + beyond)
    unsure = np.sqrt(differing * (1.0 - sureness))
    # One row of chance for all offers: what is bought without them is unsure for all alike.
    base = np.sqrt(variance / persona.kept_ripe) * sureness * usual[:, None]
    mean = expected - cost
    basis: list[Basis] = ["increment" if enough else "propensity" for enough in (seen.made >= goal.enough).tolist()]
    return Beliefs(mean, mean + goal.exploring * (unsure * noise - base), basis)


def _variance(persona: Cell, goal: Goal) -> float:
    """How much margins of one persona's customers vary, within each of the two groups."""
    squares, count = SPREAD * goal.usual_margin**2, SPREAD + persona.ripe + persona.kept_ripe
    if persona.made:
        squares += persona.squares - persona.margin**2 / persona.ripe
    if persona.kept:
        squares += persona.kept_squares - persona.kept_margin**2 / persona.kept_ripe
    return max(squares, 1e-9) / count


def _differing(
    values: Numbers, counts: Numbers, variance: float, usually: float, trust: float
) -> tuple[float, float]:
    """How much averages differ beyond chance (a variance; DerSimonian and Laird's estimate, with `trust` offers that
    differ as `usually`), and their own average.
    """
    some = counts > 0.0
    values, counts = values[some], counts[some]
    if not len(values):
        return max(usually, 1e-9), 0.0
    weights = counts / variance
    total = weights.sum()
    around = (weights * values).sum() / total
    beyond_chance = (weights * (values - around) ** 2).sum() - (len(values) - 1.0)
    room = total - (weights**2).sum() / total
    found = max(beyond_chance / room, 0.0) if room > 1e-12 else 0.0
    apart = max((trust * usually + (len(values) - 1.0) * found) / max(trust + len(values) - 1.0, 1e-9), 1e-9)
    weights = 1.0 / (apart + variance / counts)
    # Before much was seen the average of all is nothing beyond what the documents say.
    return apart, float((weights * values).sum() / (weights.sum() + (1.0 / usually if usually else 0.0)))
