"""What items lack that pages, rules and recommendations go by."""

from __future__ import annotations

from msgspec import Struct

from tailorbird.assembler.items.cards import Cards

__all__ = ["Gaps", "gaps_of"]

EXAMPLES = 3


class Gaps(Struct, frozen=True):
    """How many products lack what."""

    products: int
    lacking: int
    """Those that lack anything of it."""
    without: dict[str, int]
    """`price`, `category`, `brand` -> how many have none."""
    examples: tuple[str, ...]
    """Ids of some that lack something."""


def gaps_of(cards: Cards) -> Gaps:
    """Looks through all cards; articles have neither price nor brand."""
    without = {"price": 0, "category": 0, "brand": 0}
    products = lacking = 0
    examples: list[str] = []
    # A copy of the list: items change while this runs beside the calls.
    for item_id, card in list(cards.items()):
        if card.article:
            continue
        products += 1
        lacks = {
            "price": card.price is None,
            "category": not card.category,
            # Of the JSON that pages show: what an item has not does not stand in it.
            "brand": b'"brand":' not in card.opening,
        }
        if any(lacks.values()):
            lacking += 1
            if len(examples) < EXAMPLES:
                examples.append(item_id)
        for name, missing in lacks.items():
            without[name] += missing
    return Gaps(products, lacking, without, tuple(examples))
