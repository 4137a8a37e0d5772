"""What profiles know of items: department, category and brand of each, enough to say what somebody usually buys."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, MutableMapping
from typing import Any

from msgspec import Struct

from tailorbird.contracts.words import Bought

__all__ = ["ItemKind", "Items", "Kinds", "Tastes", "items_from_columns", "tastes_of"]

PRIVATE_BRANDS = frozenset({"private", "private label", "store brand", "own brand"})
PRIVATE_BRAND_SAID = '"private_brand":true'
"""How the catalogue writes the attribute: it is encoded without blanks."""


class ItemKind(Struct, frozen=True, eq=False):
    """What an item is. Shared by all items of the same kind and told apart by identity: counting them is quick."""

    department: str
    category: str
    private_brand: bool


Items = MutableMapping[str, ItemKind]
Kinds = dict[tuple[str, str, bool], ItemKind]
"""Each kind once, by its fields."""


class Tastes(Struct, frozen=True):
    """What a purchase history says when its items are known."""

    departments: tuple[str, ...] = ()
    """Most bought first."""
    top_category: str = ""
    private_brand_share: float | None = None


def items_from_columns(
    kinds: Kinds,
    item_ids: Iterable[str],
    departments: Iterable[Any],
    categories: Iterable[Any],
    brands: Iterable[Any],
    attributes: Iterable[Any],
) -> dict[str, ItemKind]:
    """Item id -> kind, of five columns of the catalogue. `kinds` are those there are; new ones are added.

    `attributes`: JSON text. A private brand is one that is called so, or whose items say `"private_brand": true`.
    """
    found: dict[str, ItemKind] = {}
    columns = (item_ids, departments, categories, brands, attributes)
    for item_id, department, category, brand, further in zip(*columns, strict=True):
        private = (brand or "").casefold() in PRIVATE_BRANDS or PRIVATE_BRAND_SAID in (further or "")
        key = (department or "", category or "", private)
        kind = kinds.get(key)
        if kind is None:
            kind = kinds[key] = ItemKind(*key)
        found[sys.intern(item_id)] = kind
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
