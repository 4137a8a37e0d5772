"""Each KPI on four groups of persons, worked out by hand; and that the intervals hold what they promise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tailorbird.insights.reports.kpis import KPIS, estimate, kpi, quotient

WORKED = json.loads((Path(__file__).parent / "cases" / "kpis.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", WORKED["cases"], ids=lambda case: case["kpi"])
def test_a_kpi_is_what_its_worked_case_says(case: dict[str, Any]) -> None:
    one = kpi(case["kpi"])
    assert one is not None
    sums = {name: np.array(values, dtype=float) for name, values in WORKED["four_groups_of_persons"].items()}
    found = estimate(one, sums)
    assert found.value == pytest.approx(case["value"], abs=1e-6)
    assert (found.low, found.high) == pytest.approx((case["low"], case["high"]), abs=1e-5)


def test_click_through_by_hand() -> None:
    # 4 clicks of 8 impressions; what is left of each group: 0, 0.5, -0.5, 0; 4/3 * 0.5 / 64 = 0.0104, its root 0.1021;
    # Student's quantile with 3 degrees of freedom is 3.182.
    found = quotient([1, 2, 0, 1], [2, 3, 1, 2])
    assert found.value == 0.5
    assert found.high == pytest.approx(0.5 + 3.1824 * 0.10206, abs=1e-3)


def test_nothing_is_divided_by_nothing() -> None:
    assert quotient([1.0, 2.0], [0.0, 0.0]).value is None
    alone = quotient([3.0], [6.0])
    assert (alone.value, alone.low) == (0.5, None)


def test_the_interval_holds_the_truth_as_often_as_it_says_though_visits_of_a_person_resemble_each_other() -> None:
    random = np.random.default_rng(7)
    held = naive = 0
    rounds = 400
    for _ in range(rounds):
        persons = 600
        visits = 1 + random.poisson(3.0, persons)
        keen = random.beta(0.4, 1.6, persons)
        orders = random.binomial(visits, keen)
        groups = random.integers(0, 256, persons)
        found = quotient(
            np.bincount(groups, orders, minlength=256).astype(float),
            np.bincount(groups, visits, minlength=256).astype(float),
        )
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.2 <= found.high
        share, all_visits = orders.sum() / visits.sum(), visits.sum()
        naive += abs(share - 0.2) <= 1.96 * (share * (1 - share) / all_visits) ** 0.5
    assert held / rounds > 0.92
    assert naive / rounds < 0.87, "as if visits were persons, intervals are too narrow"


def test_names_are_told_apart() -> None:
    assert len({one.name for one in KPIS}) == len(KPIS)
