"""Where the customer left off, on whatever device: what they looked at and did not buy, by interest."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from tailorbird.assembler.gathering.picks import pick_of
from tailorbird.assembler.slots.base import Filling, Line, Moment, Openings, Slot
from tailorbird.assembler.slots.recommendations import spliced
from tailorbird.contracts.recommender import Shelf

__all__ = ["ResumeSlot"]

_LEFT_OFF = ("You looked at this lately",)


class ResumeSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="resume"):
    """Asks the recommender's strategy `resume`. Falls back to what was looked at last, in that order; that there is
    nothing to return to is an ordinary answer.
    """

    count: Annotated[int, Meta(ge=1, le=30)] = 6
    text: Line = ""

    def shown(self) -> dict[str, dict[str, Any]]:
        return {"usual": {"id": self.id, "type": self.type, "title": self.title, "text": self.text}}

    def shelf(self, moment: Moment) -> Shelf | None:
        del moment
        return Shelf(slot=self.id, strategy="resume", count=self.count)

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        gathered = filling.gathered
        shelf = gathered.shelves.get(self.id)
        if shelf is None:
            filling.fell_back(self.id, f"What was looked at last stands in: {gathered.shelves_missing or 'none came'}")
            seen = dict.fromkeys(one.item_id for one in gathered.recent if one.kind in ("viewed", "added"))
            picks = [pick_of(item_id, reasons=_LEFT_OFF) for item_id in seen][: self.count]
            return b'%b,"items":[%b]}' % (openings.say(filling), spliced(picks, self.id, "resume", filling))
        return b'%b,"items":[%b]}' % (openings.say(filling), spliced(shelf.items, self.id, "resume", filling))
