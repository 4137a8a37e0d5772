"""How well open offers suit a customer, within one tier: how much of what they buy an offer is on.

    relevance = weight / (weight + 3 + expected)

`weight` counts the orders of lately bought items that the offer is on, `expected` what it would count of somebody who
buys at random: an offer on half of the shop suits nobody in particular. An offer on the whole basket, and an action,
has a relevance of a half; one that complements what was just bought, or lies in the cart, the highest. `blending.py`
makes a score of it. What suits a customer is worked out once for as long as they buy nothing new.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from tailorbird.offers.deciding.asked import Purchase
from tailorbird.offers.deciding.blending import fit_of
from tailorbird.offers.deciding.knowing import Views
from tailorbird.offers.deciding.suiting import Suits, suits
from tailorbird.offers.documents.offering import Offering
from tailorbird.offers.learning.beliefs import DRAWS

__all__ = ["Ranked", "promise", "ranked", "suits_of"]

COMPLEMENTS = 2.0
"""Relevance of what goes with something just bought or in the cart: above all that habits can reach."""
LOOKED_AT = 12
"""Candidates of a tier of which nothing speaks that are looked at, from the highest: more than a page shows."""
COMPARED = 12
"""Candidates of a tier that chance may put in another order; those below them are too far from the first."""
REMEMBERED = 4_096
"""Orders of candidates that are remembered with one state of the beliefs; then all of them are forgotten."""
_NOTHING_SUITS: Suits = {}


class Ranked(Struct, frozen=True, gc=False):
    """A candidate with its score, and the category that speaks most for it (empty: none does)."""

    place: int
    score: float
    category: str
    propensity: float = 1.0
    basis: str = ""
    relevance: float = 0.0


def suits_of(offering: Offering, lately: list[Purchase], bits: int) -> Suits:
    """What suits the customer of these purchases; nothing where no document of these bits is on certain items."""
    if not (lately and bits & offering.scoped):
        return _NOTHING_SUITS
    return suits(offering, lately)


def ranked(
    offering: Offering, candidates: int, known: Suits, views: Views, draw: int | None, complements: int = 0
) -> list[Ranked]:
    """The candidates (bits of documents of one tier), best first, those worth less than silence left out.

    With a `draw` they stand as that row of the beliefs has it, and each carries the part of all rows that would put it
    just there. Without, as the beliefs' means have it, for certain. In a visit the same is asked page after page: what
    was answered is remembered with the beliefs.
    """
    key = (candidates, complements & candidates, draw, id(known))
    remembered = views.ranked.get(key)
    # What suits the customer stays with its answer, so that nothing else gets its number.
    if remembered is not None and remembered[0] is known:
        before: list[Ranked] = remembered[1]
        return before
    found = _ranked(offering, candidates, known, views, draw, complements)
    if len(views.ranked) >= REMEMBERED:
        views.ranked.clear()
    views.ranked[key] = (known, found)
    return found


def promise(offering: Offering, bit: int, known: Suits, views: Views) -> Ranked | None:
    """The document of this bit, made to the customer before: it stands where it stands for certain, so with propensity
    1, unless it is worth less than silence by now.
    """
    place = bit.bit_length() - 1
    suit = known.get(bit)
    fit = suit.fit if suit else offering.usual_fits[place]
    score = views.means[place] * fit + offering.newness[place]
    if score < offering.goal.silence:
        return None
    if suit is None:
        return Ranked(place, score, "", 1.0, "", offering.unspoken[place])
    return Ranked(place, score, suit.category, 1.0, "", suit.relevance)


def _ranked(
    offering: Offering, candidates: int, known: Suits, views: Views, draw: int | None, complements: int
) -> list[Ranked]:
    best = _expected(offering, candidates, known, views, complements)
    best.sort(reverse=True)
    silence, basis = offering.goal.silence, views.basis
    propensities = [1.0] * len(best)
    if draw is not None and best:
        best, propensities = _drawn(best[:COMPARED], views, draw, silence)
    return [
        Ranked(-later, score, category, propensity, basis[-later], relevance)
        for (score, later, relevance, _, category), propensity in zip(best, propensities, strict=True)
        if score >= silence
    ]


Expected = list[tuple[float, int, float, float, str]]
"""Score, minus the place (so that the earlier of equals is the greater), relevance, fit, the category that speaks."""


def _expected(offering: Offering, candidates: int, known: Suits, views: Views, complements: int) -> Expected:
    means, newness = views.means, offering.newness
    found: Expected = []
    complements &= candidates
    while complements:
        low = complements & -complements
        complements ^= low
        candidates ^= low
        place = low.bit_length() - 1
        category = known[low].category if low in known else ""
        fit = fit_of(COMPLEMENTS, offering.goal)
        found.append((means[place] * fit + newness[place], -place, COMPLEMENTS, fit, category))
    spoken = 0
    for low, suit in known.items():
        if low & candidates:
            spoken |= low
            place = suit.place
            found.append((means[place] * suit.fit + newness[place], -place, suit.relevance, suit.fit, suit.category))
    candidates ^= spoken
    unspoken, usual = offering.unspoken, offering.usual_fits
    # The bits of those of which nothing speaks stand in the order of their scores already, so few are looked at.
    for _ in range(LOOKED_AT):
        if not candidates:
            break
        low = candidates & -candidates
        candidates ^= low
        place = low.bit_length() - 1
        fit = usual[place]
        found.append((means[place] * fit + newness[place], -place, unspoken[place], fit, ""))
    return found


def _drawn(expected: Expected, views: Views, draw: int, silence: float) -> tuple[Expected, list[float]]:
    """The same in the order of one draw of the beliefs, and the part of the draws that has the same at each rank, worth
    no less than silence.
    """
    chosen = views.against.take([-one[1] for one in expected], axis=0)
    # Turned round, so that the smallest is the best: a sort less to turn.
    draws = chosen[:, 1:] * np.array([[one[3]] for one in expected]) + chosen[:, :1]
    orders = draws.argsort(axis=0)
    mine = orders[:, draw]
    agree = np.add.reduce((orders == mine[:, None]) & (draws[mine] <= -silence), axis=1)
    scores = draws[:, draw].tolist()
    order = [(-scores[number], *expected[number][1:]) for number in mine.tolist()]
    return order, [count / DRAWS for count in agree.tolist()]
