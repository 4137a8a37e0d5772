"""A payload as a marketer looks at it: each slot with why this stands there, and why something else does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from tailorbird.contracts.assembler import PagePayload

__all__ = ["seen"]

_NAMES = ("headline", "title", "label", "question", "name")


def seen(payload: PagePayload, about: str) -> dict[str, Any]:
    """Slots in their order, each with its things and their reasons; what was refused; who and how.

    `about`: the offer or action of which was asked why it is there, or why not.
    """
    trace: Mapping[str, Any] = payload.trace or {}
    candidates: list[Mapping[str, Any]] = list(trace.get("candidates", ()))
    reasons = {one.slot: one.reason for one in payload.fallbacks}
    slots = [_slot(msgspec.json.decode(bytes(slot)), reasons, candidates) for slot in payload.slots]
    return {
        "customer": payload.customer,
        "layout": payload.layout,
        "colours": [str(colour) for colour in (payload.layout.theme.get("palette") or {}).values()],
        "slots": [slot for slot in slots if slot["things"] or slot["fallback"] or slot["text"]],
        "empty": [slot["id"] for slot in slots if not (slot["things"] or slot["fallback"] or slot["text"])],
        "refused": [one for one in candidates if one["outcome"] != "chosen"],
        "about": next((one for one in candidates if about and one["offer_id"] == about), None),
        "left_out": trace.get("candidates_left_out", 0),
        "missing": trace.get("candidates_missing", ""),
        "why_variant": (trace.get("variant") or {}).get("because", ""),
        "consent": {name: one.get("granted") for name, one in (trace.get("consent") or {}).items()},
        "held_out": payload.held_out,
        "experiments": payload.experiments,
        "meta": payload.meta,
    }


def _slot(slot: Mapping[str, Any], fallbacks: Mapping[str, str], candidates: list[Mapping[str, Any]]) -> dict[str, Any]:
    held = slot.get("content")
    content: Mapping[str, Any] = held if isinstance(held, Mapping) else {}
    fates = {one["offer_id"]: one for one in candidates}
    return {
        "id": slot["id"],
        "type": slot["type"],
        "title": slot.get("title", ""),
        "strategy": slot.get("strategy", ""),
        "text": " ".join(str(content[name]) for name in ("headline", "text") if content.get(name)),
        "fallback": fallbacks.get(slot["id"], ""),
        "decides": slot["type"] in ("offers", "action"),
        "things": list(_things(slot, fates)),
    }


def _things(slot: Mapping[str, Any], fates: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for kind, key in (("items", "item_id"), ("offers", "offer_id"), ("actions", "action_id"), ("links", "url")):
        for thing in slot.get(kind) or ():
            named = next((str(thing[name]) for name in _NAMES if thing.get(name)), str(thing.get(key, "")))
            fate = fates.get(str(thing.get(key, "")), {})
            yield {
                "kind": kind[:-1],
                "id": str(thing.get(key, "")),
                "name": named,
                "detail": " · ".join(str(thing[name]) for name in ("brand", "size", "text") if thing.get(name))[:160],
                "price": thing.get("price"),
                "reasons": list(thing.get("reasons") or ()),
                "score": thing.get("score", fate.get("score")),
                "parts": fate.get("parts") or {},
                "basis": fate.get("basis", ""),
            }
    item = slot.get("item")
    if isinstance(item, Mapping):
        shown = {"kind": "item", "id": item.get("item_id"), "name": item.get("title"), "price": item.get("price")}
        yield {**shown, "detail": "", "reasons": [], "score": None, "parts": {}, "basis": ""}
