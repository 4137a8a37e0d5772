"""What profiles know of items: department, category, brand and price level, enough to say what somebody buys.

Somebody buys hundreds of items, and an answer waits for what they tell: so kinds have numbers, and the kinds of all
that was bought are found in one search among sorted ids.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, TypeAlias, cast

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tailorbird.contracts.recommender import said_sensitive
from tailorbird.profiles.person.packing import tight

__all__ = [
    "NO_ITEMS", "NO_LEVEL", "UNKNOWN", "Axis", "ItemKind", "Items", "Kinds", "Levels", "Numbers",
    "items_from_columns", "price_levels", "sensitive_items",
]  # fmt: skip

PRIVATE_BRANDS = frozenset({"private", "private label", "store brand", "own brand"})
PRIVATE_BRAND_SAID = '"private_brand":true'
"""How the catalogue writes the attribute: it is encoded without blanks."""
UNKNOWN = 0
"""Number of the kind of an item of which nothing is known."""
NO_LEVEL = 3

Numbers: TypeAlias = npt.NDArray[np.intp]
_Fields: TypeAlias = tuple[str, str, bool, str, int | None]
Levels: TypeAlias = Mapping[str, tuple[float, float]]
"""Category -> the prices that part its items into thirds."""


class ItemKind(Struct, frozen=True, eq=False):
    """What an item is. Shared by all items of the same kind and told apart by identity: counting them is quick."""

    department: str
    category: str
    private_brand: bool
    brand: str = ""
    level: int | None = None
    """Price against those of its category: 0 the cheapest third, 1 the middle, 2 the dearest; None: not known."""
    number: int = UNKNOWN


class Axis:
    """One side of every kind: the names there are, and by number of a kind the number of its name. Name 0 is none."""

    def __init__(self) -> None:
        self.names = [""]
        self._places = {"": 0}
        self._of_kinds = array("q")

    def add(self, name: str) -> None:
        place = self._places.setdefault(name, len(self.names))
        if place == len(self.names):
            self.names.append(name)
        self._of_kinds.append(place)

    def sums(self, kinds: Numbers, weights: npt.NDArray[Any]) -> tuple[list[str], npt.NDArray[Any]]:
        """(the names that these kinds have, what weighs in each), without what has none."""
        places = np.frombuffer(self._of_kinds, np.int64)[kinds]
        order = places.argsort(kind="stable")
        places = places[order]
        first = np.flatnonzero(np.concatenate((places[:1] > 0, places[1:] != places[:-1])))
        if not len(first):
            return [], weights[:0]
        return [self.names[place] for place in places[first].tolist()], np.add.reduceat(weights[order], first)


class Kinds:
    """Each kind once; those that were there stay, with their numbers."""

    def __init__(self) -> None:
        self._known: dict[_Fields, ItemKind] = {}
        self.departments, self.categories, self.brands = Axis(), Axis(), Axis()
        self._private, self._levels = array("q"), array("q")
        self._add("", "", False, "", None)  # Of items of which nothing is known.

    def of(self, *key: *_Fields) -> ItemKind:
        """The kind with these fields, a new one where there was none."""
        kind = self._known.get(key)
        if kind is None:
            kind = self._known[key] = ItemKind(*key, number=len(self._levels))
            self._add(*key)
        return kind

    def _add(self, department: str, category: str, private_brand: bool, brand: str, level: int | None) -> None:
        self.departments.add(department)
        self.categories.add(category)
        self.brands.add(brand)
        self._private.append(private_brand)
        self._levels.append(NO_LEVEL if level is None else level)

    def private(self, kinds: Numbers) -> npt.NDArray[np.bool_]:
        """Which of these kinds are private brands."""
        return np.frombuffer(self._private, np.int64)[kinds] > 0

    def levels(self, kinds: Numbers) -> Numbers:
        """Their price levels, `NO_LEVEL` where it is not known."""
        return np.frombuffer(self._levels, np.int64)[kinds]


class Items:
    """Item id -> kind. Sensitive items are not among them, unless a setting allows: they count for no trait."""

    def __init__(self, kinds: Kinds | None = None, by_id: Mapping[str, ItemKind] | None = None) -> None:
        """`by_id`: their kinds, out of `kinds`."""
        self.kinds = kinds or Kinds()
        self._by_id = dict(by_id or {})
        plain = {item: kind.number for item, kind in zip(map(tight, self._by_id), self._by_id.values(), strict=True)
                 if isinstance(item, int)}  # fmt: skip
        ids, numbers = np.array(list(plain), np.int64), np.array(list(plain.values()), np.int64)
        order = ids.argsort()
        # Ids that are plain numbers, ascending, and the numbers of their kinds.
        self._ids, self._numbers = ids[order], numbers[order]
        self._later: dict[int, int] = {}
        """Plain ids that came afterwards."""

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._by_id

    def get(self, item_id: str) -> ItemKind | None:
        return self._by_id.get(item_id)

    def put(self, item_id: str, kind: ItemKind | None) -> bool:
        """Whether that is news. `kind`: out of `kinds`; None: the item counts for nothing from now on."""
        if self._by_id.get(item_id) is kind:
            return False
        if kind is None:
            del self._by_id[item_id]
        else:
            self._by_id[sys.intern(item_id)] = kind
        item, number = tight(item_id), kind.number if kind is not None else UNKNOWN
        if isinstance(item, int):
            place = int(np.searchsorted(self._ids, item))
            if place < len(self._ids) and self._ids[place] == item:
                self._numbers[place] = number
            else:
                self._later[item] = number
        return True

    def numbers_of(self, items: Sequence[int | str]) -> Numbers:
        """The kinds of these items by number; plain ids are given as numbers."""
        try:
            wanted = np.frombuffer(array("q", cast("Sequence[int]", items)), np.int64)
        except TypeError:
            return np.array([self._number(item) for item in items], np.int64)
        if not len(self._ids):
            return np.array([self._later.get(item, UNKNOWN) for item in wanted.tolist()], np.int64)
        places = np.searchsorted(self._ids, wanted)
        places[places == len(self._ids)] = 0
        found = np.where(self._ids[places] == wanted, self._numbers[places], UNKNOWN)
        if self._later:
            for place in np.flatnonzero(found == UNKNOWN).tolist():
                found[place] = self._later.get(int(wanted[place]), UNKNOWN)
        return found

    def _number(self, item: int | str) -> int:
        kind = self._by_id.get(str(item))
        return kind.number if kind is not None else UNKNOWN


NO_ITEMS = Items()


def items_from_columns(  # noqa: PLR0917 - a column each
    item_ids: Iterable[str],
    departments: Iterable[Any],
    categories: Iterable[Any],
    brands: Iterable[Any],
    attributes: Iterable[Any],
    prices: Iterable[Any] = (),
    levels: Levels | None = None,
    kinds: Kinds | None = None,
) -> Items:
    """Items of columns of the catalogue. `kinds`: those there are, to which new ones are added.

    `attributes`: JSON text. A private brand is one that is called so, or whose items say `"private_brand": true`.
    `prices`: none, or one for each item; `levels` of all items, see `price_levels`.
    """
    known = kinds or Kinds()
    found: dict[str, ItemKind] = {}
    columns = (item_ids, departments, categories, brands, attributes)
    costing = chain(prices, repeat(None))
    thirds = levels or {}
    for item_id, department, category, brand, further in zip(*columns, strict=True):
        price = next(costing)
        private = (brand or "").casefold() in PRIVATE_BRANDS or PRIVATE_BRAND_SAID in (further or "")
        part = thirds.get(category or "") if price is not None else None
        level = None if part is None else (price > part[0]) + (price > part[1])
        found[sys.intern(item_id)] = known.of(department or "", category or "", private, brand or "", level)
    return Items(known, found)


def sensitive_items(item_ids: Iterable[str], attributes: Iterable[Any]) -> set[str]:
    """The items whose attributes, as JSON text, say that they tell much about who buys them."""
    return {
        item_id
        for item_id, further in zip(item_ids, attributes, strict=True)
        if further and '"sensitive":' in further and said_sensitive(msgspec.json.decode(further).get("sensitive"))
    }


def price_levels(categories: Iterable[Any], prices: Iterable[Any]) -> dict[str, tuple[float, float]]:
    """Category -> prices that part its items into thirds; none of categories with fewer than three prices."""
    by_category: dict[str, list[float]] = {}
    for category, price in zip(categories, prices, strict=True):
        if category and price is not None:
            by_category.setdefault(category, []).append(price)
    found: dict[str, tuple[float, float]] = {}
    for category, some in by_category.items():
        if len(some) >= 3:
            ordered = sorted(some)
            found[category] = (ordered[len(ordered) // 3], ordered[2 * len(ordered) // 3])
    return found
