"""What other ways of choosing offers would have brought, beside what happened: from the logged probabilities."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from msgspec import Struct

from tailorbird.contracts.evidence import OffPolicyQuery, OffPolicyReport, PolicyValue
from tailorbird.contracts.reports import Estimate
from tailorbird.insights.facts.facts import Facts
from tailorbird.insights.reports.kpireport import SIMULATED_NOTE, is_simulated
from tailorbird.insights.reports.periods import period_of
from tailorbird.insights.statistics.comparing import Sample, mean
from tailorbird.insights.statistics.offpolicy import Logged, evaluate_sums

__all__ = ["off_policy_report"]

OFFERS_AT_MOST = 10
LEAST = 0.001
"""A logged probability under this would let one decision outweigh thousands: it counts as this."""
FEW = 100.0
FEW_OF_ALL = 0.01
"""Of all decisions: what rests on less says more of a handful than of everybody."""
LOOKED_AT = 250_000
"""Choices looked at; of more a sample of whole decisions, by a hash of their ids."""
ALL_HASHES = 2**64 - 1
_ASKED = "place = 0 and day between $first and $last"
_REWARDS = {
    "click": ("click", "count(*) > 0"),
    "order": ("redemption", "count(*) > 0"),
    "revenue": ("order", "sum(revenue)"),
}


def off_policy_report(facts: Facts, query: OffPolicyQuery, now: float) -> OffPolicyReport:
    """For the first place of each slot of offers. Raises Fault(422) for days that are none."""
    period = period_of(query.first_day, query.last_day, now)
    kind, reward = _REWARDS[query.metric]
    offer = ", offer_id as offer" if query.metric != "revenue" else ""
    asked: dict[str, Any] = {"first": period.first, "last": period.last}
    wanted = _ASKED
    if query.slot:
        asked, wanted = {**asked, "slot": query.slot}, f"{_ASKED} and slot = $slot"
    [(count,)] = facts.rows(f"select count(*) from all_choices where {wanted}", asked)
    one_in = max(1, math.ceil(count / LOOKED_AT))
    cells = _Cells.of(
        facts.arrays(
            f"""
            with done as (
                select hash(decision_id) as decision {offer}, ({reward})::double as reward from all_outcomes
                where machine = 0 and kind = '{kind}' and decision_id != '' and hash(decision_id) <= $up_to::ubigint
                group by all
            ), logged as (
                select choice.offer, choice.persona, choice.person % 2 as half, coalesce(done.reward, 0) as reward,
                    1 / greatest(choice.propensity, {LEAST}) as weight, choice.propensity >= 1 as certain
                from (select * from all_choices where {wanted} and decision <= $up_to::ubigint) as choice
                    left join done using (decision {", offer" if offer else ""})
            )
            select offer, persona, half, count(*)::double as count, sum(reward) as total,
                sum(reward * reward) as squares, sum(weight) as inverse, sum(weight * weight) as inverse_squared,
                sum(reward * weight) as reward, sum(reward * weight * weight) as reward_by_squared,
                sum(reward * reward * weight * weight) as reward_squared, count(*) filter (certain)::double as certain
            from logged group by offer, persona, half order by offer, persona, half
            """,
            {**asked, "up_to": ALL_HASHES // one_in},
        )
    )
    simulated = is_simulated(facts, period)
    notes = [SIMULATED_NOTE] if simulated else []
    if one_in > 1:
        notes.append(f"This looks at {cells.all:,} of {count:,} choices, taken by chance; the intervals say so.")
    if cells.certain > 0.5:
        notes.append(
            f"{cells.certain * 100:.0f} % of these choices were certain: of what was never chosen nothing can be "
            "learned. Let `exploring` of the goal be above 0."
        )
    policies = tuple(_policies(cells, query.level)) if cells.all > 1 else ()
    happened = mean(cells.happened, query.level)
    enough = max(FEW, FEW_OF_ALL * cells.all)
    if any(one.effective < enough for one in policies):
        notes.append(f"An estimate with fewer than {enough:,.0f} effective decisions rests on few: do not act on it.")
    return OffPolicyReport(
        metric=query.metric,
        slot=query.slot,
        first_day=period.first_day,
        last_day=period.last_day,
        simulated=simulated,
        decisions=cells.all,
        happened=happened,
        policies=policies,
        conclusion=_conclusion(policies, happened, enough),
        notes=tuple(notes),
    )


def _conclusion(policies: tuple[PolicyValue, ...], happened: Estimate, enough: float) -> str:
    """What to try, by the estimates that rest on enough and lie above all that is likely of what happened."""
    if not policies or happened.high is None:
        return "Too few choices yet to compare ways of choosing."
    sure = [
        one
        for one in policies
        if one.effective >= enough and one.self_normalised.low is not None and one.self_normalised.low > happened.high
    ]
    if not sure:
        return "No other way of choosing would surely have brought more than what happened."
    best = max(sure, key=lambda one: one.self_normalised.low or 0.0)
    return (
        f"'{best.policy}' would have brought more than what happened, as far as past choices tell. Try it as an "
        "experiment before believing it."
    )


class _Cells(Struct, frozen=True):
    """The choices that were looked at, by offer, persona and half of the persons: what a way of choosing goes by."""

    offers: Any
    """Names; `offer` and `persona` are places in such lists."""
    offer: Any
    persona: Any
    half: Any
    count: Any
    total: Any
    """Rewards, as sums over each cell."""
    logged: Logged
    all: int
    certain: float
    happened: Sample

    @classmethod
    def of(cls, found: dict[str, Any]) -> _Cells:
        offers, offer = np.unique(np.asarray(found["offer"]).astype(str), return_inverse=True)
        _, persona = np.unique(np.asarray(found["persona"]).astype(str), return_inverse=True)
        sums = {name: np.asarray(found[name], dtype=float) for name in (*_SUMS, "total", "squares", "certain")}
        count = int(sums["count"].sum())
        average = float(sums["total"].sum()) / count if count else 0.0
        spread = max(0.0, float(sums["squares"].sum()) - count * average**2) / (count - 1) if count > 1 else 0.0
        return cls(
            offers=offers,
            offer=offer,
            persona=persona,
            half=np.asarray(found["half"]).astype(bool),
            count=sums["count"],
            total=sums["total"],
            logged=Logged(**{name: sums[name] for name in _SUMS}),
            all=count,
            certain=float(sums["certain"].sum()) / count if count else 0.0,
            happened=Sample(count, average, spread),
        )

    def model(self, part: Any) -> Any:
        """Mean reward by persona and offer, drawn towards the offer's own mean as by twenty more decisions."""
        offers, personas = len(self.offers), int(self.persona.max()) + 1
        cell, offer = (self.persona * offers + self.offer)[part], self.offer[part]
        count, total = (
            np.bincount(cell, sums[part], minlength=offers * personas).reshape(personas, offers)
            for sums in (self.count, self.total)
        )
        of_offer = np.bincount(offer, self.total[part], minlength=offers)
        mean_of_offer = of_offer / np.maximum(np.bincount(offer, self.count[part], minlength=offers), 1.0)
        return (total + 20.0 * mean_of_offer) / (count + 20.0)


