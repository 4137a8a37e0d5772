"""What the recommender chose, ready for pages: each item's JSON behind its card, and its line in the decision."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tailorbird.contracts.insights import DecisionChoice
from tailorbird.contracts.recommender import Recommendation, Recommendations, ShelfItems

__all__ = ["Pick", "Picks", "Shelves", "pick_of", "picks_of", "shelves_of"]

_encode = msgspec.json.Encoder().encode


class Pick(Struct, frozen=True, gc=False):
    """One item of a shelf."""

    item_id: str
    closing: bytes
    """`,"score":0.8,"reasons":["..."]}`: stands behind the opening of the item's card."""
    choice: DecisionChoice

    def at(self, position: int) -> DecisionChoice:
        """The line in the decision for the place where the item came to stand."""
        return self.choice if self.choice.position == position else replace(self.choice, position=position)


class Picks(Struct, frozen=True, gc=False):
    """A shelf."""

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
    items = (pick_of(one, shelf.slot, shelf.strategy, place) for place, one in enumerate(shelf.items))
    return Picks(tuple(items), shelf.note)


def pick_of(recommendation: Recommendation, slot: str, strategy: str, position: int) -> Pick:
    """The recommendation made ready for this place of this slot."""
    return Pick(
        recommendation.item_id,
        b',"score":%.4f,"reasons":%b}' % (recommendation.score, _encode(recommendation.reasons)),
        DecisionChoice(
            slot=slot,
            kind="item",
            id=recommendation.item_id,
            position=position,
            score=recommendation.score,
            strategy=strategy,
            reasons=recommendation.reasons,
        ),
    )
