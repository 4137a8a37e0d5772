"""What the recommender chose, ready for pages: each item with the JSON that stands behind its card's."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from tailorbird.contracts.recommender import Recommendations, ShelfItems

__all__ = ["Pick", "Picks", "Shelves", "pick_of", "picks_of", "shelves_of"]

_encode = msgspec.json.Encoder().encode


class Pick(Struct, frozen=True, gc=False):
    """One item of a shelf."""

    item_id: str
    closing: bytes
    """`,"score":0.8,"reasons":["..."]}`: stands behind the opening of the item's card."""
    score: float
    reasons: tuple[str, ...]
    propensity: float = 1.0
    """How likely it was to be shown: below 1 where the place was given to chance."""


class Picks(Struct, frozen=True, gc=False):
    """A shelf."""

    strategy: str
    items: tuple[Pick, ...]
    note: str = ""
    """Why fewer than asked for came, when that is so."""


class Shelves(Struct, frozen=True, gc=False):
    """An answer of the recommender."""

    by_slot: Mapping[str, Picks]
    model: str


def shelves_of(answer: Recommendations) -> Shelves:
    """The answer made ready: once, however many pages it serves."""
    return Shelves({shelf.slot: picks_of(shelf) for shelf in answer.shelves}, answer.model)


def picks_of(shelf: ShelfItems) -> Picks:
    picks = tuple(pick_of(one.item_id, one.score, one.reasons, one.propensity) for one in shelf.items)
    return Picks(shelf.strategy, picks, shelf.note)


def pick_of(item_id: str, score: float = 0.0, reasons: tuple[str, ...] = (), propensity: float = 1.0) -> Pick:
    """The item, made ready."""
    return Pick(item_id, b',"score":%.4f,"reasons":%b}' % (score, _encode(reasons)), score, reasons, propensity)
