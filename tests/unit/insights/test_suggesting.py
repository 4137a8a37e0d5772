"""Rules out of data: what is so is found, what is not is not, and what is found can be edited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from tailorbird.contracts.reports import SampledPerson, SuggestionsQuery
from tailorbird.insights.answering.reporting import Reporting
from tailorbird.insights.reports.planned import plan_of
from tailorbird.insights.reports.suggesting import candidates, document_of, found_rules
from tailorbird.rules.document import check_rule
from tests.unit.insights.lab import NOON, Lab


def people(count: int, seed: int) -> list[dict[str, Any]]:
    random = np.random.default_rng(seed)
    return [
        {
            "history.orders": int(orders), "history.top_department": str(department), "customer.income": "150K+",
            "segments": ["premium"] if premium else [], "session.views": int(views),
        }
        for orders, department, premium, views in zip(
            random.poisson(6, count), random.choice(["Pets", "Bakery", "Fish"], count), random.random(count) < 0.2,
            random.poisson(3, count), strict=True,
        )
    ]  # fmt: skip


def test_what_sets_persons_apart_is_found_and_said_in_english() -> None:
    values = people(4_000, 1)
    random = np.random.default_rng(2)
    spent = random.gamma(1.0, 20.0, 4_000) * np.array([1.8 if "premium" in one["segments"] else 1.0 for one in values])
    found = found_rules(list(candidates(values)), spent, random.random(4_000) < 0.5, 0.05, 5)
    assert found[0].english == "segments include premium"
    assert 0.5 < (found[0].lift.value or 0.0) < 1.1
    assert (found[0].lift.low or 0.0) > 0.3
    assert check_rule(found[0].rule, "$.rule") == []
    assert b'"rule":{"field":"segments"' in document_of(found[0].rule, "Premium")


def test_two_conditions_are_joined_when_both_matter() -> None:
    values = people(6_000, 3)
    random = np.random.default_rng(4)
    both = np.array([one["history.top_department"] == "Pets" and one["history.orders"] >= 7 for one in values])
    found = found_rules(
        list(candidates(values)), random.gamma(1.0, 10.0, 6_000) * (1 + 3 * both), random.random(6_000) < 0.5, 0.05, 5
    )
    assert any("Pets" in one.english and "number of orders" in one.english for one in found)


def test_where_there_is_nothing_to_find_hardly_anything_is_found() -> None:
    found = 0
    for seed in range(12):
        values = people(1_500, seed)
        random = np.random.default_rng(100 + seed)
        spent = random.gamma(1.0, 20.0, 1_500)
        found += bool(found_rules(list(candidates(values)), spent, random.random(1_500) < 0.5, 0.05, 5))
    assert found <= 3


def test_traits_of_who_somebody_is_in_life_are_never_suggested() -> None:
    assert "customer.income" not in {name for one in candidates(people(500, 5)) for name in one.fields}


def test_an_experiments_document_tells_control_shares_and_factors() -> None:
    factors = [
        {"id": "headline", "levels": [{"id": "short"}, {"id": "long", "weight": 3.0}]},
        {"id": "colour", "levels": [{"id": "red"}, {"id": "green"}]},
    ]
    plan = plan_of({"factors": factors})
    assert plan.control == "short+red"
    assert plan.shares == {"short+red": 0.125, "short+green": 0.125, "long+red": 0.375, "long+green": 0.375}
    assert plan.factors["long+green"] == {"headline": "long", "colour": "green"}
    assert plan_of({}).shares == {}


@pytest.mark.anyio
async def test_before_visits_bring_anything_suggestions_say_who_spent_more(tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    sample = []
    for number in range(3_000):
        pets = bool(random.random() < 0.3)
        spent = float(random.gamma(2.0, 100.0) * (1.6 if pets else 1.0))
        attributes = {
            "history.spend_last_90_days": spent, "history.spend": spent * 4,
            "segments": ["rich"] if spent > 300 else [], "history.departments": ["Pets"] if pets else ["Bakery"],
        }  # fmt: skip
        sample.append(SampledPerson(person=f"p-{number}", attributes=msgspec.Raw(msgspec.json.encode(attributes))))
    reports = Reporting(Lab(tmp_path).measuring, lambda: NOON)
    found = await reports.suggestions(SuggestionsQuery(kind="segment", sample=tuple(sample)))
    assert [one.english for one in found.suggestions] == ["departments bought from include Pets"]
    assert "They spent" in found.suggestions[0].because
    assert found.suggestions[0].metric == "spend_per_person"
