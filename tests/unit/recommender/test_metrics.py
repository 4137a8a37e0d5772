"""Metrics count what anybody can count on fingers, and agree with ir-measures where hands do not suffice."""

from __future__ import annotations

import json
from pathlib import Path

import ir_measures
import numpy as np
import pytest

from tailorbird.recommender.evaluating.metrics import METRICS, hits_of

CASES = json.loads((Path(__file__).parent / "cases" / "metrics.json").read_text())
MEASURES = {
    "ndcg": ir_measures.nDCG @ 10,
    "recall": ir_measures.R @ 10,
    "hit_rate": ir_measures.Success @ 10,
    "precision": ir_measures.P @ 10,
    "average_precision": ir_measures.AP @ 10,
}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_metric_is_what_was_counted_by_hand(case: dict) -> None:
    hits, relevant = hits_of([case["listed"]], [set(case["came_true"])], case["k"])
    found = {name: float(metric(hits, relevant)[0]) for name, metric in METRICS.items()}
    assert found == pytest.approx(case["values"], abs=1e-4)


def test_every_metric_has_a_worked_case() -> None:
    assert all(set(case["values"]) == set(METRICS) for case in CASES)


@pytest.mark.parametrize("name", METRICS)
def test_metrics_agree_with_ir_measures(name: str) -> None:
    generator = np.random.default_rng(5)
    lists = [[f"i{item}" for item in generator.permutation(60)[:10]] for _ in range(50)]
    truths = [{f"i{item}" for item in generator.permutation(60)[: generator.integers(1, 30)]} for _ in range(50)]
    qrels = {f"q{line}": dict.fromkeys(truth, 1) for line, truth in enumerate(truths)}
    run = {f"q{line}": {item: 10.0 - place for place, item in enumerate(ranked)} for line, ranked in enumerate(lists)}
    wanted = {value.query_id: value.value for value in ir_measures.iter_calc([MEASURES[name]], qrels, run)}
    hits, relevant = hits_of(lists, truths, 10)
    found = METRICS[name](hits, relevant)
    assert found.tolist() == pytest.approx([wanted[f"q{line}"] for line in range(50)], abs=1e-6)
