"""Queries in, filled shelves out: a batch is searched in one go, then each page is filled shelf by shelf."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tailorbird.contracts.recommender import Recommendations, RecommendQuery
from tailorbird.contracts.wire import Fault, Problem
from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.shelves.customer import KnownCustomers
from tailorbird.recommender.shelves.filling import filled
from tailorbird.recommender.shelves.knowledge import Knowledge
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.shelves.taste import Taste
from tailorbird.recommender.strategies import STRATEGIES

__all__ = ["Ranker"]

SEARCH_DEPTH = 128
"""Nearest items looked at for each customer. Half of them were bought before; 24 remain for 98 of 100 customers, and
for the others all items are looked at."""


class Ranker:
    """Answers queries from one state of knowledge. `rank` takes no step that waits: batches never overlap."""

    def __init__(self, knowledge: Knowledge, customers_kept: int = 4_096) -> None:
        self.knowledge = knowledge
        self._customers = KnownCustomers(knowledge, customers_kept)

    def forget(self) -> None:
        """Drops what is kept of customers."""
        self._customers.clear()

    def rank(self, queries: Sequence[RecommendQuery]) -> list[Recommendations | Fault]:
        """One outcome per query, in their order; a query that cannot be answered has its own Fault."""
        outcomes: list[Recommendations | Fault | None] = [None] * len(queries)
        pages: list[tuple[int, Page]] = []
        for place, query in enumerate(queries):
            try:
                _check(query)
                customer = self._customers.known(query)
                pages.append((place, Page(self.knowledge, query, customer)))
            except Fault as fault:
                outcomes[place] = fault
        self._search([page for _, page in pages])
        for place, page in pages:
            shelves = tuple(filled(page, shelf) for shelf in page.query.shelves)
            outcomes[place] = Recommendations(shelves=shelves, model=self.knowledge.model.version)
        return [outcome or Fault(500, "No answer was made.") for outcome in outcomes]

    def _search(self, pages: list[Page]) -> None:
        """Gives every page that wants it what is nearest to its customer, in one search."""
        wanting, vectors = [], []
        for page in pages:
            if (vector := page.customer.taste.vector) is not None and _searches(page.query):
                wanting.append(page)
                vectors.append(vector)
        if not wanting:
            return
        scores, rows = self.knowledge.search(np.stack(vectors), SEARCH_DEPTH)
        for page, found, near in zip(wanting, scores, rows, strict=True):
            there = near >= 0
            page.found = self._unbought(page, *self._again(page.customer.taste, found[there], near[there]))

    def _unbought(self, page: Page, scores: Floats, rows: Positions) -> tuple[Positions, Floats]:
        """(positions, scores) of what the customer has not bought: once for all shelves that show it."""
        places = self.knowledge.position_of[rows]
        new = ~self.knowledge.among(places, page.customer.past.bought)
        return places[new], scores[new]

    def _again(self, taste: Taste, scores: Floats, rows: Positions) -> tuple[Floats, Positions]:
        """What was found, and what the customer's own history speaks for, ranked by both together."""
        if taste.further is None or taste.vector is None:
            return scores, rows
        beside, added = taste.further
        missing = ~np.isin(beside, rows)
        every = np.concatenate([rows, beside[missing]])
        total = np.concatenate([scores, self.knowledge.vectors[beside[missing]] @ taste.vector])
        total += _at(every, beside, added)
        best = np.argsort(-total, kind="stable")
        return total[best], every[best]


def _at(rows: Positions, known: Positions, values: Floats) -> Floats:
    """The value of each row, 0 for one that is not among the known, which ascend."""
    if not len(known):
        return np.zeros(len(rows), np.float32)
    places = np.minimum(np.searchsorted(known, rows), len(known) - 1)
    return np.where(known[places] == rows, values[places], np.float32(0.0)).astype(np.float32)


def _check(query: RecommendQuery) -> None:
    for number, shelf in enumerate(query.shelves):
        if shelf.strategy not in STRATEGIES:
            sentence = f"There is no strategy '{shelf.strategy}'; there are {', '.join(STRATEGIES)}."
            raise Fault(422, sentence, (Problem(path=f"$.shelves[{number}].strategy", sentence=sentence),))


def _searches(query: RecommendQuery) -> bool:
    return any(STRATEGIES[shelf.strategy].searches for shelf in query.shelves)
