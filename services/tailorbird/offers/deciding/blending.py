"""Rules, goals and what was learned, blended into one number per offer: money expected of making it to this customer.

    worth = weight * objective * (learned part * belief + (1 - learned part) * prospect)
    score = worth * (1 + fit part * (fit / average fit - 1)) + newness

Tiers and rules come before: a score only orders offers that may be made and stand in one tier. All of it works on
numbers and, element by element, on arrays of them.
"""

from __future__ import annotations

from typing import Any, TypeVar

from tailorbird.offers.documents.goal import Goal
from tailorbird.offers.learning.beliefs import AVERAGE_FIT, Prospect

__all__ = ["COLD", "UNSPECIFIC", "fit_of", "prospect_of", "scored", "worth_of"]

COLD = 0.25
"""What is left of an offer's worth when nothing is known to suit."""

UNSPECIFIC = 0.5
"""Relevance of what is on nothing in particular: an offer on the whole basket, an action."""

Number = TypeVar("Number", float, Any)


def prospect_of(appeal: float, margin: float | None, cost: float | None, goal: Goal) -> Prospect:
    """What a document itself lets expect. `appeal`, 0 to about 1: how attractive what it promises is."""
    net = (goal.usual_margin if margin is None else margin) - (cost or 0.0)
    return Prospect(min(AVERAGE_FIT * goal.usual_response * appeal, 0.95), net, cost or 0.0)


def worth_of(belief: Number, prospect: Prospect, weight: float, objective: str, goal: Goal) -> Number:
    """Money expected of making it to an average customer, as the goal weighs it."""
    told = prospect.response * prospect.net
    objectives = goal.objectives.get(objective, 1.0) if objective else 1.0
    worth: Number = weight * objectives * (goal.learning * belief + (1.0 - goal.learning) * told)
    return worth


def fit_of(relevance: Number, goal: Goal) -> Number:
    """The factor for this customer: 1 for average relevance, as far from it as the goal lets fit count."""
    fit: Number = 1.0 + goal.fit * ((COLD + relevance) / AVERAGE_FIT - 1.0)
    return fit


def scored(worth: Number, fit: Number, newness: Number) -> Number:
    """The score: what all candidates of a tier are ordered by."""
    score: Number = worth * fit + newness
    return score
