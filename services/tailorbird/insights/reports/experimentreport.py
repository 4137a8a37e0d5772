"""The report of an experiment: persons where they were first, compared variant by variant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from tailorbird.contracts.evidence import (
    Arm,
    Audience,
    Comparison,
    Effect,
    ExperimentQuery,
    ExperimentReport,
    ExperimentSeen,
    ExperimentsSeen,
    Power,
    PowerQuery,
)
from tailorbird.contracts.reports import Estimate
from tailorbird.contracts.wire import Fault
from tailorbird.insights.facts.facts import Facts
from tailorbird.insights.reports.concluding import conclusion, power_sentence, ratio_of
from tailorbird.insights.reports.kpireport import SIMULATED_NOTE
from tailorbird.insights.reports.periods import day_name
from tailorbird.insights.reports.personmetrics import PERSON_METRICS, metric_of, summed
from tailorbird.insights.reports.planned import planned
from tailorbird.insights.statistics.adjusting import adjusted
from tailorbird.insights.statistics.comparing import Sample, difference, lift, mean, sample_of
from tailorbird.insights.statistics.factorial import contrasts
from tailorbird.insights.statistics.multiple import discovery, holm
from tailorbird.insights.statistics.planning import detectable, needed
from tailorbird.insights.statistics.sequential import always_valid, mixture_p_value

__all__ = ["experiment_report", "experiments_seen", "power_report"]

POWER = 0.8
FEWEST_OF_AN_AUDIENCE = 100
AUDIENCES_AT_MOST = 20
FACTORS = "+"
"""Joins the levels of a multivariate test's factors in the name of a variant."""


class Exposed(Struct, frozen=True):
    """One entry for each person: their variant, what is measured of them after and before, and who they are."""

    variant: Any
    value: Any
    before: Any
    groups: Any
    """Names of what each belongs to: their persona, their channel, or their segments."""


