"""How well open offers suit a customer, within one tier: how much of what they buy an offer is on.

    relevance = weight / (weight + 3 + expected)

`weight` counts the orders of lately bought items that the offer is on, `expected` what it would count of somebody who
buys at random: an offer on half of the shop suits nobody in particular. An offer on the whole basket, and an action,
has a relevance of a half; one that complements what was just bought, or lies in the cart, the highest. `blending.py`
makes a score of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from msgspec import Struct

from tailorbird.offers.asked import Purchase
from tailorbird.offers.bandits import DRAWS
from tailorbird.offers.blending import UNSPECIFIC, fit_of, scored
from tailorbird.offers.knowing import Views
from tailorbird.offers.offering import Covered, Offering

__all__ = ["Interests", "Ranked", "interests", "ranked"]

DAMPING = 3.0
OFTEN = 8
"""Orders of one item beyond this many count no more: one habit is not everything."""
COMPLEMENTS = 2.0
"""Relevance of what goes with something just bought or in the cart: above all that habits can reach."""
LOOKED_AT = 12
"""Candidates of a tier of which nothing speaks that are looked at, from the highest: more than a page shows."""
COMPARED = 12
"""Candidates of a tier that chance may put in another order; those below them are too far from the first."""

Interests = dict[Covered, int]
"""How often things were bought, put together by which documents are on them and by category."""


class Ranked(Struct, frozen=True, gc=False):
    """A candidate with its score, and the category that speaks most for it (empty: none does)."""

    place: int
    score: float
    category: str
    propensity: float = 1.0
    basis: str = ""
    relevance: float = 0.0


def interests(offering: Offering, lately: Iterable[Purchase]) -> Interests:
    """What was bought lately, as the open documents see it."""
    found: Interests = {}
    covering = offering.covering
    for purchase in lately:
        covered = covering.get(purchase.item_id) or offering.cover(purchase.item_id)
        found[covered] = found.get(covered, 0) + (purchase.times if purchase.times < OFTEN else OFTEN)  # noqa: FURB136
    return found


def ranked(
    offering: Offering, candidates: int, known: Interests, views: Views, draw: int | None, complements: int = 0
) -> Iterator[Ranked]:
    """The candidates (bits of documents of one tier), best first, those worth less than silence left out.

    With a `draw` they stand as that row of the beliefs has it, and each carries the part of all rows that would put it
    just there. Without, as the beliefs' means have it, for certain.
    """
    weights, speaking = _weighed(candidates & offering.scoped, known)
    scores = _expected(offering, candidates, weights, views, sum(known.values()) if weights else 0, complements)
    # The bits of those of which nothing speaks stand in the order of their scores already, so few are looked at.
    best = sorted(scores, reverse=True)
    propensities: list[float] = []
    if draw is not None and len(best) > 1:
        best, propensities = _drawn(offering, best[:COMPARED], views, draw)
    silence, basis = offering.goal.silence, views.basis
    for rank, (score, later, relevance) in enumerate(best):
        if score < silence:
            return
        place = -later
        spoken = speaking.get(1 << place)
        propensity = propensities[rank] if propensities else 1.0
        yield Ranked(place, score, spoken.category if spoken else "", propensity, basis[place], relevance)


Expected = list[tuple[float, int, float]]
"""Score, minus the place (so that the earlier of equals is the greater), relevance."""


def _expected(
    offering: Offering, candidates: int, weights: dict[int, int], views: Views, total: int, complements: int
) -> Expected:
    documents, goal, newness, means = offering.documents, offering.goal, offering.newness, views.means
    scoped = offering.scoped
    cold, usual = fit_of(0.0, goal), fit_of(UNSPECIFIC, goal)
    found: Expected = []
    for low, weight in weights.items():
        place = low.bit_length() - 1
        candidates ^= low
        relevance = weight / (weight + DAMPING + documents[place].share * total)
        if complements & low:
            relevance = COMPLEMENTS
        found.append((scored(means[place], fit_of(relevance, goal), newness[place]), -place, relevance))
    complements &= candidates
    candidates ^= complements
    while complements:
        low = complements & -complements
        complements ^= low
        place = low.bit_length() - 1
        found.append((scored(means[place], fit_of(COMPLEMENTS, goal), newness[place]), -place, COMPLEMENTS))
    for _ in range(LOOKED_AT):
        if not candidates:
            break
        low = candidates & -candidates
        candidates ^= low
        place = low.bit_length() - 1
        if scoped & low:
            found.append((scored(means[place], cold, newness[place]), -place, 0.0))
        else:
            found.append((scored(means[place], usual, newness[place]), -place, UNSPECIFIC))
    return found


def _drawn(offering: Offering, expected: Expected, views: Views, draw: int) -> tuple[Expected, list[float]]:
    """The same in the order of one draw of the beliefs, and the part of the draws that has the same at each rank."""
    fits = np.array([fit_of(relevance, offering.goal) for _, _, relevance in expected])
    chosen = views.against.take([-later for _, later, _ in expected], axis=0)
    # Turned round, so that the smallest is the best: a sort less to turn.
    rows = scored(chosen[:, 1:], fits[:, None], chosen[:, :1])
    orders = rows.argsort(axis=0)
    mine = orders[:, draw]
    agree: list[int] = (orders == mine[:, None]).sum(axis=1).tolist()
    scores = rows[:, draw].tolist()
    order = [(-scores[number], expected[number][1], expected[number][2]) for number in mine.tolist()]
    return order, [count / DRAWS for count in agree]


def _weighed(scoped: int, known: Interests) -> tuple[dict[int, int], dict[int, Covered]]:
    """By a document's bit: how much of what was bought it is on, and the part of that which weighs most."""
    weights: dict[int, int] = {}
    speaking: dict[int, Covered] = {}
    if scoped:
        for covered, weight in known.items():
            bits = covered.bits & scoped
            while bits:
                low = bits & -bits
                bits ^= low
                before = weights.get(low)
                if before is None:
                    weights[low] = weight
                    speaking[low] = covered
                else:
                    weights[low] = before + weight
                    if weight > known[speaking[low]]:
                        speaking[low] = covered
    return weights, speaking
