"""Items that somebody said are not for them: never shown to them again, until they put one into their cart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tailorbird.profiles.person.products import amount

__all__ = ["DISLIKED", "Dismissed", "merged", "rated", "with_word"]

DISMISSED_KEPT = 200
WISHES_KEPT = 30
"""Of items put into the cart: a refusal from before may be heard of later."""
DISLIKED = 2.0
"""Stars of five up to which a rating says as much."""

Dismissed = tuple[tuple[str, float], ...]
"""(item, when), the latest first. A moment below zero: wanted at that moment, whatever was said of it before."""


def with_word(dismissed: Dismissed, item_id: str, at: float, wanted: bool = False) -> Dismissed:
    """With one more word about an item: the latest counts, whichever was heard of first."""
    return merged(dismissed, ((item_id, -at if wanted else at),)) if item_id else dismissed


def merged(one: Dismissed, other: Dismissed) -> Dismissed:
    """The words of both."""
    found: dict[str, float] = {}
    for item_id, at in (*one, *other):
        if _place(at) > _place(found.get(item_id, 0.0)):
            found[item_id] = at
    return _kept(found.items())


def rated(properties: Mapping[str, Any]) -> bool:
    """Whether these properties of a review say that the item is not liked."""
    stars = amount(properties.get("rating"))
    return 0.0 < stars <= DISLIKED


def _place(at: float) -> tuple[float, bool]:
    """Of two words at the same moment the one that says no counts."""
    return abs(at), at > 0


def _kept(words: Iterable[tuple[str, float]]) -> Dismissed:
    kept: list[tuple[str, float]] = []
    left = {True: DISMISSED_KEPT, False: WISHES_KEPT}
    for item_id, at in sorted(words, key=lambda one: (-abs(one[1]), one[0])):
        if left[at > 0] > 0:
            left[at > 0] -= 1
            kept.append((item_id, at))
    return tuple(kept)
