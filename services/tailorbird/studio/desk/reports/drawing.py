"""Numbers as people read them, and intervals as lines on a common scale: what reports are drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from tailorbird.contracts.reports import CohortReport, Estimate, KpiReport
from tailorbird.studio.desk.wording import day_of

__all__ = ["Bar", "bars", "daily", "number", "said_of", "told"]

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
        # A space that no line ends at.
        if 0 < abs(value) < 0.0001:
            return f"{'-' if value < 0 else ''}<\u00a00.01\u00a0%"
        return f"{value * 100:.{1 if abs(value) >= 0.001 or value == 0 else 2}f}\u00a0%"
    if unit == "count":
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) < 1_000 else f"{value:,.0f}"


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


def said_of(report: CohortReport) -> str:
    """Who came back, in a sentence: of the latest cohort of which a whole further period is known."""
    found = next((one for one in report.cohorts if len(one.retained) > 1 and one.persons), None)
    if found is None:
        return f"Not enough time yet: the first customers bought less than a {report.period} ago."
    again, worth = found.retained[1], found.value[-1]
    return (
        f"Of the {found.persons:,} customers who first bought in the {report.period} from {day_of(found.began)}, "
        f"{told(again, 'share')} ordered again in the {report.period} after"
        f"{_between(again, 'share')}; each was worth {told(worth, 'money')} so far{_between(worth, 'money')}."
    )


def _between(one: Estimate, unit: str) -> str:
    if one.low is None or one.high is None:
        return ""
    return f" ({number(one.low, unit)} to {number(one.high, unit)})"
