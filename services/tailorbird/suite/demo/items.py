"""The products as `items`: a readable title, a shelf, a price from what was paid, a brand, a tile to look at."""

from __future__ import annotations

from functools import lru_cache

import duckdb
import pyarrow as pa

from tailorbird.suite.demo.brands import PRIVATE_BRAND, REAL_BRANDS, maker_names
from tailorbird.suite.demo.shelves import Shelf, Shelves
from tailorbird.suite.demo.sizes import is_of_the_case, readable_size
from tailorbird.suite.demo.source import Source
from tailorbird.suite.demo.titles import Titles
from tailorbird.suite.demo.words import slug

__all__ = ["items_table", "tile"]

_PRODUCTS = """
    SELECT product_id, manufacturer_id, department, brand, coalesce(product_category, '') AS category,
           coalesce(product_type, '') AS type, coalesce(package_size, '') AS size, price
    FROM read_parquet($products)
    LEFT JOIN (
        SELECT product_id, round(median(sales_value / quantity), 2) AS price
        FROM read_parquet($transactions) WHERE quantity > 0 GROUP BY product_id
    ) USING (product_id)
    ORDER BY product_id
"""


def tile(shelf: Shelf, item_id: str) -> str:
    """Address of the drawing that stands for a product, as the data has no pictures: the studio draws it."""
    return f"/shop/tiles/{slug(shelf.department)}/{slug(shelf.category)}/{item_id}.svg"


def items_table(
    source: Source, connection: duckdb.DuckDBPyConnection, shelves: Shelves, titles: Titles
) -> tuple[pa.Table, list[str]]:
    """One row a product, and beside it each product's name without its size.

    `price` is the median of sales value per unit; what never sold, or only for nothing, has none. What is no
    merchandise (fuel, deposits, store charges) has stock 0, so that it is never shown, and
    says that it is not to be recommended, so that it is no reason either.
    """
    rows = connection.execute(
        _PRODUCTS, {"products": source.table("products"), "transactions": source.table("transactions")}
    ).fetchall()
    makers = maker_names(row[1] for row in rows)
    shelf_of = lru_cache(maxsize=None)(shelves.shelf)
    name_of = lru_cache(maxsize=None)(titles.name)
    title_of = lru_cache(maxsize=None)(titles.title)
    size_of = lru_cache(maxsize=None)(readable_size)
    columns: dict[str, list[object]] = {name: [] for name in _SCHEMA.names}
    names: list[str] = []
    for product, maker, department, brand, category, type_, size, price in rows:
        shelf = shelf_of(department, category)
        private = brand == "Private"
        loose = shelf.department == "Produce" and is_of_the_case(size_of(size), price)
        shown = "" if loose else size
        names.append(name_of(category, type_, shelf.category))
        columns["item_id"].append(str(product))
        columns["title"].append(title_of(category, type_, shown, shelf.category))
        columns["department"].append(shelf.department)
        columns["category"].append(shelf.category)
        columns["brand"].append(PRIVATE_BRAND if private else REAL_BRANDS.get(type_) or makers[maker])
        columns["size"].append(size_of(shown) or None)
        columns["price"].append(price or None)
        columns["currency"].append("USD")
        columns["stock"].append(_stock(product) if shelf.merchandise else 0)
        columns["url"].append(f"/shop/product/{product}")
        columns["image_url"].append(tile(shelf, str(product)))
        columns["attr_recommendable"].append(None if shelf.merchandise else False)
        columns["attr_private_brand"].append(private)
        columns["attr_manufacturer"].append(str(maker))
        columns["attr_sensitive"].append(bool(shelf.sensitive))
        columns["attr_sensitive_kind"].append(shelf.sensitive or None)
    return pa.table(columns, schema=_SCHEMA), names


def _stock(product: int) -> int | None:
    """Of most things there is enough and nobody counts; of a few there are only some left, always of the same ones."""
    return 2 + product % 7 if product % 23 == 0 else None


_SCHEMA = pa.schema(
    [
        ("item_id", pa.string()),
        ("title", pa.string()),
        ("department", pa.string()),
        ("category", pa.string()),
        ("brand", pa.string()),
        ("size", pa.string()),
        ("price", pa.float64()),
        ("currency", pa.string()),
        ("stock", pa.int64()),
        ("url", pa.string()),
        ("image_url", pa.string()),
        ("attr_recommendable", pa.bool_()),
        ("attr_private_brand", pa.bool_()),
        ("attr_manufacturer", pa.string()),
        ("attr_sensitive", pa.bool_()),
        ("attr_sensitive_kind", pa.string()),
    ]
)
