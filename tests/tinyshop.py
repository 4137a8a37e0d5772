"""A shop small enough to know by heart: 60 items, 40 customers, 26 weeks of baskets with structure, always the same.

What the baskets hold, so that a test can say what must come out:
- each customer has three staples, bought again about every two weeks (`buy_again`), and one favourite department;
- who buys the first item of a pair in `GOES_WITH` mostly takes the second along (`complements`);
- `i-01` is bought by nearly everybody (`trending`, popularity); `i-60` is out of stock;
- `c-37` ... `c-40` came two weeks ago (newcomers); `c-01` spends most; `c-30` ... `c-36` buy at a discount.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

SEED = 7
WEEKS = 26
CUSTOMERS = tuple(f"c-{number:02}" for number in range(1, 41))
NEWCOMERS = CUSTOMERS[36:]
DEAL_SEEKERS = CUSTOMERS[29:36]
FIRST_NAMES = ("Ada", "Ben", "Cleo", "Dev", "Eva", "Finn", "Gia", "Hugo", "Ines", "Jon")
DEPARTMENTS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "Bakery": {
        "Bread": ("Rye Bread", "White Bread", "Baguette", "Bagels"),
        "Cakes": ("Carrot Cake", "Cheesecake", "Muffins", "Brownies"),
        "Baking": ("Wheat Flour", "Brown Sugar", "Dry Yeast", "Vanilla Sugar"),
    },
    "Dairy": {
        "Milk": ("Whole Milk", "Oat Milk", "Butter", "Cream"),
        "Cheese": ("Cheddar", "Gouda", "Feta", "Parmesan"),
        "Yogurt": ("Plain Yogurt", "Berry Yogurt", "Skyr", "Kefir"),
    },
    "Produce": {
        "Fruit": ("Bananas", "Apples", "Oranges", "Grapes"),
        "Vegetables": ("Tomatoes", "Carrots", "Spinach", "Onions"),
        "Herbs": ("Basil", "Parsley", "Mint", "Ginger"),
    },
    "Pantry": {
        "Pasta": ("Spaghetti", "Penne", "Tomato Sauce", "Pesto"),
        "Snacks": ("Tortilla Chips", "Salsa", "Salted Nuts", "Crackers"),
        "Drinks": ("Ground Coffee", "Green Tea", "Orange Juice", "Sparkling Water"),
    },
    "Household": {
        "Cleaning": ("Dish Soap", "Sponges", "Laundry Powder", "Bin Bags"),
        "Baby": ("Diapers", "Wet Wipes", "Baby Food", "Baby Shampoo"),
        "Pets": ("Cat Food", "Dog Food", "Cat Litter", "Dog Treats"),
    },
}
GOES_WITH = {"i-37": "i-39", "i-41": "i-42", "i-01": "i-15", "i-45": "i-13", "i-53": "i-54", "i-57": "i-59"}
OUT_OF_STOCK = "i-60"
OTHER_STORE = "s-2"
"""Where those shop who are fond of the last department; all others go to `s-1`."""
TRAITS = ("age", "income", "home_ownership", "marital_status", "household_size", "household_composition", "kids_count")
HOUSEHOLDS = (
    ("35-44", "75-99K", "Homeowner", "Married", "4", "2 Adults Kids", "2"),
    ("25-34", "35-49K", "Renter", "Unmarried", "1", "1 Adult No Kids", "0"),
    ("55-64", "50-74K", "Homeowner", "Married", "2", "2 Adults No Kids", "0"),
    ("19-24", "15-24K", "Renter", "Unmarried", "1", "1 Adult No Kids", "0"),
    ("45-54", "150-174K", "Homeowner", "Married", "2", "2 Adults No Kids", "0"),
)
"""Traits of customers in turn; every sixth customer is known by purchases only."""


class TinyShop(Struct, frozen=True):
    """The files of the shop, ready to load, and the moment at which its history ends."""

    folder: Path
    ends_at: datetime
    item_ids: tuple[str, ...]
    coupon_ids: tuple[str, ...]
    """Open now: the first four; the fifth is over, the sixth still to come."""
    article_ids: tuple[str, ...]
    bought: Mapping[str, frozenset[str]]
    """Customer -> every item they ever bought."""


def write_tiny_shop(folder: Path, ends_at: datetime | None = None) -> TinyShop:
    """The shop as load files in `folder`; the same for the same `ends_at` (the last full hour when not given)."""
    ends_at = ends_at or datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    folder.mkdir(parents=True, exist_ok=True)
    items = _items()
    lines = _interactions(items, ends_at)
    coupons = _coupons(ends_at)
    articles = _articles()
    _write_csv(folder / "items.csv", items)
    _write_csv(folder / "articles.csv", articles)
    _write_csv(folder / "customers.csv", _customers())
    pq.write_table(pa.Table.from_pylist(lines), folder / "interactions.parquet")
    _write_csv(folder / "offers.csv", coupons)
    _write_csv(folder / "audiences.csv", _audiences())
    _write_csv(folder / "loyalty_cards.csv", _loyalty_cards(ends_at))
    _write_csv(folder / "contacts.csv", _contacts(ends_at))
    _write_csv(folder / "responses.csv", _responses(coupons, ends_at))
    _write_csv(folder / "promotions.csv", _promotions(ends_at))
    return TinyShop(
        folder=folder,
        ends_at=ends_at,
        item_ids=tuple(item["item_id"] for item in items),
        coupon_ids=tuple(coupon["offer_id"] for coupon in coupons),
        article_ids=tuple(article["article_id"] for article in articles),
        bought={
            customer: frozenset(line["item_id"] for line in lines if line["customer_id"] == customer)
            for customer in CUSTOMERS
        },
    )


def _items() -> list[dict[str, Any]]:
    chance = random.Random(SEED)
    rows: list[dict[str, Any]] = []
    for department, categories in DEPARTMENTS.items():
        for category, titles in categories.items():
            for place, title in enumerate(titles):
                item_id = f"i-{len(rows) + 1:02}"
                rows.append(
                    {
                        "item_id": item_id,
                        "title": title,
                        "department": department,
                        "category": category,
                        "brand": "House" if place % 2 else "Golden Oak",
                        "size": "16 oz",
                        "price": f"{chance.uniform(1, 12):.2f}",
                        "stock": "0" if item_id == OUT_OF_STOCK else "",
                        "attr_organic": str(place == 0).lower(),
                    }
                )
    return rows


def _customers() -> list[dict[str, Any]]:
    rows = []
    for number, customer in enumerate(CUSTOMERS):
        household = HOUSEHOLDS[number % len(HOUSEHOLDS)] if number % 6 != 5 else ("",) * len(TRAITS)
        name = FIRST_NAMES[number % len(FIRST_NAMES)]
        rows.append(
            {
                "customer_id": customer,
                "first_name": name,
                "email": f"{name.lower()}.{number + 1}@example.com",
                **dict(zip(TRAITS, household, strict=True)),
            }
        )
    return rows


def _interactions(items: list[dict[str, Any]], ends_at: datetime) -> list[dict[str, Any]]:
    chance = random.Random(SEED + 1)
    prices = {item["item_id"]: float(item["price"]) for item in items}
    sold = [item_id for item_id in prices if item_id != OUT_OF_STOCK]
    departments = list(DEPARTMENTS)
    lines: list[dict[str, Any]] = []
    for number, customer in enumerate(CUSTOMERS):
        favourite = departments[number % len(departments)]
        liked = [item["item_id"] for item in items if item["department"] == favourite and item["item_id"] in sold]
        staples = chance.sample(liked, 3)
        for week in range(WEEKS - 2 if customer in NEWCOMERS else 0, WEEKS):
            for visit in range(3 if customer == "c-01" else 1):
                basket = {staple for staple in staples if (week + staples.index(staple)) % 2 == 0 or visit}
                basket |= set(chance.sample(liked, 2)) | {chance.choice(sold)}
                if chance.random() < 0.6:
                    basket.add("i-01")
                basket |= {other for item, other in GOES_WITH.items() if item in basket and chance.random() < 0.8}
                at = ends_at - timedelta(weeks=WEEKS - week) + timedelta(days=chance.randrange(7), hours=visit + 1)
                lines += _order(customer, f"o-{customer}-{week}-{visit}", at, sorted(basket), prices)
    return lines


def _order(
    customer: str, order: str, at: datetime, basket: list[str], prices: dict[str, float]
) -> list[dict[str, Any]]:
    quantity = 3 if customer == "c-01" else 1
    return [
        {
            "customer_id": customer,
            "item_id": item,
            "time": int(at.timestamp()),
            "kind": "purchase",
            "quantity": quantity,
            "value": round(prices[item] * quantity, 2),
            "order_id": order,
            "store_id": OTHER_STORE if CUSTOMERS.index(customer) % len(DEPARTMENTS) == 4 else "s-1",
            "discount": round(prices[item] * 0.3, 2) if customer in DEAL_SEEKERS else 0.0,
        }
        for item in basket
    ]


def _coupons(ends_at: datetime) -> list[dict[str, Any]]:
    departments = list(DEPARTMENTS)
    windows = [(-10, 20)] * 4 + [(-40, -10), (10, 40)]
    return [
        {
            "offer_id": f"coupon-{number}",
            "headline": f"{10 + number} % off {departments[(number - 1) % len(departments)]}",
            "kind": "coupon",
            "value": str(10 + number),
            "code": f"TINY{number}",
            "starts_at": (ends_at + timedelta(days=first)).isoformat(),
            "ends_at": (ends_at + timedelta(days=last)).isoformat(),
            "audience_id": f"audience-{number}",
            "item_ids": f"i-{number * 9:02}|i-{number * 9 + 1:02}",
            "priority": str(number),
        }
        for number, (first, last) in enumerate(windows, start=1)
    ]


def _audiences() -> list[dict[str, Any]]:
    """Every customer is in two audiences of six; the first ten in all of them."""
    return [
        {"audience_id": f"audience-{audience}", "customer_id": customer}
        for number, customer in enumerate(CUSTOMERS)
        for audience in range(1, 7)
        if number < 10 or audience in {number % 6 + 1, (number + 3) % 6 + 1}
    ]


def _loyalty_cards(ends_at: datetime) -> list[dict[str, Any]]:
    """The first twenty have a card: `c-01` ... `c-05` gold, then silver, then bronze."""
    return [
        {
            "loyalty_card": f"card-{number:02}",
            "customer_id": f"c-{number:02}",
            "level": ("gold", "silver", "bronze", "bronze")[(number - 1) // 5],
            "points": str(4_000 - 150 * number),
            "since": (ends_at - timedelta(days=900 + number)).isoformat(),
            "lapse_at": (ends_at + timedelta(days=30)).isoformat(),
            "updated_at": ends_at.isoformat(),
        }
        for number in range(1, 21)
    ]


def _contacts(ends_at: datetime) -> list[dict[str, Any]]:
    """Of `c-21` ... `c-24` two have an open ticket, and two one that was resolved yesterday."""
    return [
        {
            "customer_id": f"c-{number}",
            "time": (ends_at - timedelta(days=3)).isoformat(),
            "reason": "An item was missing",
            "ticket_id": f"T-{number}",
            "promised_at": (ends_at + timedelta(days=2)).isoformat(),
            "resolved_at": (ends_at - timedelta(days=1)).isoformat() if number > 22 else "",
        }
        for number in range(21, 25)
    ]


def _responses(coupons: list[dict[str, Any]], ends_at: datetime) -> list[dict[str, Any]]:
    kinds = ("redeemed", "clicked", "refused")
    return [
        {
            "customer_id": customer,
            "offer_id": coupons[number % 4]["offer_id"],
            "time": (ends_at - timedelta(days=8, hours=number)).isoformat(),
            "kind": kinds[number % 3],
        }
        for number, customer in enumerate(CUSTOMERS[20:32])
    ]


def _promotions(ends_at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "item_id": f"i-{number:02}",
            "starts_at": (ends_at - timedelta(days=3)).isoformat(),
            "ends_at": (ends_at + timedelta(days=4)).isoformat(),
            "store_id": "s-1",
            "display": "front of store" if number % 2 else "",
            "mailer": "" if number % 2 else "back page",
        }
        for number in range(5, 55, 10)
    ]


def _articles() -> list[dict[str, Any]]:
    topics = (
        ("Ten minute pasta", "Pasta"), ("Bread that stays fresh", "Bread"), ("A board of cheese", "Cheese"),
        ("Herbs on the window sill", "Herbs"), ("A better cup of coffee", "Drinks"), ("Fruit that ripens", "Fruit"),
        ("What a kitten eats", "Pets"), ("The first spoon of baby food", "Baby"),
    )  # fmt: skip
    return [
        {
            "article_id": f"a-{number}",
            "title": title,
            "summary": f"What we learned about {category.lower()} in a year of asking.",
            "body": f"Start with good {category.lower()}.\n\nThen take your time.",
            "categories": category,
        }
        for number, (title, category) in enumerate(topics, start=1)
    ]


def _write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
