"""A page's payload as HTML that stands by itself: one template a slot type, every value escaped for its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import minijinja
import msgspec

from tailorbird.assembler.links import markup, safe_url
from tailorbird.assembler.prices import money
from tailorbird.contracts.assembler import PagePayload

__all__ = ["PageRenderer"]

STEPS = 2_000_000
"""What the templates may do for one page; a loop without end stops here."""


class PageRenderer:
    """Renders with the templates of one folder: `page.html`, and `<slot type>.html` for each slot."""

    def __init__(self, templates: Path) -> None:
        self._types = frozenset(path.stem for path in templates.glob("*.html")) - {"page", "style", "card"}
        self._environment = minijinja.Environment(
            loader=minijinja.load_from_path([str(templates)]), fuel=STEPS, trim_blocks=True, lstrip_blocks=True
        )
        self._environment.add_filter("link", lambda url: markup(safe_url(url)))
        self._environment.add_filter("money", money)

    def page(self, payload: PagePayload) -> str:
        """The whole page. A slot type without a template is left out."""
        slots: list[dict[str, Any]] = [msgspec.json.decode(slot) for slot in payload.slots]
        return self._environment.render_template(
            "page.html",
            payload=msgspec.to_builtins(msgspec.structs.replace(payload, slots=())),
            theme=payload.layout.theme,
            palette=payload.layout.theme["palette"],
            slots=[slot for slot in slots if slot["type"] in self._types],
        )
