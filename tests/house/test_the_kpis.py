"""Every KPI has one definition and a worked case that a marketer can follow."""

from __future__ import annotations

import json

from tailorbird.insights.facts.cells import MEASURES
from tailorbird.insights.reports.kpis import KPIS
from tests.house.tree import ROOT

CASES = ROOT / "tests" / "unit" / "insights" / "cases" / "kpis.json"


def test_every_kpi_has_a_worked_case() -> None:
    worked = {case["kpi"] for case in json.loads(CASES.read_text(encoding="utf-8"))["cases"]}
    assert worked == {one.name for one in KPIS}


def test_every_kpi_is_made_of_what_is_added_up() -> None:
    assert [one.name for one in KPIS if one.over not in MEASURES or one.by not in ("", *MEASURES)] == []


def test_every_kpi_says_what_it_means() -> None:
    assert [one.name for one in KPIS if not one.title or not one.sentence.endswith(".")] == []
