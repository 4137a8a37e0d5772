"""Orders shared out among the decisions that their customers had touched, and added to the sums that reports read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from tailorbird.insights.arriving.columnar import table_of
from tailorbird.insights.facts import cells
from tailorbird.insights.facts.crediting import Order, Touch, credits_of, holds_recommended, window_of

__all__ = ["TOGETHER", "CreditRules", "share_out"]

TOGETHER = 5_000
UNLINKED = 900.0
"""Seconds for which an order waits to be told whose it was."""
LONGEST_WINDOW = 60 * 86_400.0

_CREDITS = pa.schema([("outcome", pa.int32()), ("touch", pa.int32()), ("last", pa.float64()), ("linear", pa.float64())])
_CROSSED = pa.schema([("outcome", pa.int32()), ("crossed", pa.int32())])


class CreditRules:
    """What an order is credited by."""

    def __init__(self, windows: Mapping[str, float], usual_window: float, margin_rate: float) -> None:
        self.window: Callable[[Touch], float] = window_of(windows, usual_window)
        self.margin_rate = margin_rate


def share_out(database: duckdb.DuckDBPyConnection, prefix: str, rules: CreditRules, now: float) -> int:
    """How many orders were credited: those whose person is known, and those that nobody will be told of any more.

    At most so many together; `prefix` is that of the tables they are taken from and written to.
    """
    everything = "all_outcomes" if prefix else "outcomes"
    links, credited = ("all_links", "all_credited") if prefix else ("links", "credited")
    database.execute(
        f"update {prefix}outcomes as told set person = linked.person from {links} as linked "
        "where told.person = 0 and told.kind in ('order', 'refund', 'redemption') and linked.order_id = told.id"
    )
    database.execute(
        f"""
        create or replace temp table to_credit as
        select row_number() over () - 1 as number, * from {prefix}outcomes as told
        where kind in ('order', 'refund', 'redemption') and machine = 0
            and (person != 0 or decision_id != '' or "at" < $late)
            and told.id not in (select id from {credited})
        order by "at" limit {TOGETHER}
        """,
        {"late": now - UNLINKED},
    )
    orders = database.execute(
        'select "at", bought, person, decision_id, offer_id from to_credit order by number'
    ).fetchall()
    if not orders:
        return 0
    database.execute(
        f"""
        create or replace temp table touched as
        select row_number() over () - 1 as number, * from {everything} as touch
        where kind in ('click', 'impression') and machine = 0 and decision_id != ''
            and "at" between (select min("at") from to_credit) - {LONGEST_WINDOW}
                and (select max("at") from to_credit)
            and (person in (select person from to_credit where person != 0)
                or decision_id in (select decision_id from to_credit where decision_id != ''))
        """
    )
    touches = database.execute(
        'select "at", decision_id, kind, subject, offer_id, item_id, person from touched order by number'
    ).fetchall()
    _shared(database, orders, touches, rules)
    _written(database, prefix, rules)
    return len(orders)


def _shared(
    database: duckdb.DuckDBPyConnection,
    orders: Sequence[tuple[Any, ...]],
    touches: Sequence[tuple[Any, ...]],
    rules: CreditRules,
) -> None:
    """Puts each order's shares beside what it is credited to, into the table `credits`."""
    by_person: dict[Any, list[Touch]] = {}
    by_decision: dict[Any, list[Touch]] = {}
    for number, (at, decision_id, kind, subject, offer_id, item_id, person) in enumerate(touches):
        touch = Touch(at, decision_id, kind == "click", subject, offer_id, item_id, number)
        by_decision.setdefault(decision_id, []).append(touch)
        if person:
            by_person.setdefault(person, []).append(touch)
    found: dict[str, list[Any]] = {"outcome": [], "touch": [], "last": [], "linear": []}
    crossed: list[int] = []
    for number, (at, bought, person, decision_id, offer_id) in enumerate(orders):
        order = Order(at, tuple(bought or ()), offer_id)
        theirs = by_person.get(person, []) if person else by_decision.get(decision_id, [])
        crossed.append(int(holds_recommended(order, theirs, rules.window)))
        for credit in credits_of(order, theirs, rules.window):
            found["outcome"].append(number)
            found["touch"].append(credit.touch.row)
            found["last"].append(credit.last)
            found["linear"].append(credit.linear)
    database.register("found_credits", table_of(found, _CREDITS))
    database.register(
        "found_crossed",
        table_of({"outcome": range(len(crossed)), "crossed": crossed}, _CROSSED),
    )
    database.execute(
        """
        create or replace temp table credits as
        select touched.about, touched.subject, touched.channel, touched.persona, touched.layout, touched.variant,
            touched.segments, touched.exposures, touched.slot, touched.strategy, touched.offer_id,
            to_credit.day, to_credit.simulated, to_credit.person, to_credit.kind, to_credit.revenue,
            to_credit.margin, to_credit.items, to_credit.cost, found_crossed.crossed, found_credits."last",
            found_credits."linear"
        from found_credits join to_credit on to_credit.number = found_credits.outcome
            join touched on touched.number = found_credits.touch
            join found_crossed on found_crossed.outcome = found_credits.outcome
        """
    )


def _written(database: duckdb.DuckDBPyConnection, prefix: str, rules: CreditRules) -> None:
    for statement in cells.of_credits("credits", f"{prefix}cells", rules.margin_rate):
        database.execute(statement)
    database.execute(f"insert into {prefix}credited select id from to_credit")
    database.execute(
        f"insert into {prefix}uncredited select day, count(*), simulated from to_credit where kind = 'order' "
        "and number not in (select outcome from found_credits) group by day, simulated"
    )
