"""Anything a marketer wants to say: words and a picture, a banner, or their own HTML, cleaned of all that could run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from tailorbird.assembler.slots.base import Line, Prose, Slot, Url
from tailorbird.assembler.wording.cleaning import cleaned

__all__ = ["ContentSlot"]


class ContentSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="content"):
    """Filled from its own words; needs nobody."""

    look: Literal["panel", "banner"] = "panel"
    """`banner`: the picture fills the slot, and the words stand on it."""
    html: Annotated[str, Meta(max_length=100_000)] = ""
    """What is free of scripts, forms, frames and styles; of addresses https, http, mailto and paths of the shop."""
    text: Prose = ""
    image_url: Url = ""
    url: Url = ""
    call_to_action: Line = ""

    def shared(self) -> bool:
        return True

    def shown(self) -> dict[str, dict[str, Any]]:
        content = {
            "text": self.text,
            "image_url": self.image_url,
            "url": self.url,
            "call_to_action": self.call_to_action,
            "html": cleaned(self.html) if self.html else "",
            "look": self.look if self.look != "panel" else "",
        }
        content = {name: value for name, value in content.items() if value or name not in ("html", "look")}
        return {"usual": {"id": self.id, "type": self.type, "title": self.title, "content": content}}