def experiments_seen(facts: Facts) -> ExperimentsSeen:
    """Every experiment that somebody was exposed to, the latest first."""
    rows = facts.rows(
        """
        select experiment, list_sort(list(distinct variant)), count(*), min("at"), max("at") from all_exposures
        group by experiment order by max("at") desc, experiment
        """
    )
    simulated = bool(facts.rows("select 1 from all_exposures where simulated = 1 limit 1"))
    return ExperimentsSeen(
        experiments=tuple(
            ExperimentSeen(
                experiment_id=name, variants=tuple(variants), persons=persons,
                first_day=day_name(int(first // 86_400)), last_day=day_name(int(last // 86_400)),
            )
            for name, variants, persons, first, last in rows
        ),
        simulated=simulated,
    )  # fmt: skip


def experiment_report(facts: Facts, query: ExperimentQuery, now: float) -> ExperimentReport:
    """Raises Fault(404) for an experiment that nobody was exposed to, Fault(422) for a metric that is none."""
    query = planned(query)
    metric = metric_of(query.metric)
    first, last, crossovers, simulated = _span(facts, query.experiment_id)
    exposed = _exposed(facts, query)
    names = sorted(set(exposed.variant.tolist()))
    samples = {name: sample_of(exposed.value[exposed.variant == name]) for name in names}
    usual = "control" if "control" in names else names[0]
    # A control that is planned and that nobody has seen yet leaves the others to be compared among themselves.
    unseen = query.control in query.shares and query.control not in names
    control = usual if unseen else query.control or usual
    if control not in names:
        raise Fault(422, f"Nobody was exposed to the variant '{control}'; there are {', '.join(names)}.")
    comparisons = _comparisons(exposed, samples, control, query.level)
    days = max((now - first) / 86_400.0, 1.0)
    power = _power(samples, control, query, days)
    ratio = ratio_of({name: one.count for name, one in samples.items()}, query.shares)
    notes = [SIMULATED_NOTE] if simulated else []
    if crossovers:
        notes.append(f"{crossovers} customers saw more than one variant; each counts where they were first.")
    if not ratio.fits:
        notes.append("Do not trust the differences before it is known why the shares of customers are off.")
    return ExperimentReport(
        experiment_id=query.experiment_id,
        metric=metric.definition,
        simulated=simulated,
        first_day=day_name(int(first // 86_400)),
        last_day=day_name(int(last // 86_400)),
        level=query.level,
        arms=tuple(
            Arm(variant_id=name, persons=one.count, value=mean(one, query.level)) for name, one in samples.items()
        ),
        comparisons=comparisons,
        sample_ratio=ratio,
        power=power,
        audiences=tuple(_audiences(exposed, query, control)),
        effects=_effects(samples, query),
        crossovers=crossovers,
        conclusion=conclusion(comparisons, metric.definition, power, ratio),
        notes=tuple(notes),
        metrics=tuple(one.definition for one in PERSON_METRICS),
    )


def power_report(facts: Facts, query: PowerQuery) -> Power:
    """Persons and days for an experiment that has not begun, from the persons of the last four weeks."""
    metric = metric_of(query.metric)
    if not 0.5 < query.power < 1.0 or not 0.0 < query.level < 0.5:
        raise Fault(422, "`power` is between 0.5 and 1, `level` between 0 and 0.5.")
    did = summed(metric, "met", "since", facts.margin_rate)
    page = "and exists (select 1 from all_outcomes as there where there.person = met.person and there.subject = $page)"
    found = facts.arrays(
        f"""
        with latest as (select max(first_at) as "at" from all_persons),
        met as (
            select person, greatest(first_at, (select "at" from latest) - 28 * 86400) as since from all_persons
        ), did as ({did})
        select coalesce(did.value, 0) as value from met left join did on did.person = met.person
        where true {page if query.page else ""}
        """,
        {"page": query.page} if query.page else {},
    )
    sample = sample_of(found["value"])
    persons = needed(
        sample.mean, sample.variance, query.smallest_effect, query.level, query.power, query.variants - 1
    )
    days = 28.0 * persons * query.variants / sample.count if persons and sample.count else None
    return Power(
        persons_needed=persons,
        days=days,
        smallest_effect=detectable(
            sample.mean, sample.variance, sample.count / query.variants, query.level, query.power
        ),
        sentence=power_sentence(persons, days, query.smallest_effect, metric.title, planned=True),
    )


def _span(facts: Facts, experiment_id: str) -> tuple[float, float, int, bool]:
    """First and last exposure, crossovers, and whether any of it was simulated."""
    [(first, last, crossovers, simulated)] = facts.rows(
        'select min("at"), max("at"), coalesce(count_if(crossover), 0), bool_or(simulated = 1) from all_exposures '
        "where experiment = $1",
        [experiment_id],
    )
    if first is None:
        raise Fault(404, f"Nobody has been exposed to an experiment '{experiment_id}' yet.")
    return float(first), float(last), int(crossovers), bool(simulated)


def _exposed(facts: Facts, query: ExperimentQuery) -> Exposed:
    did = summed(metric_of(query.metric), "exposed", "at", facts.margin_rate)
    group = {
        "": "''", "persona": "exposed.persona", "channel": "exposed.channel",
        "segment": "array_to_string(exposed.segments, chr(31))",
    }[query.audience]  # fmt: skip
    found = facts.arrays(
        f"""
        with exposed as (select * from all_exposures where experiment = $experiment), did as ({did})
        select exposed.variant as variant, {group} as named, coalesce(did.value, 0) as value,
            coalesce(did.before, 0) as before
        from exposed left join did on did.person = exposed.person order by exposed.person
        """,
        {"experiment": query.experiment_id},
    )
    return Exposed(
        np.asarray(found["variant"]).astype(str), np.asarray(found["value"], dtype=float),
        np.asarray(found["before"], dtype=float), np.asarray(found["named"]).astype(str),
    )  # fmt: skip


def _comparisons(
    exposed: Exposed, samples: Mapping[str, Sample], control: str, level: float
) -> tuple[Comparison, ...]:
    left, kept = adjusted(exposed.value, exposed.before)
    without = {name: sample_of(left[exposed.variant == name]) for name in samples}
    found = [
        _comparison(name, control, samples, without, kept, level) for name in samples if name != control
    ]
    known = [one.p_value for one in found if one.p_value is not None]
    corrected, discovered = iter(holm(known)), iter(discovery(known))
    return tuple(
        one
        if one.p_value is None
        else replace(one, p_corrected=next(corrected), p_discovery=next(discovered))
        for one in found
    )


def _comparison(
    name: str, control: str, samples: Mapping[str, Sample], without: Mapping[str, Sample], kept: float, level: float
) -> Comparison:
    treated, beside = samples[name], samples[control]
    fixed, p_value = difference(treated, beside, level)
    sequential = always_valid(treated, beside, level)
    return Comparison(
        variant_id=name,
        control=control,
        difference=fixed,
        sequential=sequential,
        adjusted=always_valid(without[name], without[control], level),
        lift=lift(treated, beside, level),
        p_value=p_value,
        p_corrected=None,
        p_sequential=mixture_p_value(treated, beside, level),
        p_discovery=None,
        variance_kept=kept,
        verdict=_verdict(sequential),
    )


def _verdict(one: Estimate) -> Any:
    if one.low is None or one.high is None:
        return "no_data"
    return "better" if one.low > 0.0 else "worse" if one.high < 0.0 else "open"


def _power(samples: Mapping[str, Sample], control: str, query: ExperimentQuery, days: float) -> Power:
    beside, title = samples[control], metric_of(query.metric).title
    fewest = min(one.count for one in samples.values())
    persons = needed(
        beside.mean, beside.variance, query.smallest_effect or 0.05, query.level, POWER, max(1, len(samples) - 1)
    )
    more = None if persons is None or not fewest else max(0.0, (persons / fewest - 1.0) * days)
    return Power(
        persons_needed=persons,
        days=more,
        smallest_effect=detectable(beside.mean, beside.variance, fewest, query.level, POWER),
        sentence=power_sentence(persons, more, query.smallest_effect or 0.05, title, planned=False),
    )


def _audiences(exposed: Exposed, query: ExperimentQuery, control: str) -> Iterator[Audience]:
    """Comparisons within each group that is large enough, corrected for their number."""
    if not query.audience:
        return
    belongs: dict[str, Any] = {}
    for name in np.unique(exposed.groups).tolist():
        here = exposed.groups == name
        for word in str(name).split("\x1f"):
            belongs[word] = belongs[word] | here if word in belongs else here
    largest = sorted((name for name in belongs if name), key=lambda name: -int(belongs[name].sum()))
    found: list[tuple[str, Comparison]] = []
    for name in largest[:AUDIENCES_AT_MOST]:
        part = Exposed(*(values[belongs[name]] for values in (
            exposed.variant, exposed.value, exposed.before, exposed.groups)))  # fmt: skip
        variants = sorted(set(part.variant.tolist()))
        samples = {variant: sample_of(part.value[part.variant == variant]) for variant in variants}
        if control in samples and min(one.count for one in samples.values()) >= FEWEST_OF_AN_AUDIENCE:
            found += [(name, one) for one in _comparisons(part, samples, control, query.level)]
    corrected = iter(holm([one.p_value for _, one in found if one.p_value is not None]))
    for name, one in found:
        again = one if one.p_value is None else replace(one, p_corrected=next(corrected))
        yield Audience(dimension=query.audience, key=name, comparison=again)


def _effects(samples: Mapping[str, Sample], query: ExperimentQuery) -> tuple[Effect, ...]:
    factors: Sequence[str]
    if query.factors:
        factors = list(dict.fromkeys(name for levels in query.factors.values() for name in levels))
        levels = {
            variant: tuple(given.get(name, "") for name in factors) for variant, given in query.factors.items()
        }
    else:
        levels = {name: tuple(name.split(FACTORS)) for name in samples}
        count = max(map(len, levels.values()))
        if count < 2 or any(len(one) != count for one in levels.values()):
            return ()
        factors = [f"factor {place + 1}" for place in range(count)]
    cells = {levels[name]: one for name, one in samples.items() if name in levels}
    if len(cells) < 3:
        return ()
    found = contrasts(cells, factors, query.level)
    return tuple(
        Effect(name=one.name, effect=one.effect, p_value=one.p_value, p_corrected=corrected)
        for one, corrected in zip(found, holm([one.p_value for one in found]), strict=True)
    )
