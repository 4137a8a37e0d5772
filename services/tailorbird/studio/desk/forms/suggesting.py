"""What a form's fields can be completed with: ids of documents, and values that customers have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tailorbird.contracts.words import CHANNELS
from tailorbird.studio.desk.desk import Desk

__all__ = ["suggestions"]

_FIXED: dict[str, tuple[str, ...]] = {
    "context.channel": CHANNELS,
    "context.page": ("home", "product", "cart", "category", "search"),
    "context.device": ("desktop", "mobile", "tablet"),
    "session.device": ("desktop", "mobile", "tablet"),
    "zones": ("UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "Asia/Tokyo"),
}


async def suggestions(desk: Desk, document: Any) -> dict[str, list[str]]:
    """Name of a list -> its values: for `segments`, `personas`, and each attribute that its rules test."""
    at_work = await desk.at_work()
    found: dict[str, list[str]] = {name: list(values) for name, values in _FIXED.items()}
    found["segments"] = at_work.ids("segment")
    found["personas"] = found["persona"] = at_work.ids("persona")
    found["webhooks"] = at_work.ids("webhook")
    found["offers"] = at_work.ids("offer")[:500]
    for name in set(_tested(document)) - found.keys():
        values = await desk.values_of(name)
        if values:
            found[name] = values
    return found


def _tested(document: Any) -> Iterator[str]:
    """Attributes that rules in the document test."""
    if isinstance(document, dict):
        if isinstance(document.get("field"), str) and "operator" in document:
            yield document["field"]
        for value in document.values():
            yield from _tested(value)
    elif isinstance(document, list):
        for value in document:
            yield from _tested(value)
