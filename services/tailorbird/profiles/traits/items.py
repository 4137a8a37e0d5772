"""What profiles know of items: department, category, brand and price level, enough to say what somebody buys."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, MutableMapping
from itertools import chain, repeat
from typing import Any

import msgspec
from msgspec import Struct

from tailorbird.contracts.recommender import said_sensitive
from tailorbird.contracts.words import Bought

__all__ = [
    "ItemKind",
    "Items",
    "Kinds",
    "Levels",
    "Tastes",
    "items_from_columns",
    "price_levels",
    "sensitive_items",
    "tastes_of",
]

PRIVATE_BRANDS = frozenset({"private", "private label", "store brand", "own brand"})
PRIVATE_BRAND_SAID = '"private_brand":true'
"""How the catalogue writes the attribute: it is encoded without blanks."""


class ItemKind(Struct, frozen=True, eq=False):
    """What an item is. Shared by all items of the same kind and told apart by identity: counting them is quick."""

    department: str
    category: str
    private_brand: bool
    brand: str = ""
    level: int | None = None
    """Price against those of its category: 0 the cheapest third, 1 the middle, 2 the dearest; None: not known."""


Items = MutableMapping[str, ItemKind]
"""Item id -> kind. Sensitive items are not among them, unless a setting allows: they count for no trait."""
Kinds = dict[tuple[str, str, bool, str, int | None], ItemKind]
"""Each kind once, by its fields."""
Levels = Mapping[str, tuple[float, float]]
"""Category -> the prices that part its items into thirds."""


class Tastes(Struct, frozen=True):
    """What a purchase history says when its items are known."""

    departments: tuple[str, ...] = ()
    """Most bought first."""
    top_category: str = ""
    private_brand_share: float | None = None


def items_from_columns(  # noqa: PLR0917 - a column each
    kinds: Kinds,
    item_ids: Iterable[str],
    departments: Iterable[Any],
    categories: Iterable[Any],
    brands: Iterable[Any],
    attributes: Iterable[Any],
    prices: Iterable[Any] = (),
    levels: Levels | None = None,
) -> dict[str, ItemKind]:
    """Item id -> kind, of columns of the catalogue. `kinds` are those there are; new ones are added.

    `attributes`: JSON text. A private brand is one that is called so, or whose items say `"private_brand": true`.
    `prices`: none, or one for each item; `levels` of all items, see `price_levels`.
    """
    found: dict[str, ItemKind] = {}
    columns = (item_ids, departments, categories, brands, attributes)
    costing = chain(prices, repeat(None))
    thirds = levels or {}
    for item_id, department, category, brand, further in zip(*columns, strict=True):
        price = next(costing)
        private = (brand or "").casefold() in PRIVATE_BRANDS or PRIVATE_BRAND_SAID in (further or "")
        part = thirds.get(category or "") if price is not None else None
        level = None if part is None else (price > part[0]) + (price > part[1])
        key = (department or "", category or "", private, brand or "", level)
        kind = kinds.get(key)
        if kind is None:
            kind = kinds[key] = ItemKind(*key)
        found[sys.intern(item_id)] = kind
    return found


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


def tastes_of(history: Iterable[Bought], items: Items) -> Tastes:
    """Departments, favourite category and share of private brands, each purchase of an item counted once an order."""
    times: dict[ItemKind | None, int] = {}
    kind_of, so_far = items.get, times.get
    for bought in history:
        kind = kind_of(bought.item_id)
        times[kind] = so_far(kind, 0) + bought.times
    known = [(kind, count) for kind, count in times.items() if kind is not None]
    if not known:
        return Tastes()
    departments: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    private = 0
    for kind, count in known:
        departments[kind.department] += count
        categories[kind.category] += count
        private += count if kind.private_brand else 0
    del departments[""], categories[""]
    return Tastes(
        departments=tuple(sorted(departments, key=lambda name: (-departments[name], name))),
        top_category=min(categories, key=lambda name: (-categories[name], name), default=""),
        private_brand_share=round(private / sum(count for _, count in known), 4),
    )
