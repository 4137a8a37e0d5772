"""The one number that orders offers, as worked cases; and what is believed after so many customers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tailorbird.offers.deciding.blending import fit_of, prospect_of, scored, worth_of
from tailorbird.offers.documents.goal import DEFAULT, Goal
from tailorbird.offers.learning.beliefs import Beliefs, Cell, Prospect, Prospects, believed

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "blending.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_what_an_offer_scores(case: dict[str, Any]) -> None:
    goal = Goal(fit=case.get("fit", 1), learning=case.get("learning", 1), objectives=case.get("objectives", {}))
    prospect = Prospect(case["response"], case["net"])
    worth = worth_of(case["belief"], prospect, case.get("weight", 1), case.get("objective", ""), goal)
    assert worth == pytest.approx(case["worth"])
    assert scored(worth, fit_of(case["relevance"], goal), case.get("newness", 0)) == pytest.approx(case["score"])


def test_a_document_lets_expect_its_margin_less_its_cost() -> None:
    assert prospect_of(0.5, 12.0, 2.0, DEFAULT).net == 10.0
    assert prospect_of(0.5, None, None, DEFAULT).net == DEFAULT.usual_margin


def beliefs_of(cells: dict[str, Cell]) -> dict[str, Beliefs]:
    chance = np.random.Generator(np.random.Philox(3))
    return believed({"gift": cells}, {"gift": 0}, Prospects.of([Prospect(0.04, 15.0)]), DEFAULT, chance)


def test_who_would_buy_anyway_is_not_worth_an_offer() -> None:
    # Sure buyers redeem it every time and spend no more for it; others seldom do, but spend more than without.
    sure = Cell(
        made=1_000,
        taken=900,
        cost=1_800.0,
        margin=15_000.0,
        squares=260_000.0,
        kept=200,
        kept_margin=3_400.0,
        kept_squares=60_000.0,
    )
    others = Cell(
        made=1_000,
        taken=60,
        cost=120.0,
        margin=2_000.0,
        squares=40_000.0,
        kept=200,
        kept_margin=200.0,
        kept_squares=4_000.0,
    )
    beliefs = beliefs_of({"sure": sure, "others": others})
    assert {belief.basis[0] for persona, belief in beliefs.items() if persona} == {"increment"}
    assert beliefs["sure"].mean < 0 < beliefs["others"].mean


def test_until_enough_were_kept_from_it_an_offer_is_ranked_by_propensity() -> None:
    few = Cell(made=1_000, taken=900, margin=15_000.0, squares=260_000.0, kept=3, kept_margin=51.0, kept_squares=900.0)
    assert beliefs_of({"sure": few})["sure"].basis == ["propensity"]


def test_what_was_seen_often_is_believed_more_surely() -> None:
    little = beliefs_of({"gold": Cell(made=10, taken=1)})["gold"]
    much = beliefs_of({"gold": Cell(made=10_000, taken=1_000)})["gold"]
    assert much.draws.std() / much.mean < little.draws.std() / little.mean
    assert much.mean == pytest.approx(1.5, rel=0.1)
