"""The results of a search, which the shop's own search found, put into this customer's order."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from tailorbird.assembler.gathering.picks import pick_of
from tailorbird.assembler.slots.base import Filling, Line, Moment, Openings, Slot, encode
from tailorbird.assembler.slots.recommendations import spliced
from tailorbird.contracts.recommender import Shelf

__all__ = ["SearchSlot"]


class SearchSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="search"):
    """Takes `context.results` (ids, best first) and asks the strategy `search` for their order for this customer.

    Falls back to the order in which they came: whoever searches must find, known or not.
    """

    count: Annotated[int, Meta(ge=1, le=100)] = 24
    text: Line = ""
    nothing: Line = "Nothing was found."
    """Said where the search found nothing that can be shown."""

    def shown(self) -> dict[str, dict[str, Any]]:
        base = {"id": self.id, "type": self.type, "title": self.title}
        return {"usual": base | {"text": self.text}, "nothing": base | {"text": self.nothing}}

    def shelf(self, moment: Moment) -> Shelf | None:
        if not moment.results:
            return None
        return Shelf(slot=self.id, strategy="search", count=self.count, among=moment.results)

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        gathered = filling.gathered
        shelf = gathered.shelves.get(self.id)
        # What lies in the cart or was bought is searched for too.
        filling.taken.difference_update(gathered.moment.results)
        items = spliced(shelf.items, self.id, "search", filling) if shelf is not None else b""
        if not items and gathered.moment.results:
            reason = gathered.shelves_missing or (shelf.note if shelf else "") or "no order came"
            filling.fell_back(self.id, f"The results stand in the order of the search itself: {reason}")
            picks = [pick_of(item_id) for item_id in gathered.moment.results[: self.count]]
            items = spliced(picks, self.id, "search", filling)
        said = openings.say(filling, "usual" if items else "nothing")
        return b'%b,"query":%b,"items":[%b]}' % (said, encode(gathered.moment.query), items)
