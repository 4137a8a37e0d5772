"""Numbers as people read them, and intervals as lines on a common scale: what reports are drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from tailorbird.contracts.reports import Estimate, KpiReport

__all__ = ["Bar", "bars", "daily", "told"]

WIDTH = 200.0


class Bar(Struct, frozen=True):
    """An interval on a line of 200: where it begins, ends, where its value and zero stand."""

    low: float
    high: float
    at: float
    zero: float | None
    flat: bool = False
    """There is a value and no interval."""


def told(estimate: Estimate | None, unit: str) -> str:
    """`12.3 %`, `4.56`, `1,234`; a dash where there is nothing."""
    if estimate is None or estimate.value is None:
        return "–"
    return number(estimate.value, unit)


def number(value: float, unit: str) -> str:
    """The value in its unit."""
    if unit == "share":
        return f"{value * 100:.1f} %" if abs(value) >= 0.001 or value == 0 else f"{value * 100:.2g} %"
    if unit == "count":
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) < 10_000 else f"{value:,.0f}"


def bars(estimates: Sequence[Estimate | None], *, zero: bool = False) -> list[Bar | None]:
    """Each estimate as a bar, all on one scale; None where there is nothing to draw. `zero`: it is on the scale."""
    ends = [end for one in estimates if one for end in (one.low, one.value, one.high) if end is not None]
    if zero:
        ends.append(0.0)
    if not ends:
        return [None] * len(estimates)
    least, most = min(ends), max(ends)
    room = (most - least) * 0.06 or abs(most) * 0.1 or 1.0
    least, most = least - room, most + room

    def place(value: float) -> float:
        return round((value - least) / (most - least) * WIDTH, 1)

    def bar(one: Estimate | None) -> Bar | None:
        if one is None or one.value is None:
            return None
        low, high = (one.value if end is None else end for end in (one.low, one.high))
        stands = place(0.0) if least <= 0.0 <= most else None
        return Bar(place(low), place(high), place(one.value), stands, one.low is None)

    return [bar(one) for one in estimates]


def daily(report: KpiReport, kpi: str) -> dict[str, list[Any]]:
    """Days with value, low and high of one KPI, for a plot."""
    rows = sorted((row for row in report.rows if row.day), key=lambda row: row.day)
    held: Iterable[tuple[str, Estimate]] = ((row.day, row.kpis.get(kpi, Estimate())) for row in rows)
    days, values, lows, highs = [], [], [], []
    for day, one in held:
        days.append(day)
        values.append(one.value)
        lows.append(one.low)
        highs.append(one.high)
    return {"days": days, "value": values, "low": lows, "high": highs}
