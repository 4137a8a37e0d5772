"""A page as a push message: a title and a body that a phone shows whole, and where a tap leads."""

from __future__ import annotations

from typing import Any

import msgspec

from tailorbird.contracts.assembler import PagePayload

__all__ = ["LONGEST_BODY", "LONGEST_TITLE", "push_form", "shortened"]

LONGEST_TITLE = 50
LONGEST_BODY = 150
"""Characters that lock screens of both kinds of phone show before they cut."""
LARGEST = 3_800
"""Bytes: both services take 4,096 in all."""


def push_form(payload: PagePayload) -> dict[str, Any]:
    """The message. What just happened comes before what is to be known, that before the layout's own words."""
    slots = [msgspec.json.decode(slot) for slot in payload.slots]
    said = next((one for slot in slots if (one := _said(slot))), {})
    offer = next((one for slot in slots for one in slot.get("offers") or ()), None)
    item = next((one for slot in slots if slot["type"] != "cart" for one in slot.get("items") or ()), None)
    headline = said.get("headline") or (offer or {}).get("headline") or (item or {}).get("title") or ""
    rest = [said.get("text", ""), _about(offer, headline), _about(item, headline)]
    body = next((one for one in rest if one), "")
    data: dict[str, Any] = {"decision_id": payload.decision_id}
    if offer is not None:
        data["offer_id"] = offer["offer_id"]
    if item is not None:
        data["item_id"] = item["item_id"]
    made: dict[str, Any] = {
        "title": shortened(headline, LONGEST_TITLE),
        "body": shortened(body, LONGEST_BODY),
        "url": said.get("url") or (offer or {}).get("url") or (item or {}).get("url") or "/",
        "data": data,
    }
    picture = said.get("image_url") or (item or {}).get("image_url")
    if picture:
        made["image"] = picture
        if len(msgspec.json.encode(made)) > LARGEST:
            del made["image"]
    return made


def shortened(text: str, longest: int) -> str:
    """The text on one line, cut between words where it is too long, and marked with an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    # A word that fills half of the line is cut itself.
    space = cut.rfind(" ")
    return (cut[:space] if space > longest // 2 else cut).rstrip(" ,;:.-–") + "…"


def _said(slot: dict[str, Any]) -> dict[str, Any]:
    """What the slot says in words of its own."""
    if slot.get("actions"):
        first: dict[str, Any] = slot["actions"][0]
        return first
    content = slot.get("content")
    if isinstance(content, dict) and slot["type"] in ("notice", "hero", "content"):
        return content | {"headline": content.get("headline") or slot.get("title") or content.get("text", "")}
    if slot.get("insight"):
        return {"headline": slot.get("title") or "", "text": slot["insight"]["sentence"]}
    return {}


def _about(one: dict[str, Any] | None, headline: str) -> str:
    """A line about an offer or item, unless the title says it already."""
    if one is None:
        return ""
    name = str(one.get("headline") or one.get("title") or "")
    reason = str((one.get("reasons") or [""])[0])
    if name == headline:
        return str(one.get("text") or reason)
    return f"{name}. {reason}." if reason else name
