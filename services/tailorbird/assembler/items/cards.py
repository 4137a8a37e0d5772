"""An item as pages show it: one piece of JSON, encoded once per item and not once per page."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

from tailorbird.assembler.wording.links import safe_url
from tailorbird.contracts.recommender import STOCK_IS_FRESH, Item, said_sensitive
from tailorbird.contracts.words import AttributeValue

__all__ = ["NO_DETAILS", "Card", "Cards", "DiscreetCards", "barcode_of", "card_of", "title_of"]

BARCODES = ("gtin", "ean", "upc", "barcode")
_DETAILS = frozenset({"rating", "ratings", "aisle", *BARCODES})
NO_DETAILS: Mapping[str, AttributeValue] = {}
"""One for all items without any: a dictionary each would take megabytes."""


FEW = 9
"""Units from which on it is said that something could sell out."""


class Card(Struct, frozen=True, gc=False):
    """What the assembler keeps of an item."""

    opening: bytes
    """`{"item_id":"1","title":"...","price":2.49,...` without the closing brace: score and reasons follow."""
    department: str
    category: str
    price: float | None
    article: bool
    shown: bool
    """False when it has no price or is out of stock."""
    sensitive: bool = False
    """It says much about who buys it: never shown to somebody merely because many like it."""
    body: str = ""
    """What an article says; shown on its own page only."""
    currency: str = ""
    details: Mapping[str, AttributeValue] = {}
    """Of its attributes those that some slot shows: rating, aisles; and its bar code."""
    stock: int | None = None
    stock_at: float = 0.0
    """When the stock was counted, seconds since 1970; 0: nobody knows."""

    def said(self, at: float) -> bytes:
        """`opening`, with `left` where few are left and that was counted lately: old news would be a lie by now."""
        if self.stock_at and self.stock and self.stock <= FEW and abs(at - self.stock_at) < STOCK_IS_FRESH:
            return b'%b,"left":%d' % (self.opening, self.stock)
        return self.opening

    def like(self, other: Card) -> bool:
        """Whether what is recommended would be the same: a price or a picture alone changes nothing about that."""
        return (self.shown, self.sensitive, self.article, self.department, self.category) == (
            other.shown,
            other.sensitive,
            other.article,
            other.department,
            other.category,
        )


Cards = Mapping[str, Card]


class DiscreetCards(Mapping[str, Card]):
    """The cards as an e-mail may show them, which lies open in an inbox: sensitive items are not there."""

    __slots__ = ("_cards",)

    def __init__(self, cards: Cards) -> None:
        self._cards = cards

    def __getitem__(self, item_id: str) -> Card:
        card = self._cards[item_id]
        if card.sensitive:
            raise KeyError(item_id)
        return card

    def __iter__(self) -> Iterator[str]:
        return (item_id for item_id, card in self._cards.items() if not card.sensitive)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Shown(Struct, kw_only=True, omit_defaults=True):
    """What stands in every payload has no default here; the rest only where there is something to say."""

    item_id: str
    title: str
    price: float | None = None
    currency: str = ""
    size: str = ""
    brand: str = ""
    department: str = ""
    category: str = ""
    url: str
    image_url: str
    summary: str = ""


_encode = msgspec.json.Encoder().encode


def card_of(item: Item) -> Card:
    """The card of this item. An article needs no price; a product without one is kept and not shown."""
    article = item.kind == "article"
    shown = _Shown(
        item_id=item.item_id,
        title=item.title,
        price=item.price,
        currency=item.currency if item.price is not None else "",
        size=item.size,
        brand=item.brand,
        department=item.department,
        category=item.category,
        url=_address(item.url),
        image_url=_address(item.image_url),
        summary=item.summary,
    )
    return Card(
        opening=_encode(shown)[:-1],
        department=item.department,
        category=item.category,
        price=item.price,
        article=article,
        shown=article or (item.price is not None and item.stock != 0),
        sensitive=said_sensitive(item.attributes.get("sensitive")),
        body=item.body if article else "",
        currency=sys.intern(shown.currency),
        details=_details(item.attributes) if item.attributes else NO_DETAILS,
        stock=item.stock,
        stock_at=item.stock_at if item.stock is not None else 0.0,
    )


def _address(url: str) -> str:
    """The address where nothing in it can run, else none: who takes the JSON puts it into a page as it is."""
    return url if safe_url(url) == url else ""


def barcode_of(card: Card) -> str:
    """The item's code, digits without zeros in front: scanners and catalogues differ in them. Empty: none is known."""
    for name in BARCODES:
        if code := card.details.get(name):
            return str(code).strip().lstrip("0")
    return ""


def title_of(card: Card) -> str:
    """The item's title."""
    told: dict[str, str] = msgspec.json.decode(card.opening + b"}")
    return told["title"]


def _details(attributes: Mapping[str, AttributeValue]) -> Mapping[str, AttributeValue]:
    found = {
        name: value
        for name, value in attributes.items()
        if (name in _DETAILS or name.startswith("aisle@")) and value is not None
    }
    return found or NO_DETAILS
