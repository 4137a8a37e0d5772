"""Something to read: recipes, advice, how to store and to save."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from tailorbird.assembler.gathering.picks import pick_of
from tailorbird.assembler.slots.base import Filling, Line, Moment, Openings, Slot
from tailorbird.assembler.slots.recommendations import spliced
from tailorbird.contracts.recommender import Shelf

__all__ = ["ArticlesSlot"]


class ArticlesSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="articles"):
    """Asks the recommender's strategy `articles`. Falls back to the catalogue's articles, another start every day."""

    count: Annotated[int, Meta(ge=1, le=20)] = 3
    text: Line = ""

    def shown(self) -> dict[str, dict[str, Any]]:
        return {"usual": {"id": self.id, "type": self.type, "title": self.title, "text": self.text}}

    def shelf(self, moment: Moment) -> Shelf | None:
        return Shelf(slot=self.id, strategy="articles", count=self.count, item_id=moment.item_id)

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        gathered = filling.gathered
        shelf = gathered.shelves.get(self.id)
        items = spliced(shelf.items, self.id, "articles", filling) if shelf is not None else b""
        if not items:
            reason = gathered.shelves_missing or (shelf.note if shelf else "") or "no article was recommended"
            filling.fell_back(self.id, f"Articles of the day stand in: {reason}")
            ids = gathered.popular.articles(self.count, filling.taken, turn=int(gathered.moment.at // 86_400))
            items = spliced([pick_of(item_id) for item_id in ids], self.id, "articles", filling)
        return b'%b,"items":[%b]}' % (openings.say(filling), items)
