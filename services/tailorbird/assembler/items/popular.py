"""What many like, kept by the assembler itself: it stands in while the recommender does not answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tailorbird.assembler.items.cards import Card, Cards

__all__ = ["Popular"]

MOST_PER_DEPARTMENT = 60


class Popular:
    """Items by popularity, overall and per department, from the recommender's last good answer of `trending`.

    Until the first such answer: the catalogue's own order, departments taking turns.
    """

    def __init__(self) -> None:
        self._trending: tuple[str, ...] = ()
        self._by_department: dict[str, list[str]] = {}
        self._order: list[str] = []
        self._articles: list[str] = []

    def learn_catalogue(self, cards: Cards) -> None:
        """Take the catalogue's order, for the time in which nothing better is known."""
        self._by_department, self._order, self._articles = {}, [], []
        for item_id, card in cards.items():
            self.learn_item(item_id, card)
        self._order = list(_taking_turns(self._by_department.values()))
        self._rank(cards)

    def learn_item(self, item_id: str, card: Card) -> None:
        """Take an item that is new, while there is room for it in its department."""
        if card.article:
            if item_id not in self._articles:
                self._articles.append(item_id)
        elif card.shown and not card.sensitive:
            kept = self._by_department.setdefault(card.department, [])
            if len(kept) < MOST_PER_DEPARTMENT and item_id not in kept:
                kept.append(item_id)
                self._order.append(item_id)

    def learn_trending(self, item_ids: Iterable[str], cards: Cards) -> None:
        """Take the recommender's answer, most popular first."""
        self._trending = tuple(item_ids)
        self._rank(cards)

    def _rank(self, cards: Cards) -> None:
        if not self._trending:
            return
        trending = [item_id for item_id in self._trending if item_id in cards]
        kept = set(trending)
        self._order = trending + [item_id for item_id in self._order if item_id not in kept]
        for item_id in reversed(trending):
            department = self._by_department.setdefault(cards[item_id].department, [])
            if item_id in department:
                department.remove(item_id)
            department.insert(0, item_id)

    def items(self, count: int, departments: Iterable[str], without: Collection[str], cards: Cards) -> list[str]:
        """At most `count` items that are shown, of these departments first, none of `without`."""
        chosen: list[str] = []
        seen = set(without)
        own = [self._by_department[name] for name in departments if name in self._by_department]
        for source in (_taking_turns(own), self._order):
            for item_id in source:
                if len(chosen) == count:
                    return chosen
                card = cards.get(item_id)
                if item_id not in seen and card is not None and card.shown:
                    seen.add(item_id)
                    chosen.append(item_id)
        return chosen

    def articles(self, count: int, without: Collection[str], turn: int) -> list[str]:
        """At most `count` articles; `turn` (the day, say) moves where the list starts."""
        if not self._articles:
            return []
        start = turn % len(self._articles)
        ordered = self._articles[start:] + self._articles[:start]
        return [item_id for item_id in ordered if item_id not in without][:count]


def _taking_turns(lists: Iterable[list[str]]) -> Iterable[str]:
    held = [values for values in lists if values]
    for place in range(max((len(values) for values in held), default=0)):
        for values in held:
            if place < len(values):
                yield values[place]
