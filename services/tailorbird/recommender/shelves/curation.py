"""What marketers say of items, beside what is learned of them: these first, more (or less) of these, never those."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from tailorbird.contracts.wire import Problem
from tailorbird.contracts.words import Id

__all__ = ["Curation", "check_curations"]

Some = Annotated[tuple[Id, ...], Meta(max_length=1_000)]


class Curation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file `curations/<id>.toml`, or a table in `curations.toml`. What is named together must hold together."""

    name: Annotated[str, Meta(max_length=200)] = ""
    """What marketers call it; customers do not see it."""
    does: Literal["pin", "boost", "ban"]
    """`pin`: these stand first, in this order, wherever they may be shown. `boost`: they move up, or down with a
    `strength` below 1. `ban`: they are not shown."""
    items: Some = ()
    categories: Some = ()
    """Categories or departments."""
    brands: Some = ()
    slots: Some = ()
    """Only on slots of these ids; empty: on every slot."""
    strategies: Some = ()
    """Only on slots that these strategies fill; empty: whichever."""
    segments: Some = ()
    """Only for customers of one of these segments; empty: for everybody."""
    stores: Some = ()
    """Only where the page is about one of these stores; empty: everywhere."""
    strength: Annotated[float, Meta(ge=0.05, le=20)] = 2.0
    """Of a boost: an item's place is worth so many times as much."""
    reason: Annotated[str, Meta(max_length=200)] = ""
    """What a customer reads under a pinned item."""
    starts_at: datetime | None = None
    """With its offset: `2026-11-22T00:00:00Z`."""
    ends_at: datetime | None = None
    """First moment at which it is over."""
    active: bool = True


def check_curations(documents: Mapping[str, Mapping[str, Any]], strategies: Collection[str]) -> list[Problem]:
    """Every mistake that types alone cannot tell, by path. strategies: those that there are."""
    return [
        Problem(path=f"curation/{identity} {path}", sentence=sentence)
        for identity, curation in documents.get("curation", {}).items()
        for path, sentence in _mistakes(curation, strategies)
    ]


def _mistakes(curation: Curation, strategies: Collection[str]) -> Iterator[tuple[str, str]]:
    if curation.does == "pin" and (not curation.items or curation.categories or curation.brands):
        yield "$.items", "A pin names the items that stand first, and nothing else."
    if not (curation.items or curation.categories or curation.brands):
        yield "$", "It says of no item anything: name items, categories or brands."
    if curation.reason and curation.does != "pin":
        yield "$.reason", "Only pinned items have a reason of their own; others have the one for which they were found."
    for name in curation.strategies:
        if name not in strategies:
            yield "$.strategies", f"There is no strategy '{name}'; there are {', '.join(strategies)}."
    for field in ("starts_at", "ends_at"):
        at = getattr(curation, field)
        if at is not None and at.tzinfo is None:
            yield f"$.{field}", "Say its time zone as an offset: `2026-11-22T00:00:00Z`."
            return
    if curation.starts_at and curation.ends_at and curation.starts_at >= curation.ends_at:
        yield "$.ends_at", "It ends before it starts."
