"""Items that somebody said are not for them: never shown to them again, until they put one into their cart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tailorbird.profiles.person.products import amount

__all__ = ["DISLIKED", "Dismissed", "merged", "rated", "with_word"]

DISMISSED_KEPT = 200
DISLIKED = 2.0
"""Stars of five up to which a rating says as much."""

Dismissed = tuple[tuple[str, int], ...]
"""(item, when), the latest first. A moment below zero: wanted again at that moment, which takes the word back."""


def with_word(dismissed: Dismissed, item_id: str, at: int, wanted: bool = False) -> Dismissed:
    """With one more word about an item; of two on one item the later counts, of two in one second that which was heard
    of later. What was never dismissed needs no word.
    """
    before = next((when for name, when in dismissed if name == item_id), 0)
    if not item_id or abs(before) > at or (wanted and not before):
        return dismissed
    rest = [one for one in dismissed if one[0] != item_id]
    return _kept([(item_id, -at if wanted else at), *rest])


def merged(one: Dismissed, other: Dismissed) -> Dismissed:
    """The words of two that are one person."""
    found: dict[str, int] = {}
    for item_id, at in (*one, *other):
        if _place(at) > _place(found.get(item_id, 0)):
            found[item_id] = at
    return _kept(found.items())


def rated(properties: Mapping[str, Any]) -> bool:
    """Whether these properties of a review say that the item is not liked."""
    stars = amount(properties.get("rating"))
    return 0.0 < stars <= DISLIKED


def _place(at: int) -> tuple[int, bool]:
    """Of two words at the same moment the one that says no counts."""
    return abs(at), at > 0


def _kept(dismissed: Iterable[tuple[str, int]]) -> Dismissed:
    return tuple(sorted(dismissed, key=lambda one: (-abs(one[1]), one[0]))[:DISMISSED_KEPT])
