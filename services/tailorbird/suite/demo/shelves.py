"""On which shelf of the shop a product stands: department and category as customers know them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files

from msgspec import Struct

__all__ = ["SENSITIVE", "Shelf", "Shelves"]

SENSITIVE = {"Beer, Wine & Spirits": "alcohol", "Tobacco": "tobacco", "Baby": "baby", "Health": "health"}
"""Departments that say much about a person, and what. Their items carry `attr_sensitive`."""

SERVICES = "Services"
"""What passes the till but is no merchandise: fuel, coupons, deposits. Kept for the history, never shown."""


class Shelf(Struct, frozen=True):
    department: str
    category: str

    @property
    def sensitive(self) -> str:
        """`alcohol`, `tobacco`, `baby`, `health`, or nothing."""
        return SENSITIVE.get(self.department, "")

    @property
    def merchandise(self) -> bool:
        return self.department != SERVICES


class Shelves:
    """The data's department and category -> a shelf of the shop, after `names/categories.toml`."""

    def __init__(self, table: dict[str, dict[str, str]]) -> None:
        self._shelves = {
            key: Shelf(department, name) for department, keys in table.items() for key, name in keys.items()
        }

    @classmethod
    def of_the_demo(cls) -> Shelves:
        text = files(__package__).joinpath("names/categories.toml").read_text(encoding="utf-8")
        return cls(tomllib.loads(text))

    def __iter__(self) -> Iterator[Shelf]:
        return iter(set(self._shelves.values()))

    def shelf(self, department: str, category: str) -> Shelf:
        """The shelf of this pair, else its department's default, else of services: never shown by mistake."""
        found = self._shelves.get(f"{department} / {category}") or self._shelves.get(f"{department} / *")
        return found or Shelf(SERVICES, "Store Services")
