"""Rules out of data: what is so is found, what is not is not, and what is found can be edited."""

from __future__ import annotations

from typing import Any

import numpy as np

from tailorbird.insights.reports.planned import plan_of
from tailorbird.insights.reports.suggesting import candidates, document_of, found_rules
from tailorbird.rules.document import check_rule


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
