"""A page as an app wants it: compact JSON with what a screen of this size shows, and nothing else."""

from __future__ import annotations

from typing import Any

import msgspec

from tailorbird.contracts.assembler import PagePayload

__all__ = ["app_form", "columns_on", "most_on"]

CARD = 180
"""Points of width that a card wants."""
ROWS = 2
_KEPT = ("title", "text", "strategy", "note", "sentence", "total", "query", "scanned", "store_id")
_ITEM = ("title", "price", "currency", "size", "brand", "summary", "aisle", "rating", "ratings", "quantity", "amount")
_EMPTY: tuple[Any, ...] = ("", None, [], {}, ())


def columns_on(width: int) -> int:
    """Cards side by side on a screen so wide."""
    return max(1, min(6, width // CARD))


def most_on(width: int) -> int:
    """Items that one slot shows on a screen so wide; 0: the screen is not known, as many as the layout says."""
    return columns_on(width) * ROWS if width else 0


def app_form(payload: PagePayload, width: int = 0) -> dict[str, Any]:
    """The page for an app: short names, nothing empty, `image_width` for whoever scales pictures."""
    made: dict[str, Any] = {
        "id": payload.decision_id,
        "page": payload.page,
        "variant": payload.layout.variant,
        "colors": payload.layout.theme["palette"],
        "density": payload.layout.theme["density"],
        "slots": [_slot(msgspec.json.decode(slot)) for slot in payload.slots],
    }
    if width:
        columns = columns_on(width)
        made |= {"columns": columns, "image_width": width // columns}
    return made


def _slot(slot: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"id": slot["id"], "type": slot["type"]} | _some(slot, _KEPT)
    for name in ("items", "lines"):
        if slot.get(name):
            made["items"] = [_item(item) for item in slot[name]]
    if slot.get("item"):
        made["items"] = [_item(slot["item"])]
    for name, identity in (("offers", "offer_id"), ("actions", "action_id")):
        if slot.get(name):
            made[name] = [_promise(one, identity) for one in slot[name]]
    for name in ("content", "loyalty", "insight", "links", "route", "best"):
        if slot.get(name):
            made[name] = slot[name]
    return made


def _item(item: dict[str, Any]) -> dict[str, Any]:
    made = {"id": item["item_id"]} | _some(item, _ITEM) | _addresses(item)
    return made | ({"why": item["reasons"][0]} if item.get("reasons") else {})


def _promise(one: dict[str, Any], identity: str) -> dict[str, Any]:
    made = {"id": one[identity]} | _some(one, ("headline", "text", "terms", "code", "call_to_action", "tone"))
    made |= _addresses(one)
    return made | ({"why": one["reasons"][0]} if one.get("reasons") else {})


def _addresses(one: dict[str, Any]) -> dict[str, Any]:
    found = {"url": one.get("url"), "image": one.get("image_url") or one.get("image")}
    return {name: value for name, value in found.items() if value}


def _some(one: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: one[name] for name in names if one.get(name) not in _EMPTY}
