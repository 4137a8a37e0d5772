"""Items, categories and brands that an offer names and the catalogue does not have, so far."""

from __future__ import annotations

from collections.abc import Iterator

from tailorbird.contracts.wire import Problem
from tailorbird.offers.documents.goal import Goal
from tailorbird.offers.documents.offer import Action, Offer
from tailorbird.offers.items import Items
from tailorbird.rules.nearest import unknown_names

__all__ = ["notes_on_names"]

KINDS = {"categories": "category", "departments": "department", "brands": "brand"}


def notes_on_names(document: Offer | Action | Goal, items: Items) -> Iterator[Problem]:
    """A note for each, with its path. Of coupons that were loaded, and before any item was, there is nothing to say."""
    if not isinstance(document, Offer) or document.loaded or not len(items):
        return
    scope = document.scope
    there_is_none = "There is no item {} so far."
    yield from unknown_names("$.scope.item_ids", scope.item_ids, items.ids, there_is_none)
    for field, kind in KINDS.items():
        named: tuple[str, ...] = getattr(scope, field)
        if named:
            known = {getattr(one, kind) for one, count in zip(items.classes, items.counts, strict=True) if count}
            yield from unknown_names(f"$.scope.{field}", named, known, f"No item has the {kind} {{}} so far.")
    if document.gift_item_id:
        for note in unknown_names("$.gift_item_id", (document.gift_item_id,), items.ids, there_is_none):
            yield Problem(path="$.gift_item_id", sentence=note.sentence)
