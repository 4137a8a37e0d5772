"""Something to read: articles about what the customer buys, or about the item that the page is about."""

from __future__ import annotations

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Positions
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["Articles"]

IN_GENERAL = "From our kitchen and store"
AROUND = 3.0
"""What a category of the page's item or the cart counts beside the customer's favourite one."""


class Articles(Strategy):
    name = "articles"
    shortage = "There are no more articles."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        columns = page.knowledge.columns
        articles = columns.articles()
        each = self._interest(page, shelf, articles.category)
        unread = [
            (sum(each[about]), usual, number)
            for number, (place, about, usual) in enumerate(
                zip(articles.positions, articles.spans, page.knowledge.usual_reading(articles), strict=True)
            )
            if place not in page.read
        ]
        unread.sort(key=_first)
        places, scores, reasons = [], [], []
        for own, _, number in unread[: shelf.count]:
            interest, codes = each[articles.spans[number]], articles.category[articles.spans[number]]
            strongest = max(interest)
            name = columns.categories.text(codes[interest.index(strongest)])
            places.append(articles.positions[number])
            scores.append(own)
            reasons.append((f"Because you like {name}" if strongest > 0 else IN_GENERAL,))
        page.read.update(places)
        return Chosen(places, scores, reasons)

    def _interest(self, page: Page, shelf: Shelf, category: Positions) -> list[float]:
        """How much each of these categories means to this customer, beside what it means to everybody."""
        favour = page.customer.past.favour
        each = favour.take(category, mode="clip")
        # Categories that came after the customer was looked at, and none at all.
        each[(category >= len(favour)) | (category == 0)] = 0.0
        around = set(page.knowledge.columns.category[page.around(shelf.item_id)].tolist()) - {0}
        interests: list[float] = each.tolist()
        if not around:
            return interests
        codes = category.tolist()
        return [one + AROUND if code in around else one for one, code in zip(interests, codes, strict=True)]


def _first(unread: tuple[float, float, int]) -> tuple[float, float]:
    own, usual, _ = unread
    return -own, -usual
