"""A page as lines of text: for a till's printer, a letter, a label."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import msgspec

from tailorbird.contracts.assembler import PagePayload
from tailorbird.wording.locales import money

__all__ = ["WIDTH", "lines_form"]

WIDTH = 42
"""Characters on the paper of most tills."""


def lines_form(payload: PagePayload, width: int = WIDTH) -> list[str]:
    """The lines, none longer than `width`; an empty one between slots."""
    made: list[str] = []
    for raw in payload.slots:
        slot = msgspec.json.decode(raw)
        lines = list(_slot(slot, width, payload.locale))
        if lines:
            made += ["", *lines] if made else lines
    return made


def _slot(slot: dict[str, Any], width: int, locale: str) -> Iterator[str]:
    content = slot.get("content") if isinstance(slot.get("content"), dict) else None
    within = list(_filled(slot, width, locale))
    if content:
        within = [*_said(content, width), *within]
    if within:
        yield from _wrapped(slot.get("title", "").upper(), width)
        yield from within


def _filled(slot: dict[str, Any], width: int, locale: str) -> Iterator[str]:
    for offer in slot.get("offers") or ():
        yield from _wrapped(f"* {offer['headline']}", width, "  ")
        for name in ("text", "terms"):
            yield from _wrapped(offer.get(name, ""), width - 2, indent="  ")
        if offer.get("code"):
            yield f"  Code: {offer['code']}"[:width]
    for action in slot.get("actions") or ():
        yield from _said(action, width)
    for item in slot.get("items") or slot.get("lines") or ():
        yield from _priced(item, width, locale)
    loyalty = slot.get("loyalty")
    if loyalty:
        yield from _wrapped(f"{loyalty['level']}: {loyalty['points']:,.0f} points", width)
        for privilege in loyalty["privileges"]:
            yield from _wrapped(f"* {privilege}", width, "  ")
        if loyalty.get("next"):
            missing = f"{loyalty['next']['points_missing']:,} points to {loyalty['next']['level']}"
            yield from _wrapped(missing, width)
    if slot.get("insight"):
        yield from _wrapped(slot["insight"]["sentence"], width)


def _said(content: dict[str, Any], width: int) -> Iterator[str]:
    for name in ("headline", "text"):
        yield from _wrapped(content.get(name, ""), width)


def _priced(item: dict[str, Any], width: int, locale: str) -> Iterator[str]:
    """Title on the left, price on the right of its last line; where the item is, behind the title."""
    price = money(item.get("price"), item.get("currency", ""), locale)
    title = item["title"] + (f" (aisle {item['aisle']})" if item.get("aisle") else "")
    lines = _wrapped(title, width - len(price) - 1 if price else width, "  ")
    *first, last = lines or [""]
    yield from first
    yield f"{last.ljust(width - len(price))}{price}" if price else last


def _wrapped(text: str, width: int, hanging: str = "", indent: str = "") -> list[str]:
    """The text in lines; control characters, which printers take for orders, are left out."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return textwrap.wrap(plain, max(width, 8), initial_indent=indent, subsequent_indent=hanging or indent)
