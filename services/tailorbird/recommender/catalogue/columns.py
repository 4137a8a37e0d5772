"""The catalogue in memory: every item at a position that never changes, what ranking needs of it in arrays.

Arrays are longer than the catalogue, so that an item can be added without making them anew; what lies beyond the last
item is not available.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate, repeat
from typing import Any, SupportsIndex

import numpy as np
from msgspec import Struct

from tailorbird.contracts.recommender import Item, said_sensitive
from tailorbird.recommender.arrays import Flags, Floats, Positions
from tailorbird.recommender.catalogue.documents import Documents

__all__ = ["MOST_STOCK", "NOTHING", "Readings", "Bulk", "Columns", "Named", "recommendable", "sensitive"]

SPARE = 1_024
NOTHING = -1
MOST_STOCK = 2_000_000_000


class Names:
    """Texts as small numbers: 0 is the empty text."""

    def __init__(self) -> None:
        self.texts = [""]
        self._codes = {"": 0}

    def code(self, text: str) -> int:
        found = self._codes.get(text)
        if found is None:
            found = self._codes[text] = len(self.texts)
            self.texts.append(text)
        return found

    def text(self, code: SupportsIndex) -> str:
        return self.texts[code]

    def find(self, text: str) -> int:
        """The text's number, -1 when no item has it."""
        return self._codes.get(text, NOTHING)


class Readings(Struct, frozen=True):
    """What there is to read, and what it is about."""

    positions: list[int]
    spans: list[slice]
    """Of each article its entries in `category`."""
    category: Positions
    """Codes of the categories, article by article; one that is about nothing has the empty category."""


class Named(Struct, frozen=True):
    """A text per item: `texts[codes[place]]`."""

    texts: list[str]
    codes: Positions


class Bulk(Struct, frozen=True, kw_only=True):
    """Many items at once, column by column."""

    item_ids: list[str]
    titles: list[str]
    documents: Documents
    available: Flags
    sensitive: Flags
    unnamed: Flags
    categories: Named
    departments: Named
    brands: Named
    prices: Floats
    """0 where there is none."""
    stocks: Positions
    """Units left, -1 where nobody counts."""
    about: dict[int, tuple[str, ...]]
    """Place of each article that may be shown -> the categories it is about."""


