"""One thing that everybody who gets this variant should know."""

from __future__ import annotations

from typing import Any, Literal

from tailorbird.assembler.slots.base import Line, Prose, Slot, Url

__all__ = ["NoticeSlot"]


class NoticeSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="notice"):
    """Filled from its own words; needs nobody."""

    text: Prose
    tone: Literal["info", "success", "warning"] = "info"
    url: Url = ""
    call_to_action: Line = ""

    def shown(self) -> dict[str, dict[str, Any]]:
        content = {"text": self.text, "tone": self.tone, "url": self.url, "call_to_action": self.call_to_action}
        return {"usual": {"id": self.id, "type": self.type, "title": self.title, "content": content}}
