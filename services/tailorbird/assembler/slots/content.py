"""Anything a marketer wants to say in words and one picture."""

from __future__ import annotations

from typing import Any

from tailorbird.assembler.slots.base import Line, Prose, Slot, Url

__all__ = ["ContentSlot"]


class ContentSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="content"):
    """Filled from its own words; needs nobody."""

    text: Prose = ""
    image_url: Url = ""
    url: Url = ""
    call_to_action: Line = ""

    def shown(self) -> dict[str, dict[str, Any]]:
        content = {
            "text": self.text,
            "image_url": self.image_url,
            "url": self.url,
            "call_to_action": self.call_to_action,
        }
        return {"usual": {"id": self.id, "type": self.type, "title": self.title, "content": content}}
