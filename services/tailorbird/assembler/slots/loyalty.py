"""Where the customer stands in the loyalty programme, what that entitles them to, and what the next level takes."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from tailorbird.assembler.slots.base import Filling, Line, Openings, Slot, Url, encode
from tailorbird.contracts.wire import Problem

__all__ = ["Level", "LoyaltySlot"]


class Level(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One level of the programme."""

    level: Annotated[str, Meta(min_length=1, max_length=60)]
    """As the programme calls it in what it tells of customers."""
    name: Line = ""
    """As customers read it; empty: as above."""
    points: Annotated[float, Meta(ge=0)] = 0.0
    """From how many points on."""
    privileges: Annotated[tuple[Line, ...], Meta(max_length=20)] = ()


class LoyaltySlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="loyalty"):
    """Filled from the profile; needs nobody. Who has no card is told how to get one."""

    levels: Annotated[tuple[Level, ...], Meta(max_length=20)] = ()
    """Lowest first."""
    text: Line = ""
    join_text: Line = ""
    join_url: Url = ""

    def shown(self) -> dict[str, dict[str, Any]]:
        base = {"id": self.id, "type": self.type, "title": self.title}
        return {"usual": base | {"text": self.text}, "join": base | {"text": self.join_text, "url": self.join_url}}

    def problems(self, path: str) -> list[Problem]:
        points = [one.points for one in self.levels]
        if points == sorted(points):
            return []
        return [Problem(path=f"{path}.levels", sentence="The level with the fewest points comes first.")]

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        note = filling.gathered.loyalty
        if note is None:
            return b'%b,"loyalty":null}' % openings.say(filling, "join")
        place = next((n for n, one in enumerate(self.levels) if one.level.lower() == note.level.lower()), -1)
        here = self.levels[place] if place >= 0 else None
        after = self.levels[place + 1] if here is not None and place + 1 < len(self.levels) else None
        standing: dict[str, Any] = {
            "level": (here.name or here.level) if here else note.level,
            "points": note.points,
            "privileges": here.privileges if here else (),
        }
        if note.since:
            standing["member_since"] = filling.day(note.since)
        if note.lapse_at > filling.gathered.moment.at:
            standing["points_lapse_on"] = filling.day(note.lapse_at)
        if after is not None:
            missing = max(0.0, after.points - note.points)
            standing["next"] = {
                "level": after.name or after.level,
                "points_missing": int(missing) if missing.is_integer() else missing,
                "privileges": after.privileges,
            }
        return b'%b,"loyalty":%b}' % (openings.say(filling), encode(standing))
