"""Brands: the data names none, it has numbers of makers and the words National and Private.

So the demonstration invents a name for each maker, as it invents first names for customers: the same number, the same
name, everywhere. Where the data's type is itself a brand (COVERGIRL), that is the brand.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["PRIVATE_BRAND", "REAL_BRANDS", "maker_names"]

PRIVATE_BRAND = "Wren & Barley"
"""The shop's own brand: what the data calls Private."""

REAL_BRANDS = {
    "ALMAY": "Almay",
    "BARBIE": "Barbie",
    "BONNE BELL": "Bonne Bell",
    "CALGON": "Calgon",
    "COTY FRAGRANCES": "Coty",
    "COVERGIRL": "CoverGirl",
    "FISHER PRICE": "Fisher-Price",
    "HANES PANTIES": "Hanes",
    "HASBRO": "Hasbro",
    "HEALING GARDEN": "Healing Garden",
    "LEGGS": "L'eggs",
    "LEVI 550": "Levi's",
    "LOREAL COSMETICS": "L'Oréal",
    "MAX FACTOR": "Max Factor",
    "MAYBELLINE": "Maybelline",
    "MENS HANES UNDERWEAR": "Hanes",
    "MENS ACTIVEWEAR ADIDAS": "Adidas",
    "NERF ITEMS": "Nerf",
    "PHYSICANS FORMULA": "Physicians Formula",
    "REVLON": "Revlon",
    "REVLON FRAGRANCES": "Revlon",
    "SALLY HANSEN": "Sally Hansen",
    "WET N WILD": "Wet n Wild",
}
"""Types of the data that are brands."""

_FIRST = (
    "Alder", "Amber", "Ashby", "Aspen", "Auburn", "Barton", "Bay", "Birch", "Bluff", "Bramble", "Briar", "Bright",
    "Brook", "Cedar", "Chalk", "Clear", "Clover", "Copper", "Coral", "Cotter", "Crane", "Dale", "Dapple", "Dover",
    "Dunmore", "East", "Elder", "Elm", "Ember", "Fair", "Fallow", "Fen", "Fern", "Field", "Finch", "Flint", "Fox",
    "Garner", "Glen", "Golden", "Granary", "Green", "Grove", "Harbor", "Hart", "Haven", "Hazel", "Heath", "Heron",
    "High", "Holly", "Iron", "Ivy", "Juniper", "Kestrel", "Lark", "Laurel", "Linden", "Long", "Maple", "Marlow",
    "Meadow", "Mill", "Moss", "North", "Oak", "Orchard", "Otter", "Pebble", "Penn", "Pine", "Quarry", "Quill", "Raven",
    "Reed", "Ridge", "River", "Robin", "Rowan", "Rush", "Saffron", "Sage", "Shore", "Silver", "Slate", "Sorrel",
    "South", "Spring", "Stone", "Summer", "Swift", "Tansy", "Thistle", "Thorn", "Timber", "Vale", "Walnut", "West",
    "Willow", "Winter", "Yarrow",
)  # fmt: skip

_SECOND = (
    "Acre", "Bank", "Barn", "Bend", "Bridge", "Brothers", "Cottage", "Court", "Cove", "Creek", "Crest", "Cross", "Dell",
    "Farm", "Fields", "Ford", "Forge", "Gate", "Glade", "Grange", "Hall", "Harvest", "Hearth", "Hill", "Hollow",
    "House", "Isle", "Junction", "Kitchen", "Lake", "Landing", "Lane", "Ledge", "Lodge", "Manor", "Market", "Meadow",
    "Mill", "Park", "Pass", "Path", "Pier", "Place", "Plains", "Point", "Pond", "Quay", "Ranch", "Road", "Row", "Run",
    "Shore", "Spring", "Square", "Station", "Street", "Table", "Terrace", "Trail", "Valley", "View", "Village", "Way",
    "Wharf", "Wood", "Works", "Yard",
)  # fmt: skip


def maker_names(numbers: Iterable[int]) -> dict[int, str]:
    """A different invented name for each maker's number, in no order that a reader would notice."""
    pairs = len(_FIRST) * len(_SECOND)
    # 2,909 is prime and divides no such product, so the steps meet every pair once before one comes again.
    names: dict[int, str] = {}
    for place, number in enumerate(sorted(set(numbers))):
        at = (place * 2_909 + 17) % pairs
        first, second = _FIRST[at % len(_FIRST)], _SECOND[at // len(_FIRST)]
        again = place // pairs
        names[number] = f"{first} {second}" if first != second else f"{first} & Sons"
        if again:
            names[number] += f" {again + 1}"
    return names
