"""What a coupon says: a headline from the products it covers, and small print that says how its value is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from msgspec import Struct

__all__ = ["Product", "Saving", "headline", "small_print", "what_is_covered"]

_SOURCES = {
    "Type A": "From your personal coupon book",
    "Type B": "From a coupon mailing sent to you",
    "Type C": "From a savings program that you were invited to",
}
"""How the three types of campaigns reach customers, after the data's own description of them."""

_MOST = 0.8
"""Share of what is bought under a coupon that a name must be true of."""


class Product(Struct, frozen=True):
    """What a headline needs to know of a product."""

    name: str
    brand: str
    department: str
    category: str
    weight: int
    """In how many purchase lines it was bought: a headline names what people will recognise."""


class Saving(Struct, frozen=True):
    """What a coupon was seen to be worth, and from how many redemptions; 0: taken from its kind of campaign."""

    amount: float
    seen: int


def what_is_covered(products: Sequence[Product]) -> str:
    """The narrowest name that is true of most of what is bought of these products: product, shelf or department."""
    names, categories, departments = Counter[str](), Counter[str](), Counter[str]()
    for product in products:
        names[product.name] += product.weight + 1
        categories[product.category] += product.weight + 1
        departments[product.department] += product.weight + 1
    name = _leading(names, 1) or _leading(categories, 1) or _leading(names, 2) or _leading(categories, 2)
    name = name or _leading(departments, 2) or "favorites from all over the store"
    brands = {product.brand for product in products}
    if len(brands) == 1:
        (brand,) = brands
        # A brand that the name already carries (CoverGirl Makeup) is not said twice.
        name = name if name.startswith(brand) else f"{brand} {name}"
    return name


def headline(covered: str, saving: Saving) -> str:
    """What the customer reads first. An amount stands in it only where this very coupon was seen redeemed."""
    return f"About ${saving.amount:.2f} off {covered}" if saving.seen else f"Coupon for {covered}"


def small_print(kind: str, covered_items: int, saving: Saving, until: date) -> str:
    """Where the coupon comes from, how long it holds, and how its value is known.

    `kind`: the type of its campaign. `until`: the last day on which it holds.
    """
    items = "1 product" if covered_items == 1 else f"{covered_items:,} products"
    source = _SOURCES.get(kind, "Part of a coupon campaign")
    times = "of 1 redemption" if saving.seen == 1 else f"of {saving.seen} redemptions"
    how = f"median {times} last year" if saving.seen else "median saving of such coupons last year"
    return (
        f"{source}, good for {items} until {until:%B} {until.day}, {until.year}. "
        f"Worth about ${saving.amount:.2f} ({how}); the checkout takes off the exact amount."
    )


def _leading(counts: Counter[str], most: int) -> str:
    """The first names joined when together they make up most of the whole, else empty."""
    first = counts.most_common(most)
    if len(first) < most or sum(count for _, count in first) < _MOST * counts.total():
        return ""
    return " and ".join(name for name, _ in first)
