"""Items chosen for this customer by a strategy; popular items stand in while none come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta

from tailorbird.assembler.gathering.picks import Pick, pick_of
from tailorbird.assembler.slots.base import Filling, Line, Moment, Openings, Slot, unless_certain
from tailorbird.contracts.insights import DecidedSlot
from tailorbird.contracts.recommender import Shelf
from tailorbird.contracts.wire import Problem

__all__ = ["POPULAR", "RecommendationsSlot", "decided", "spliced", "standing"]


class RecommendationsSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="recommendations"):
    """Asks the recommender for a shelf. Falls back to what many like, from the customer's own departments first."""

    strategy: Literal[
        "for_you", "similar", "complements", "buy_again", "trending", "new_in_your_categories"
    ] = "for_you"
    count: Annotated[int, Meta(ge=1, le=60)] = 8
    text: Line = ""
    """A line under the title."""
    around: Literal["item", "cart"] = "item"
    """What `similar` and `complements` start from: the page's item when it has one, or the cart."""
    without_cart: Literal["", "for_you", "buy_again", "trending"] = ""
    """Strategy to use instead while the cart is empty."""
    title_without_cart: Line = ""
    diverse: Annotated[float, Meta(ge=0, le=1)] = 0.0
    """How far the second item of a category steps back, the third twice as far; at 1 categories take turns."""
    explore: Annotated[float, Meta(ge=0, le=0.5)] = 0.0
    """The share of places that goes to items of which little is known yet; the decision holds how likely each was."""
    fallback_title: Line = "Popular right now"
    """What the slot is called when popular items stand in: "Buy again" would not be true of them."""

    def shown(self) -> dict[str, dict[str, Any]]:
        base = {"id": self.id, "type": self.type}
        no_cart = {"title": self.title_without_cart or self.title, "text": self.text, "strategy": self.without_cart}
        return {
            "usual": base | {"title": self.title, "text": self.text, "strategy": self.strategy},
            "without_cart": base | no_cart,
            "fallback": base | {"title": self.fallback_title, "strategy": "popular"},
        }

    def problems(self, path: str) -> list[Problem]:
        if self.title_without_cart and not self.without_cart:
            sentence = "This title is never said: name the strategy for an empty cart in `without_cart`."
            return [Problem(path=f"{path}.title_without_cart", sentence=sentence)]
        return []

    def shelf(self, moment: Moment) -> Shelf | None:
        around = moment.item_id if self.around == "item" else ""
        return Shelf(
            slot=self.id,
            strategy=self._strategy(moment),
            count=self.count,
            item_id=around,
            diverse=self.diverse,
            explore=self.explore,
        )

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        gathered = filling.gathered
        shelf = gathered.shelves.get(self.id)
        strategy = self._strategy(gathered.moment)
        if shelf is not None:
            items = spliced(shelf.items, self.id, strategy, filling)
            if items:
                way = "usual" if strategy == self.strategy else "without_cart"
                return b'%b,"items":[%b]}' % (openings.say(filling, way), items)
        reason = gathered.shelves_missing or (shelf.note if shelf else "") or "no item was recommended"
        filling.fell_back(self.id, f"Popular items stand in: {reason}")
        without = filling.taken | {gathered.moment.item_id}
        ids = gathered.popular.items(self.count, gathered.departments, without, gathered.cards)
        stand_ins = [pick_of(item_id, reasons=POPULAR) for item_id in ids]
        items = spliced(stand_ins, self.id, "popular", filling)
        return b'%b,"items":[%b]}' % (openings.say(filling, "fallback"), items)

    def _strategy(self, moment: Moment) -> str:
        return self.without_cart if self.without_cart and not moment.cart else self.strategy


POPULAR = ("Popular with other customers",)


def spliced(items: Iterable[Pick], slot: str, strategy: str, filling: Filling) -> bytes:
    """The items as JSON without the brackets; those already on the page, or that cannot be shown, are left out."""
    stand = standing(items, filling)
    if not stand:
        return b""
    decided(stand, slot, strategy, filling)
    cards, at = filling.gathered.cards, filling.gathered.moment.at
    return b",".join([cards[item.item_id].said(at) + item.closing for item in stand])


def standing(items: Iterable[Pick], filling: Filling) -> list[Pick]:
    """Those of the items that can be shown and do not stand on the page yet; from now on they do."""
    cards, taken = filling.gathered.cards, filling.taken
    most = filling.gathered.moment.most_items
    stand: list[Pick] = []
    for item in items:
        if most and len(stand) >= most:
            break
        item_id = item.item_id
        card = cards.get(item_id)
        if card is None or not card.shown or item_id in taken:
            continue
        taken.add(item_id)
        stand.append(item)
    return stand


def decided(stand: Sequence[Pick], slot: str, strategy: str, filling: Filling) -> None:
    """Say that these items stand in this slot."""
    if not stand:
        return
    filling.decided.append(
        DecidedSlot(
            slot=slot,
            kind="item",
            ids=tuple([item.item_id for item in stand]),
            scores=tuple([item.score for item in stand]),
            reasons=tuple([item.reasons for item in stand]),
            strategy=strategy,
            propensities=unless_certain([item.propensity for item in stand]),
        )
    )
