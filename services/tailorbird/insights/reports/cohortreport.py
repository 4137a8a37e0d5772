"""Retention and value by the period in which customers first bought."""

from __future__ import annotations

import math
from datetime import date, timedelta

from tailorbird.contracts.reports import Cohort, CohortReport, CohortsQuery, Estimate
from tailorbird.insights.facts.facts import Facts
from tailorbird.insights.reports.kpireport import SIMULATED_NOTE
from tailorbird.insights.reports.periods import day_name
from tailorbird.insights.statistics.comparing import Sample, mean
from tailorbird.insights.statistics.quantiles import normal

__all__ = ["cohort_report", "share"]

LEVEL = 0.05


def cohort_report(facts: Facts, query: CohortsQuery, now: float) -> CohortReport:
    """The latest cohorts first; each only as far as its periods have begun."""
    kept = ", ".join(f"count_if(orders_{k} > 0), avg(worth_{k}), var_samp(worth_{k})" for k in range(query.periods))
    per_person = ", ".join(
        f"count(*) filter (told.kind = 'order' and told.period = began + {k}) as orders_{k}, "
        f"coalesce(sum(told.revenue) filter (told.period <= began + {k}), 0) as worth_{k}"
        for k in range(query.periods)
    )
    rows = facts.rows(
        f"""
        with bought as (
            select person, kind, revenue, {_number(query.period)} as period from all_outcomes
            where machine = 0 and person != 0 and kind in ('order', 'refund')
        ), begun as (
            select person, min(period) as began from bought where kind = 'order' group by person
        ), people as (
            select begun.person, began, {per_person} from begun join bought as told using (person)
            group by begun.person, began
        )
        select began, count(*), {kept} from people group by began order by began desc limit {query.periods}
        """
    )
    current = _current(now, query.period)
    simulated = bool(facts.rows("select 1 from all_outcomes where simulated = 1 limit 1"))
    cohorts = []
    for began, persons, *found in rows:
        over = min(query.periods, current - began + 1)
        cohorts.append(
            Cohort(
                began=_day(began, query.period),
                persons=persons,
                retained=tuple(share(found[3 * k], persons) for k in range(over)),
                value=tuple(
                    mean(Sample(persons, found[3 * k + 1], found[3 * k + 2] or 0.0), LEVEL) for k in range(over)
                ),
            )
        )
    notes = (SIMULATED_NOTE,) if simulated else ()
    return CohortReport(period=query.period, simulated=simulated, cohorts=tuple(cohorts), notes=notes)


def share(count: int, of: int, level: float = LEVEL) -> Estimate:
    """A share with Wilson's interval (J. Am. Stat. Assoc. 22, 1927), which holds for few and for rare alike."""
    if of == 0:
        return Estimate()
    value, z = count / of, normal(level)
    below = 1.0 + z**2 / of
    middle = (value + z**2 / (2 * of)) / below
    half = z * math.sqrt(value * (1.0 - value) / of + z**2 / (4 * of**2)) / below
    return Estimate(value=value, low=max(0.0, middle - half), high=min(1.0, middle + half))


def _number(period: str) -> str:
    """SQL that numbers periods: months since 1970, or weeks from Monday."""
    if period == "week":
        return "((day + 3) // 7)"
    moment = "(date '1970-01-01' + day)"
    return f"(12 * (year({moment}) - 1970) + month({moment}) - 1)::integer"


def _current(now: float, period: str) -> int:
    today = date.fromisoformat(day_name(int(now // 86_400)))
    return (int(now // 86_400) + 3) // 7 if period == "week" else 12 * (today.year - 1970) + today.month - 1


def _day(number: int, period: str) -> str:
    if period == "week":
        return (date(1969, 12, 29) + timedelta(weeks=number)).isoformat()
    return date(1970 + number // 12, number % 12 + 1, 1).isoformat()
