"""A pattern in the customer's own behaviour, in a sentence for them to read: "on days you ..., you usually ..."."""

from __future__ import annotations

from typing import Any

from tailorbird.assembler.slots.base import Filling, Line, Openings, Slot, encode
from tailorbird.contracts.wire import Problem

__all__ = ["InsightSlot"]


class InsightSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="insight"):
    """Filled from what the profile remembers of purchases; needs nobody. That no pattern is clear enough to be told is
    an ordinary answer.
    """

    together: Line = "On days you buy {on}, you usually buy {usually} too."
    """Said of two categories; `{on}` and `{usually}` are their names."""
    weekday: Line = "On {on}, you usually buy {usually}."
    """Said of a day of the week."""
    text: Line = ""
    """Said beside the sentence: what the shop does for them with it."""

    def problems(self, path: str) -> list[Problem]:
        return [
            Problem(path=f"{path}.{name}", sentence="The sentence needs {on} and {usually}.")
            for name, sentence in (("together", self.together), ("weekday", self.weekday))
            if "{on}" not in sentence or "{usually}" not in sentence
        ]

    def shown(self) -> dict[str, dict[str, Any]]:
        base = {"id": self.id, "type": self.type}
        return {"usual": base | {"title": self.title, "text": self.text}, "nothing": base}

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        pattern = filling.gathered.pattern()
        if pattern is None:
            return b'%b,"insight":null}' % openings.say(filling, "nothing")
        template = self.weekday if pattern.weekday else self.together
        on = filling.weekday(pattern.weekday) if pattern.weekday else pattern.on
        told = {
            "sentence": template.replace("{on}", on).replace("{usually}", pattern.usually),
            "on": on,
            "usually": pattern.usually,
            "days": pattern.days,
            "of_days": pattern.of_days,
        }
        return b'%b,"insight":%b}' % (openings.say(filling), encode(told))
