"""A model's trial before it serves: customers made up from what it knows must get shelves that make sense."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from tailorbird.contracts.recommender import Recommendations, RecommendQuery, Shelf
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import Bought, CustomerFacts
from tailorbird.recommender.shelves.knowledge import Knowledge

__all__ = ["check_outcomes", "trial_queries"]

CUSTOMERS = 16
HISTORY = 40
DAY = 86_400


def trial_queries(knowledge: Knowledge) -> list[RecommendQuery]:
    """Queries of customers who bought this and that among what is bought most; none for a model that knows nothing."""
    model = knowledge.model
    often = np.argsort(-model.reach, kind="stable")[: 8 * HISTORY]
    if not len(often):
        return []
    return [_query(knowledge, np.roll(often, -number * HISTORY // 2)[:HISTORY].tolist()) for number in range(CUSTOMERS)]


def check_outcomes(outcomes: Sequence[Recommendations | Fault]) -> None:
    """Raises Fault(422) when a trial failed, repeated an item, gave a score that is no number, or nothing at all."""
    for outcome in outcomes:
        if isinstance(outcome, Fault):
            raise Fault(422, f"The model failed its trial: {outcome.sentence}")
        items = [item for shelf in outcome.shelves for item in shelf.items]
        if not all(math.isfinite(item.score) for item in items):
            raise Fault(422, "The model failed its trial: a score is not a finite number.")
        if len({item.item_id for item in items}) != len(items):
            raise Fault(422, "The model failed its trial: an item stands twice on a page.")
    if outcomes and not any(shelf.items for outcome in outcomes for shelf in outcome.shelves):  # type: ignore[union-attr]
        raise Fault(422, "The model failed its trial: it recommends nothing of the catalogue.")


def _query(knowledge: Knowledge, rows: list[int]) -> RecommendQuery:
    model = knowledge.model
    history = tuple(
        Bought(model.item_ids[row], 1 + number % 5, model.until - (number + 8) * DAY) for number, row in enumerate(rows)
    )
    shelves = ("for_you", "buy_again", "complements", "similar", "trending", "articles")
    return RecommendQuery(
        shelves=tuple(Shelf(slot=name, strategy=name, count=6) for name in shelves),
        customer=msgspec.Raw(msgspec.json.encode(CustomerFacts(history=history))),
        cart=tuple(entry.item_id for entry in history[:2]),
        at=float(model.until),
    )