class Columns:
    """Items by position. `put` adds or replaces one; nothing is ever removed, only hidden."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.titles: list[str] = []
        self.documents = Documents()
        """Each item as JSON, as it was last put: small, and no work for the garbage collector."""
        self.position: dict[str, int] = {}
        self.categories = Names()
        self.departments = Names()
        self.brands = Names()
        self.changes = 0
        """Rises whenever an item is put."""
        self._about: dict[int, tuple[int, ...]] = {}
        self._articles: Readings | None = None
        self.hidden: Flags = np.ones(SPARE, np.bool_)
        """No product that may be shown to everybody: no price, out of stock, an article, or sensitive."""
        self.available: Flags = np.zeros(SPARE, np.bool_)
        """A product with a price that is in stock, sensitive or not."""
        self.sensitive: Flags = np.zeros(SPARE, np.bool_)
        self.unnamed: Flags = np.zeros(SPARE, np.bool_)
        """Kept and sold but no merchandise (fuel, a deposit): never a reason that a customer reads."""
        self.category: Positions = np.zeros(SPARE, np.int32)
        self.department: Positions = np.zeros(SPARE, np.int32)
        self.brand: Positions = np.zeros(SPARE, np.int32)
        self.price: Floats = np.zeros(SPARE, np.float32)
        self.stock: Positions = np.full(SPARE, NOTHING, np.int32)
        """Units left, -1 where nobody counts."""
        self._reserved: dict[int, Positions] = {}

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def capacity(self) -> int:
        return len(self.hidden)

    def put(self, item: Item, document: bytes) -> int:
        """The position of the item, new or as it was."""
        position = self.position.get(item.item_id, NOTHING)
        if position == NOTHING:
            position = self._added(item.item_id)
        self.titles[position] = item.title
        self.documents[position] = document
        attributes = item.attributes
        shown = recommendable(attributes) and item.stock != 0
        self.available[position] = shown and item.kind == "product" and item.price is not None
        self.sensitive[position] = sensitive(attributes)
        self.changes += 1
        self.unnamed[position] = not recommendable(attributes)
        self._reserved.clear()
        self.hidden[position] = self.sensitive[position] or not self.available[position]
        self.category[position] = self.categories.code(item.category)
        self.department[position] = self.departments.code(item.department)
        self.brand[position] = self.brands.code(item.brand)
        self.price[position] = item.price or 0.0
        self.stock[position] = NOTHING if item.stock is None else min(item.stock, MOST_STOCK)
        if item.kind == "article" or position in self._about:
            self._articles = None
            self._about.pop(position, None)
            if item.kind == "article" and shown:
                self._about[position] = tuple(self.categories.code(name) for name in item.categories)
        return position

    def fill(self, bulk: Bulk) -> None:
        """Takes over many items, where there is none yet: a hundred thousand in some milliseconds."""
        if self.ids:
            raise ValueError("only empty columns are filled")
        count = len(bulk.item_ids)
        self._grow(max(0, count + count // 8 - self.capacity))
        self.ids, self.titles, self.documents = bulk.item_ids, bulk.titles, bulk.documents
        self.position = dict(zip(self.ids, range(count), strict=True))
        self.available[:count] = bulk.available
        self.sensitive[:count] = bulk.sensitive
        self.unnamed[:count] = bulk.unnamed
        self.hidden[:count] = bulk.sensitive | ~bulk.available
        self.category[:count] = _coded(self.categories, bulk.categories)
        self.department[:count] = _coded(self.departments, bulk.departments)
        self.brand[:count] = _coded(self.brands, bulk.brands)
        self.price[:count] = bulk.prices
        self.stock[:count] = bulk.stocks
        self.changes += 1
        self._reserved.clear()
        self._articles = None
        self._about = {place: tuple(map(self.categories.code, about)) for place, about in bulk.about.items()}

    def articles(self) -> Readings:
        """What there is to read now."""
        if self._articles is None:
            positions = sorted(self._about)
            about = [self._about[place] or (0,) for place in positions]
            ends = list(accumulate(map(len, about)))
            self._articles = Readings(
                positions=positions,
                spans=[slice(end - len(codes), end) for end, codes in zip(ends, about, strict=True)],
                category=np.array([code for codes in about for code in codes], np.int32),
            )
        return self._articles

    def reserved(self, category: SupportsIndex) -> Positions:
        """Sensitive products of this category that may be shown to who has bought there."""
        code = int(category)
        found = self._reserved.get(code)
        if found is None:
            inside = self.sensitive & self.available & (self.category == code)
            found = self._reserved[code] = np.flatnonzero(inside).astype(np.int32)
        return found

    def positions(self, item_ids: Iterable[str]) -> Positions:
        """Where these items stand; -1 for an id that no item has."""
        get = self.position.get
        return np.array(list(map(get, item_ids, repeat(NOTHING))), np.int32)

    def category_name(self, position: int) -> str:
        """What the item's reader calls its group: the category, else the department, else nothing."""
        return self.categories.text(self.category[position]) or self.departments.text(self.department[position])

    def department_name(self, position: int) -> str:
        return self.departments.text(self.department[position]) or self.categories.text(self.category[position])

    def _added(self, item_id: str) -> int:
        position = len(self.ids)
        if position == self.capacity:
            self._grow(max(SPARE, self.capacity // 2))
        self.ids.append(item_id)
        self.titles.append("")
        self.documents.append(b"")
        self.position[item_id] = position
        return position

    def _grow(self, more: int) -> None:
        self.hidden = np.concatenate([self.hidden, np.ones(more, np.bool_)])
        self.available = np.concatenate([self.available, np.zeros(more, np.bool_)])
        self.sensitive = np.concatenate([self.sensitive, np.zeros(more, np.bool_)])
        self.unnamed = np.concatenate([self.unnamed, np.zeros(more, np.bool_)])
        self.category = np.concatenate([self.category, np.zeros(more, np.int32)])
        self.department = np.concatenate([self.department, np.zeros(more, np.int32)])
        self.brand = np.concatenate([self.brand, np.zeros(more, np.int32)])
        self.price = np.concatenate([self.price, np.zeros(more, np.float32)])
        self.stock = np.concatenate([self.stock, np.full(more, NOTHING, np.int32)])


def recommendable(attributes: Mapping[str, Any]) -> bool:
    """False for what is kept and sold but never recommended, as its attributes say."""
    return attributes.get("recommendable") is not False


def sensitive(attributes: Mapping[str, Any]) -> bool:
    """True for what tells much about who buys it, as its attributes say."""
    return said_sensitive(attributes.get("sensitive"))


def _coded(names: Names, column: Named) -> Positions:
    codes = np.array([names.code(text) for text in column.texts], np.int32)
    return codes[column.codes] if len(codes) else np.zeros(0, np.int32)
