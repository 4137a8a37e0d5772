"""A page's slots one by one, as HTML that stands in other pages, and the style that changes nothing around them."""

from __future__ import annotations

import html
import re
from typing import Any

from tailorbird.contracts.assembler import PagePayload

__all__ = ["fragments_of", "scoped"]

_SECTION = re.compile(
    r'<section id="([^"]*)" class="([^"]*)">(.*?)</section>\s*(?=<section id="|<esi:include|</main>)', re.DOTALL
)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_LOOK = re.compile(r'<body class="([^"]*)"')


def fragments_of(payload: PagePayload, page: str) -> dict[str, Any]:
    """`{decision_id, variant, style, slots: {id: HTML}, fallbacks}` of a page that was rendered whole.

    Each slot stands in an element that carries the theme. What shows nothing is left out.
    """
    style, look = _STYLE.search(page), _LOOK.search(page)
    opening = f'<div class="tailorbird {look.group(1) if look else ""}" data-decision="{payload.decision_id}">'
    sections = {
        html.unescape(slot): f'<section data-tailorbird-filled="{slot}" class="{kind}">{content}</section>'
        for slot, kind, content in _SECTION.findall(page)
        if content.strip()
    }
    return {
        "decision_id": payload.decision_id,
        "variant": payload.layout.variant,
        "style": scoped(style.group(1)) if style else "",
        "slots": {slot: f"{opening}{section}</div>" for slot, section in sections.items()},
        "fallbacks": payload.fallbacks,
        "held_out": payload.held_out,
        "experiments": payload.experiments,
    }


def scoped(style: str) -> str:
    """The style sheet with every rule inside of `.tailorbird`."""
    within = re.sub(r"(^|[}\n])(\s*):root\{", r"\1\2&{", style)
    within = re.sub(r"(^|[}\n])(\s*)\*\{", r"\1\2& *{", within)
    within = re.sub(r"(^|[}\n])(\s*)body\b", r"\1\2&", within)
    return ".tailorbird{" + within + "}"
