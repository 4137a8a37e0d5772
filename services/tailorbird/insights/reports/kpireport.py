"""The report of KPIs: cells added up by key and group of persons, then each KPI's one definition."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from tailorbird.contracts.reports import KpiReport, KpiRow, KpisQuery
from tailorbird.insights.facts import cells
from tailorbird.insights.facts.facts import Facts
from tailorbird.insights.reports.kpis import KPIS, definitions, estimate
from tailorbird.insights.reports.periods import Period, day_name, period_of

__all__ = ["SIMULATED_NOTE", "is_simulated", "kpi_report"]

ROWS_AT_MOST = 2_000
SIMULATED_NOTE = "This counts simulated traffic: what it did was done by no customer."
_CREDITS = {"last_touch": 1, "linear": 2}


def kpi_report(facts: Facts, query: KpisQuery, now: float) -> KpiReport:
    """Rows of the most frequent keys first, days in their order. Raises Fault(422) for days that are none."""
    period = period_of(query.first_day, query.last_day, now)
    rows = list(_rows(facts, query, period))
    simulated = is_simulated(facts, period)
    notes = [SIMULATED_NOTE] if simulated else []
    if len(rows) > ROWS_AT_MOST:
        notes.append(f"These are the {ROWS_AT_MOST} most frequent of {len(rows)}.")
    if query.by in ("offer", "segment", "experiment", "strategy", "slot"):
        notes.append(f"A visit counts for each {query.by} in it: rows do not add up to all together.")
    [(unknown,)] = facts.rows(
        "select coalesce(sum(orders), 0) from all_uncredited where day between $1 and $2", [period.first, period.last]
    )
    return KpiReport(
        by=query.by,
        first_day=period.first_day,
        last_day=period.last_day,
        simulated=simulated,
        definitions=definitions(),
        rows=tuple(rows[:ROWS_AT_MOST]),
        orders_without_decision=int(unknown),
        notes=tuple(notes),
        at=now,
    )


def is_simulated(facts: Facts, period: Period) -> bool:
    """Whether anything in these days came of simulated traffic."""
    return bool(
        facts.rows(
            "select 1 from all_cells where simulated = 1 and dimension = $1 and day between $2 and $3 limit 1",
            [cells.DIMENSIONS.index("all"), period.first, period.last],
        )
    )


def _rows(facts: Facts, query: KpisQuery, period: Period) -> Iterator[KpiRow]:
    day = "day" if query.daily else "0"
    sums = ", ".join(f"sum({name}) as {name}" for name in cells.MEASURES)
    found = facts.arrays(
        f"""
        select key, {day} as day, bucket, {sums} from all_cells
        where dimension = $dimension and day between $first and $last and credit in (0, $credit)
            and ($key = '' or key = $key)
        group by all order by key, day
        """,
        {
            "dimension": cells.DIMENSIONS.index(query.by), "first": period.first, "last": period.last,
            "credit": _CREDITS[query.credit], "key": query.key,
        },
    )  # fmt: skip
    keys, days = np.asarray(found["key"]).astype(str), np.asarray(found["day"])
    if not len(keys):
        return
    change = np.flatnonzero((keys[1:] != keys[:-1]) | (days[1:] != days[:-1])) + 1
    ends = [0, *change.tolist(), len(keys)]
    parts = [slice(start, end) for start, end in itertools.pairwise(ends)]
    decisions = found["decisions"]
    if not query.daily:
        parts.sort(key=lambda part: -float(decisions[part].sum()))
    for part in parts:
        sums_of: dict[str, Any] = {name: np.asarray(found[name][part], dtype=float) for name in cells.MEASURES}
        yield KpiRow(
            key=str(keys[part.start]),
            day=day_name(int(days[part.start])) if query.daily else "",
            decisions=int(sums_of["decisions"].sum()),
            visits=int(sums_of["visits"].sum()),
            groups=part.stop - part.start,
            kpis={one.name: estimate(one, sums_of) for one in KPIS if not query.only or one.name in query.only},
        )
