"""What other ways of choosing offers would have brought, beside what happened: from the logged probabilities."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from tailorbird.contracts.evidence import OffPolicyQuery, OffPolicyReport, PolicyValue
from tailorbird.contracts.reports import Estimate
from tailorbird.insights.facts.facts import Facts
from tailorbird.insights.reports.kpireport import SIMULATED_NOTE, is_simulated
from tailorbird.insights.reports.periods import period_of
from tailorbird.insights.statistics.comparing import mean, sample_of
from tailorbird.insights.statistics.offpolicy import evaluate

__all__ = ["off_policy_report"]

OFFERS_AT_MOST = 10
LEAST = 0.001
"""A logged probability under this would let one decision outweigh thousands: it counts as this."""
FEW = 100.0
LOOKED_AT = 250_000
"""Choices looked at; of more a sample of whole decisions, by a hash of their ids."""
ALL_HASHES = 2**64 - 1
_ASKED = "place = 0 and day between $first and $last and ($slot = '' or slot = $slot)"
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
    asked = {"first": period.first, "last": period.last, "slot": query.slot}
    [(count,)] = facts.rows(f"select count(*) from all_choices where {_ASKED}", asked)
    one_in = max(1, math.ceil(count / LOOKED_AT))
    found = facts.arrays(
        f"""
        with done as (
            select hash(decision_id) as decision {offer}, ({reward})::double as reward from all_outcomes
            where machine = 0 and kind = '{kind}' and decision_id != '' and hash(decision_id) <= $up_to::ubigint
            group by all
        )
        select choice.offer as offer, choice.persona as persona, choice.propensity as propensity,
            choice.person % 2 as half, coalesce(done.reward, 0) as reward
        from (select * from all_choices where {_ASKED} and decision <= $up_to::ubigint) as choice
            left join done using (decision {", offer" if offer else ""})
        """,
        {**asked, "up_to": ALL_HASHES // one_in},
    )
    logged = np.maximum(np.asarray(found["propensity"], dtype=float), LEAST)
    rewards = np.asarray(found["reward"], dtype=float)
    simulated = is_simulated(facts, period)
    notes = [SIMULATED_NOTE] if simulated else []
    if one_in > 1:
        notes.append(f"This looks at {len(logged):,} of {count:,} choices, taken by chance; the intervals say so.")
    certain = float((logged >= 1.0).mean()) if len(logged) else 0.0
    if certain > 0.5:
        notes.append(
            f"{certain:.0%} of these choices were certain: of what was never chosen nothing can be learned. Let "
            "`exploring` of the goal be above 0."
        )
    policies = tuple(_policies(found, rewards, logged, query.level)) if len(rewards) > 1 else ()
    if any(one.effective < FEW for one in policies):
        notes.append(f"An estimate with fewer than {FEW:.0f} effective decisions rests on few: do not act on it.")
    return OffPolicyReport(
        metric=query.metric,
        slot=query.slot,
        first_day=period.first_day,
        last_day=period.last_day,
        simulated=simulated,
        decisions=len(rewards),
        happened=mean(sample_of(rewards), query.level),
        policies=policies,
        conclusion=_conclusion(policies, mean(sample_of(rewards), query.level)),
        notes=tuple(notes),
    )


def _conclusion(policies: tuple[PolicyValue, ...], happened: Estimate) -> str:
    """What to try, by the estimates that rest on enough and lie above all that is likely of what happened."""
    if not policies or happened.high is None:
        return "Too few choices yet to compare ways of choosing."
    sure = [
        one
        for one in policies
        if one.effective >= FEW and one.self_normalised.low is not None and one.self_normalised.low > happened.high
    ]
    if not sure:
        return "No other way of choosing would surely have brought more than what happened."
    best = max(sure, key=lambda one: one.self_normalised.low or 0.0)
    return (
        f"'{best.policy}' would have brought more than what happened, as far as past choices tell. Try it as an "
        "experiment before believing it."
    )


def _policies(found: dict[str, Any], rewards: Any, logged: Any, level: float) -> Iterator[PolicyValue]:
    offers, offer = np.unique(np.asarray(found["offer"]).astype(str), return_inverse=True)
    personas, persona = np.unique(np.asarray(found["persona"]).astype(str), return_inverse=True)
    model = _model(rewards, offer, persona, len(offers), len(personas))
    chosen = model[persona, offer]
    often = np.argsort(-np.bincount(offer, minlength=len(offers)))[:OFFERS_AT_MOST]
    uniform = model.mean(axis=1)[persona]
    yield _value("at random", rewards, logged, np.full(len(rewards), 1.0 / len(offers)), chosen, uniform, level)
    for one in often.tolist():
        target = (offer == one).astype(float)
        yield _value(f"always {offers[one]}", rewards, logged, target, chosen, model[persona, one], level)
    # The best is sought with one half of the persons and evaluated on the other: else luck would look like skill.
    half = np.asarray(found["half"]).astype(bool)
    if half.any() and (~half).any():
        best = _model(rewards[half], offer[half], persona[half], len(offers), len(personas)).argmax(axis=1)
        rest = ~half
        target = (offer[rest] == best[persona[rest]]).astype(float)
        expected = model[persona[rest], best[persona[rest]]]
        yield _value("best by persona", rewards[rest], logged[rest], target, chosen[rest], expected, level)


def _model(rewards: Any, offer: Any, persona: Any, offers: int, personas: int) -> Any:
    """Mean reward by persona and offer, drawn towards the offer's own mean as by twenty more decisions."""
    cell = persona * offers + offer
    count = np.bincount(cell, minlength=offers * personas).reshape(personas, offers)
    total = np.bincount(cell, rewards, minlength=offers * personas).reshape(personas, offers)
    mean_of_offer = np.bincount(offer, rewards, minlength=offers) / np.maximum(np.bincount(offer, minlength=offers), 1)
    return (total + 20.0 * mean_of_offer) / (count + 20.0)


def _value(
    name: str, rewards: Any, logged: Any, target: Any, chosen: Any, expected: Any, level: float
) -> PolicyValue:
    found = evaluate(rewards, logged, target, chosen, expected, level)
    return PolicyValue(
        policy=name,
        inverse=found.inverse,
        self_normalised=found.self_normalised,
        doubly_robust=found.doubly_robust,
        effective=found.effective,
    )
