"""What personalization brought: who is served as usual beside who is held out, person by person."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tailorbird.contracts.evidence import HoldoutQuery, HoldoutReport
from tailorbird.contracts.reports import Estimate
from tailorbird.insights.facts.facts import Facts
from tailorbird.insights.reports.concluding import ratio_of
from tailorbird.insights.reports.kpireport import SIMULATED_NOTE, is_simulated
from tailorbird.insights.reports.periods import Period, period_of
from tailorbird.insights.reports.personmetrics import margin_of
from tailorbird.insights.statistics.comparing import Sample, difference, mean, sample_of
from tailorbird.insights.statistics.sequential import always_valid

__all__ = ["holdout_report", "people_of"]

YEAR = 365.25
LONGEST_WAIT = 365
USUAL_REACH, REACH_OF_POWER = 1.96, 0.84
"""Standard deviations to the end of an interval of 95 %, and beyond it for a power of 80 %."""


def people_of(facts: Facts, period: Period, further: str = "") -> dict[str, Any]:
    """One entry for each person met until the period's end: held out or not, days met, and sums of what they did in
    it. `further` adds columns, as SQL that starts with a comma.
    """
    return facts.arrays(
        f"""
        with met as (
            select *, greatest(first_at, $begins) as since from all_persons where first_at < $ends
        ), told as (
            select person, kind, revenue, cost, {margin_of("bought", facts.margin_rate)} as margin, "at"
            from all_outcomes as bought
            where machine = 0 and person != 0 and "at" >= $begins and "at" < $ends
                and kind in ('order', 'refund', 'redemption')
        ), did as (
            -- Summed before the persons come in: most of them did nothing of it.
            select told.person as person, sum(told.revenue) filter (told.kind != 'redemption') as revenue,
                sum(told.margin) filter (told.kind != 'redemption') as margin,
                count(*) filter (told.kind = 'order') as orders,
                sum(told.cost) filter (told.kind = 'redemption') as cost
            from told join met on met.person = told.person and told."at" >= met.since group by told.person
        )
        select met.person as person, met.held_out as held_out, ($until - met.since) / 86400 as days,
            coalesce(did.revenue, 0) as revenue, coalesce(did.margin, 0) as margin, coalesce(did.orders, 0) as orders,
            coalesce(did.cost, 0) as cost {further}
        from met left join did on did.person = met.person
        """,
        {"begins": period.begins_at, "ends": period.ends_at, "until": min(period.ends_at, facts.latest())},
    )


def holdout_report(facts: Facts, query: HoldoutQuery, now: float) -> HoldoutReport:
    """Raises Fault(422) for days that are none."""
    period = period_of(query.first_day, query.last_day, now)
    people = people_of(facts, period)
    held = np.asarray(people["held_out"], dtype=bool)
    columns = {name: np.asarray(people[name], dtype=float) for name in ("revenue", "margin", "orders", "cost", "days")}
    treated = {name: sample_of(values[~held]) for name, values in columns.items()}
    control = {name: sample_of(values[held]) for name, values in columns.items()}
    count = treated["revenue"].count
    per_person, _ = difference(treated["revenue"], control["revenue"], query.level)
    margin = _times(difference(treated["margin"], control["margin"], query.level)[0], count)
    cost = count * (treated["cost"].mean - control["cost"].mean) if control["cost"].count else 0.0
    days = max(treated["days"].mean, 1.0) if count else 1.0
    simulated = is_simulated(facts, period)
    shares = {"held_out": query.share, "treated": 1.0 - query.share} if query.share else {}
    counted = {"treated": count, "held_out": control["revenue"].count}
    came = {name: persons for name, persons in counted.items() if persons or name in shares}
    return HoldoutReport(
        first_day=period.first_day,
        last_day=period.last_day,
        simulated=simulated,
        persons=count,
        held_out=control["revenue"].count,
        per_person={
            "treated": mean(treated["revenue"], query.level),
            "held_out": mean(control["revenue"], query.level),
            "difference": per_person,
        },
        incremental_orders=_times(difference(treated["orders"], control["orders"], query.level)[0], count),
        incremental_revenue=_times(per_person, count),
        incremental_margin=margin,
        cost=cost,
        return_on_investment=_return(margin, cost),
        sequential=_times(always_valid(treated["revenue"], control["revenue"], query.level), count),
        yearly_value=_times(per_person, YEAR / days),
        sample_ratio=ratio_of(came, shares or _as_they_came(came)),
        conclusion=_conclusion(per_person, margin, cost, control["revenue"], period.days),
        notes=tuple([SIMULATED_NOTE] if simulated else []),
    )


def _times(one: Estimate, factor: float) -> Estimate:
    return Estimate(
        value=None if one.value is None else one.value * factor,
        low=None if one.low is None else one.low * factor,
        high=None if one.high is None else one.high * factor,
    )


def _return(margin: Estimate, cost: float) -> Estimate:
    """(Margin - cost) / cost. What offers cost is known, so only the margin makes it unsure."""
    if cost <= 0.0 or margin.value is None:
        return Estimate()
    beyond = _times(margin, 1.0 / cost)
    return Estimate(
        value=margin.value / cost - 1.0,
        low=None if beyond.low is None else beyond.low - 1.0,
        high=None if beyond.high is None else beyond.high - 1.0,
    )


def _as_they_came(counted: dict[str, int]) -> dict[str, float]:
    """Where nobody says what share was meant, what came cannot be wrong."""
    total = sum(counted.values())
    return {name: count / total for name, count in counted.items() if count} if total else {}


def _how_long(per_person: Estimate, days: int) -> str:
    """How many days more it takes until a difference such as the one seen is told apart from nothing."""
    value, low, high = per_person.value or 0.0, per_person.low or 0.0, per_person.high or 0.0
    deviation = (high - low) / 2.0 / USUAL_REACH
    if deviation <= 0.0 or abs(value) < deviation / 4.0:
        return "The difference seen is next to none."
    more = max(1, math.ceil(days * ((USUAL_REACH + REACH_OF_POWER) * deviation / abs(value)) ** 2 - days))
    if more > LONGEST_WAIT:
        return "A difference as small as the one seen would take more than a year to be sure of."
    return f"Should the difference stay as it is, about {more} day{'s' if more > 1 else ''} more will tell."


def _conclusion(per_person: Estimate, margin: Estimate, cost: float, control: Sample, days: int) -> str:
    if control.count < 2:
        return (
            "Nobody is held out, so nothing can be said of what personalization brings: set the share of `holdout` to "
            "a few per cent."
        )
    if per_person.low is None or per_person.high is None or per_person.value is None:
        return "Not enough customers yet to compare."
    if per_person.low <= 0.0 <= per_person.high:
        return (
            f"Not enough data yet to tell what personalization brings: between {per_person.low:,.2f} and "
            f"{per_person.high:,.2f} of revenue for each customer, so it may be nothing. {_how_long(per_person, days)}"
        )
    word = "more" if per_person.value > 0 else "less"
    net = "" if margin.value is None else f" Its margin less what offers cost is {margin.value - cost:,.0f}."
    return f"Personalization brings {abs(per_person.value):,.2f} {word} revenue for each customer.{net}"