_SUMS = ("count", "inverse", "inverse_squared", "reward", "reward_by_squared", "reward_squared")


def _policies(cells: _Cells, level: float) -> Iterator[PolicyValue]:
    every = np.ones(len(cells.count), dtype=bool)
    model = cells.model(every)
    chosen = model[cells.persona, cells.offer]
    often = np.argsort(-np.bincount(cells.offer, cells.count), kind="stable")[:OFFERS_AT_MOST]
    uniform = model.mean(axis=1)[cells.persona]
    yield _value("at random", cells, every, np.full(len(every), 1.0 / len(cells.offers)), chosen, uniform, level)
    for one in often.tolist():
        target = (cells.offer == one).astype(float)
        yield _value(f"always {cells.offers[one]}", cells, every, target, chosen, model[cells.persona, one], level)
    # The best is sought with one half of the persons and evaluated on the other: else luck would look like skill.
    if cells.half.any() and (~cells.half).any():
        best = cells.model(cells.half).argmax(axis=1)[cells.persona]
        target = (cells.offer == best).astype(float)
        expected = model[cells.persona, best]
        yield _value("best by persona", cells, ~cells.half, target, chosen, expected, level)


def _value(
    name: str, cells: _Cells, part: Any, target: Any, chosen: Any, expected: Any, level: float
) -> PolicyValue:
    logged = Logged(**{one: getattr(cells.logged, one)[part] for one in _SUMS})
    found = evaluate_sums(logged, target[part], chosen[part], expected[part], level)
    return PolicyValue(
        policy=name,
        inverse=found.inverse,
        self_normalised=found.self_normalised,
        doubly_robust=found.doubly_robust,
        effective=found.effective,
    )
