"""What kind of thing each item is: its department, category and brand, so that an offer's scope can be told."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b

from msgspec import Struct

__all__ = ["NO_CLASS", "ItemClass", "Items"]


class ItemClass(Struct, frozen=True):
    """What many items have in common and a scope can name."""

    department: str = ""
    category: str = ""
    brand: str = ""


NO_CLASS = -1
"""Class number of an item that the catalogue does not hold."""


class Items:
    """Item id -> number of its class. Classes are numbered as they come and never forgotten."""

    def __init__(self) -> None:
        self._number_of: dict[ItemClass, int] = {}
        self._by_item: dict[str, int] = {}
        self._sum = 0
        self.classes: list[ItemClass] = []
        self.counts: list[int] = []
        """How many items each class has now."""

    def __len__(self) -> int:
        return len(self._by_item)

    def put(self, item_id: str, department: str, category: str, brand: str) -> bool:
        """Whether that changed the item's class."""
        kind = ItemClass(department, category, brand)
        number = self._number_of.get(kind)
        if number is None:
            number = self._number_of[kind] = len(self.classes)
            self.classes.append(kind)
            self.counts.append(0)
        before = self._by_item.get(item_id, NO_CLASS)
        if before == number:
            return False
        if before != NO_CLASS:
            self.counts[before] -= 1
            self._sum ^= _mark(item_id, self.classes[before])
        self._by_item[item_id] = number
        self.counts[number] += 1
        self._sum ^= _mark(item_id, kind)
        return True

    @property
    def ids(self) -> Collection[str]:
        """Of all items."""
        return self._by_item

    @property
    def name(self) -> str:
        """The same wherever the same items have the same classes, in whatever order they came."""
        return f"{self._sum:012x}"

    def class_of(self, item_id: str) -> int:
        """The number of the item's class, `NO_CLASS` when it is not known."""
        return self._by_item.get(item_id, NO_CLASS)

    def category_of(self, item_id: str) -> str:
        number = self._by_item.get(item_id, NO_CLASS)
        return "" if number == NO_CLASS else self.classes[number].category


def _mark(item_id: str, kind: ItemClass) -> int:
    told = f"{item_id}\0{kind.department}\0{kind.category}\0{kind.brand}"
    return int.from_bytes(blake2b(told.encode(), digest_size=6).digest(), "little")
