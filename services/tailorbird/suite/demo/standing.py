"""What the shop's other systems would know of the households: loyalty cards and calls. All of it is made up.

The card's level and points follow from what a household spent in the year; who called, when and why is decided by the
household's number alone, so it is always the same.
"""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pyarrow as pa

from tailorbird.suite.demo.calendar import LAST_DAY, Shift
from tailorbird.suite.demo.households import chance_of
from tailorbird.suite.demo.source import Source

__all__ = ["contacts_table", "loyalty_table"]

_LEVELS = ((0.9, "gold"), (0.65, "silver"), (0.0, "bronze"))
"""Share of the households that spend less -> level."""
_HAVE_A_CARD = 85
"""Percent of the households that have a card."""
_CALLED = 9
"""Percent of the households that called in the last three weeks."""
_REASONS = (
    "An item was missing from my order",
    "My coupon was not taken at the till",
    "The delivery came late",
    "A refund has not arrived",
    "The fruit was not fresh",
)


def loyalty_table(source: Source, connection: duckdb.DuckDBPyConnection, shift: Shift) -> pa.Table:
    """One row a card: number, household, level, points, since when."""
    rows = connection.execute(
        "SELECT household_id, sum(sales_value), percent_rank() OVER (ORDER BY sum(sales_value)), "
        "count(DISTINCT basket_id) FROM read_parquet($transactions) GROUP BY household_id ORDER BY household_id",
        {"transactions": source.table("transactions")},
    ).fetchall()
    ends_at = shift.midnight(LAST_DAY)
    found = []
    for household, spend, rank, baskets in rows:
        chance = chance_of(household)
        if chance % 100 >= _HAVE_A_CARD:
            continue
        found.append(
            {
                "loyalty_card": f"60{household:06}{chance % 10_000:04}",
                "customer_id": str(household),
                "level": next(level for least, level in _LEVELS if rank >= least),
                "points": int(spend * 10) % 4_000,
                "segment": "every week" if baskets > 52 else "now and then",
                "since": ends_at - timedelta(days=400 + chance % 2_500),
                "lapse_at": ends_at + timedelta(days=30 + chance % 90),
                "updated_at": ends_at,
            }
        )
    return pa.Table.from_pylist(found, _CARDS)


def contacts_table(source: Source, connection: duckdb.DuckDBPyConnection, shift: Shift) -> pa.Table:
    """One row a call: most about a ticket, two thirds of which are resolved by now."""
    rows = connection.execute(
        "SELECT DISTINCT household_id FROM read_parquet($transactions) ORDER BY household_id",
        {"transactions": source.table("transactions")},
    ).fetchall()
    ends_at = shift.midnight(LAST_DAY)
    found = []
    for (household,) in rows:
        chance = chance_of(household) // 10_000
        if chance % 100 >= _CALLED:
            continue
        called_at = ends_at - timedelta(days=chance % 21, hours=4 + chance % 9)
        resolved_at = called_at + timedelta(days=1 + chance % 3)
        found.append(
            {
                "customer_id": str(household),
                "time": called_at,
                "channel": "contact_centre",
                "reason": _REASONS[chance % len(_REASONS)],
                "ticket_id": f"T-{household}",
                "promised_at": called_at + timedelta(days=5),
                "resolved_at": resolved_at if chance % 3 and resolved_at < ends_at else None,
            }
        )
    return pa.Table.from_pylist(found, _CONTACTS)


_TIME = pa.timestamp("s", tz="UTC")
_CARDS = pa.schema(
    [
        ("loyalty_card", pa.string()),
        ("customer_id", pa.string()),
        ("level", pa.string()),
        ("points", pa.float64()),
        ("segment", pa.string()),
        ("since", _TIME),
        ("lapse_at", _TIME),
        ("updated_at", _TIME),
    ]
)
_CONTACTS = pa.schema(
    [
        ("customer_id", pa.string()),
        ("time", _TIME),
        ("channel", pa.string()),
        ("reason", pa.string()),
        ("ticket_id", pa.string()),
        ("promised_at", _TIME),
        ("resolved_at", _TIME),
    ]
)
