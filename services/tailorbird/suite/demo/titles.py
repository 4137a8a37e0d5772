"""What a product is called: a readable name out of its type, category and size."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from tailorbird.suite.demo.sizes import readable_size
from tailorbird.suite.demo.words import readable

__all__ = ["Titles"]


class Titles:
    """Names after three tables: types by hand, types that mean something else on another shelf, and abbreviations.

    `types`: type -> name. `within`: category of the data -> type -> name, for types such as PREMIUM that say nothing
    alone. `words`: abbreviation -> written out, for whatever nobody named by hand.
    """

    def __init__(self, types: dict[str, str], within: dict[str, dict[str, str]], words: dict[str, str]) -> None:
        self._types = types
        self._within = within
        self._words = words

    @classmethod
    def of_the_demo(cls) -> Titles:
        names = files(__package__).joinpath("names")
        types = tomllib.loads(names.joinpath("types.toml").read_text(encoding="utf-8"))
        words = tomllib.loads(names.joinpath("words.toml").read_text(encoding="utf-8"))
        return cls(types["types"], types["within"], words["words"])

    def name(self, category: str, type_: str, shelf: str) -> str:
        """The product's name without its size; `shelf` (the shop's category) is the last resort."""
        if not type_:
            return shelf
        found = self._within.get(category, {}).get(type_) or self._types.get(type_)
        return found or readable(type_, self._words) or shelf

    def title(self, category: str, type_: str, size: str, shelf: str) -> str:
        """The product's title: `Shredded Cheese, 8 oz`."""
        name, measure = self.name(category, type_, shelf), readable_size(size)
        return name if not measure or _goes_without_saying(name, measure) else f"{name}, {measure}"


def _goes_without_saying(name: str, measure: str) -> bool:
    """Whether one is sold as one, or the name says the size already: `Soda, 2-Liter Bottle`."""
    return measure in ("1 ct", "1 pack", "1 piece") or any(
        word in name and measure == said for word, said in _SAID_BY_NAME.items()
    )


_SAID_BY_NAME = {"1-Liter": "1 L", "2-Liter": "2 L", "3-Liter": "3 L", "Pint": "1 pt", "Quart": "1 qt"}
