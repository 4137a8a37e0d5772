"""The value matrix: for each segment and moment what is done, what it brought, and what could be."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace

from tailorbird.contracts.reports import Estimate, MatrixCell, ValueMatrix, ValueMatrixQuery
from tailorbird.insights.facts import cells
from tailorbird.insights.facts.facts import Facts
from tailorbird.insights.reports.holdoutreport import people_of
from tailorbird.insights.reports.kpireport import SIMULATED_NOTE, is_simulated
from tailorbird.insights.reports.kpis import estimate, kpi, quotient
from tailorbird.insights.reports.periods import Period, period_of
from tailorbird.insights.statistics.comparing import difference, sample_of

__all__ = ["value_matrix"]

BETWEEN = "\x1f"
DOING_AT_MOST = 6
COMMON = 0.2
"""Something is done for a segment where at least this share of its decisions holds it."""
FEWEST_VISITS = 30
MONTH = 30.0


def value_matrix(facts: Facts, query: ValueMatrixQuery, now: float) -> ValueMatrix:
    """Sorted by expected gain. Raises Fault(422) for days that are none."""
    period = period_of(query.first_day, query.last_day, now)
    sums = _sums(facts, period)
    doing = _doing(facts, period)
    brought, persons = _brought(facts, period, query.level)
    found = []
    for key, of_cell in sums.items():
        segment, _, moment = key.partition(BETWEEN)
        done, missing = _done(doing, segment, moment, float(of_cell["decisions"].sum()))
        found.append(
            MatrixCell(
                segment=segment,
                moment=moment,
                persons=persons.get(segment, 0),
                decisions=int(of_cell["decisions"].sum()),
                doing=done,
                missing=missing,
                brought=brought.get(segment, Estimate()),
                conversion=_kpi("conversion", of_cell, query.level),
                not_for_me=_kpi("not_for_me_rate", of_cell, query.level),
                complaints=_kpi("complaint_rate", of_cell, query.level),
                rating=_kpi("rating", of_cell, query.level),
                gain=_gain(sums, key, period, query.level),
                sentence="",
            )
        )
    ordered = sorted(found, key=lambda one: (-(one.gain.value or 0.0), one.segment, one.moment))
    simulated = is_simulated(facts, period)
    notes = [
        ("Gain: what a month of these visits would bring more, did they bring what those of the segment that answers "
        "best at this moment do. It compares different customers: try it as an experiment before believing it.")
    ]
    return ValueMatrix(
        first_day=period.first_day,
        last_day=period.last_day,
        simulated=simulated,
        cells=tuple(replace(one, sentence=_sentence(one)) for one in ordered),
        notes=tuple([SIMULATED_NOTE, *notes] if simulated else notes),
    )


def _sums(facts: Facts, period: Period) -> dict[str, dict[str, Any]]:
    """Segment and moment -> measure -> a sum for each group of persons."""
    summed = ", ".join(f"sum({name}) as {name}" for name in cells.MEASURES)
    found = facts.arrays(
        f"""
        select key, bucket, {summed} from all_cells
        where dimension = {cells.DIMENSIONS.index("matrix")} and day between $1 and $2 and credit in (0, 1)
            and split_part(key, chr(31), 2) != ''
        group by key, bucket order by key
        """,
        [period.first, period.last],
    )
    keys = np.asarray(found["key"]).astype(str)
    return {
        str(key): {name: np.asarray(found[name], dtype=float)[keys == key] for name in cells.MEASURES}
        for key in np.unique(keys)
    }


def _doing(facts: Facts, period: Period) -> dict[tuple[str, str], dict[str, float]]:
    """(segment, moment) -> what was decided there -> in how many decisions."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    rows = facts.rows(
        f"select key, sum(decisions) from all_cells where dimension = {cells.DIMENSIONS.index('doing')} "
        "and day between $1 and $2 group by key order by 2 desc",
        [period.first, period.last],
    )
    for key, decisions in rows:
        segment, moment, thing = key.split(BETWEEN)
        found.setdefault((segment, moment), {})[thing] = float(decisions)
    return found


def _done(
    doing: dict[tuple[str, str], dict[str, float]], segment: str, moment: str, decisions: float
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    own = doing.get((segment, moment), {})
    done = [thing for thing, count in own.items() if count >= COMMON * max(decisions, 1.0)]
    others: dict[str, None] = {}
    for (other, where), things in doing.items():
        if where == moment and other != segment:
            most = max(things.values())
            others |= dict.fromkeys(thing for thing, count in things.items() if count >= COMMON * most)
    missing = [thing for thing in others if thing not in own]
    return tuple(done[:DOING_AT_MOST]), tuple(missing[:DOING_AT_MOST])


def _brought(facts: Facts, period: Period, level: float) -> tuple[dict[str, Estimate], dict[str, int]]:
    """Segment -> revenue a person more than those of it who are held out; and how many persons it has."""
    people = people_of(facts, period, ", hash(met.segments) as belongs")
    segments = dict(facts.rows("select distinct hash(segments), segments from all_persons"))
    held, revenue = np.asarray(people["held_out"], dtype=bool), np.asarray(people["revenue"], dtype=float)
    together = np.asarray(people["belongs"])
    belongs: dict[str, Any] = {}
    for code in np.unique(together).tolist():
        here = together == code
        for segment in segments[code]:
            belongs[segment] = belongs[segment] | here if segment in belongs else here
    found = {
        segment: difference(sample_of(revenue[here & ~held]), sample_of(revenue[here & held]), level)[0]
        for segment, here in belongs.items()
    }
    return found, {segment: int(here.sum()) for segment, here in belongs.items()}


def _kpi(name: str, sums: dict[str, Any], level: float) -> Estimate:
    one = kpi(name)
    return estimate(one, sums, level) if one is not None else Estimate()


def _gain(sums: dict[str, dict[str, Any]], key: str, period: Period, level: float) -> Estimate:
    moment, visits = key.partition(BETWEEN)[2], float(sums[key]["visits"].sum())
    if visits < FEWEST_VISITS:
        return Estimate()
    here = quotient(sums[key]["revenue"], sums[key]["visits"], level)
    best = here
    for other, of_other in sums.items():
        if other.partition(BETWEEN)[2] == moment and float(of_other["visits"].sum()) >= FEWEST_VISITS:
            there = quotient(of_other["revenue"], of_other["visits"], level)
            best = there if (there.value or 0.0) > (best.value or 0.0) else best
    if here.value is None or best.value is None or here.high is None or best.low is None or best.high is None:
        return Estimate()
    monthly = visits * MONTH / period.days
    more = best.value - here.value
    # Both are unsure: their half intervals add up as independent ones do.
    half = ((here.high - here.value) ** 2 + (best.high - best.value) ** 2) ** 0.5
    return Estimate(value=more * monthly, low=(more - half) * monthly, high=(more + half) * monthly)


def _sentence(one: MatrixCell) -> str:
    done = f"They see {', '.join(one.doing)}" if one.doing else "Nothing is done for them in particular"
    brought = ""
    if one.brought.value is not None and one.brought.low is not None and one.brought.high is not None:
        sure = "" if one.brought.low > 0.0 or one.brought.high < 0.0 else ", which may be chance"
        brought = f"; it brought {one.brought.value:,.2f} a customer against who is held out{sure}"
    missing = f". Not done yet: {', '.join(one.missing)}" if one.missing else ""
    return f"{done}{brought}{missing}."
