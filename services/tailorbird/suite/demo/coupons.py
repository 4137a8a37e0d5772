"""The coupons as `offers`: one a campaign and coupon, with its products, window, target households and likely value.

The data names no face value. What a coupon is worth is what customers were seen to save: the median of coupon
discounts on the day of a redemption, of that coupon, else of its kind of campaign. The small print says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import duckdb
import pyarrow as pa

from tailorbird.suite.demo.calendar import LOCAL_TIME, Shift
from tailorbird.suite.demo.headlines import Product, Saving, headline, small_print, what_is_covered
from tailorbird.suite.demo.source import Source

__all__ = ["offers_table"]

_COUPONS = """
    SELECT campaign_id, coupon_upc, campaign_type, start_date::DATE, end_date::DATE, list(DISTINCT product_id)
    FROM read_parquet($coupons) AS coupons JOIN read_parquet($descriptions) AS campaigns USING (campaign_id)
    GROUP BY ALL ORDER BY campaign_id, coupon_upc
"""

_SAVED = f"""
    SELECT campaign_id, coupon_upc, campaign_type, max(coupon_disc) AS saving
    FROM read_parquet($redemptions) AS r
    JOIN (SELECT DISTINCT campaign_id, coupon_upc, product_id FROM read_parquet($coupons)) AS c
        USING (campaign_id, coupon_upc)
    JOIN read_parquet($transactions) AS t ON t.household_id = r.household_id AND t.product_id = c.product_id
        AND coupon_disc > 0
        AND (transaction_timestamp - INTERVAL {LOCAL_TIME.seconds // 3600} HOUR)::DATE = redemption_date::DATE
    JOIN read_parquet($descriptions) AS campaigns USING (campaign_id)
    GROUP BY r.household_id, campaign_id, coupon_upc, campaign_type, redemption_date
"""


def offers_table(
    source: Source, connection: duckdb.DuckDBPyConnection, shift: Shift, items: pa.Table, names: Sequence[str]
) -> pa.Table:
    """One row a (campaign, coupon). `names`: the name of each item without its size, in the order of `items`.

    Products that the data does not know (16 of 116,204 pairs name one) are left out.
    """
    products = _products(source, connection, items, names)
    savings, by_kind = _savings(source, connection)
    columns: dict[str, list[object]] = {name: [] for name in _SCHEMA.names}
    parameters = {"coupons": source.table("coupons"), "descriptions": source.table("campaign_descriptions")}
    for campaign, coupon, kind, first, last, ids in connection.execute(_COUPONS, parameters).fetchall():
        known = [str(item) for item in sorted(ids) if str(item) in products]
        if not known:
            continue
        covered = what_is_covered([products[item] for item in known])
        saving = savings.get((campaign, coupon)) or Saving(by_kind[kind], 0)
        ends = shift.midnight(last)
        columns["offer_id"].append(f"coupon-{campaign}-{coupon}")
        columns["headline"].append(headline(covered, saving))
        columns["kind"].append("coupon")
        columns["value"].append(saving.amount)
        columns["text"].append(small_print(kind, len(known), saving, ends.date()))
        columns["code"].append(str(coupon))
        columns["starts_at"].append(shift.midnight(first))
        columns["ends_at"].append(ends + timedelta(days=1))
        columns["audience_id"].append(f"campaign-{campaign}")
        columns["campaign_id"].append(str(campaign))
        columns["item_ids"].append(known)
    return pa.table(columns, schema=_SCHEMA)


def _products(
    source: Source, connection: duckdb.DuckDBPyConnection, items: pa.Table, names: Sequence[str]
) -> dict[str, Product]:
    """What headlines need to know of every item, by id."""
    bought = dict(
        connection.execute(
            "SELECT product_id::VARCHAR, count(*) FROM read_parquet($transactions) GROUP BY ALL",
            {"transactions": source.table("transactions")},
        ).fetchall()
    )
    described = zip(
        items["item_id"].to_pylist(),
        names,
        items["brand"].to_pylist(),
        items["department"].to_pylist(),
        items["category"].to_pylist(),
        strict=True,
    )
    return {
        item: Product(name, brand, department, category, bought.get(item, 0))
        for item, name, brand, department, category in described
    }


def _savings(
    source: Source, connection: duckdb.DuckDBPyConnection
) -> tuple[dict[tuple[int, int], Saving], dict[str, float]]:
    """What redemptions saved: median of each coupon seen redeemed, and of each kind of campaign."""
    parameters = {
        "redemptions": source.table("coupon_redemptions"),
        "coupons": source.table("coupons"),
        "transactions": source.table("transactions"),
        "descriptions": source.table("campaign_descriptions"),
    }
    connection.execute(f"CREATE OR REPLACE TEMP TABLE saved AS {_SAVED}", parameters)
    of_coupons = connection.execute(
        "SELECT campaign_id, coupon_upc, round(median(saving), 2), count(*) FROM saved GROUP BY ALL"
    ).fetchall()
    of_kinds = connection.execute("SELECT campaign_type, round(median(saving), 2) FROM saved GROUP BY ALL").fetchall()
    return {(row[0], row[1]): Saving(row[2], row[3]) for row in of_coupons}, dict(of_kinds)


_TIME = pa.timestamp("us", tz="UTC")
_SCHEMA = pa.schema(
    [
        ("offer_id", pa.string()),
        ("headline", pa.string()),
        ("kind", pa.string()),
        ("value", pa.float64()),
        ("text", pa.string()),
        ("code", pa.string()),
        ("starts_at", _TIME),
        ("ends_at", _TIME),
        ("audience_id", pa.string()),
        ("campaign_id", pa.string()),
        ("item_ids", pa.list_(pa.string())),
    ]
)
