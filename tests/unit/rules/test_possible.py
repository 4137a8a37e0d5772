"""A rule that can never hold, or always does, is told: cases/possible.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailorbird.rules.document import Rule, check_rule
from tailorbird.rules.normal import normal
from tailorbird.rules.plain import holds
from tailorbird.rules.possible import always_holds, never_holds, notes_on
from tests.unit.rules.test_agreement import CALM, RULES, VALUES

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "possible.json").read_text())


def rule_of(case: dict[str, Any]) -> Rule:
    return msgspec.json.decode(msgspec.json.encode(case["rule"]), type=Rule)


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_what_is_said_of_a_rule(case: dict[str, Any]) -> None:
    rule = rule_of(case)
    assert check_rule(rule, "$.rule") == []
    node = normal(rule)
    assert (never_holds(node), always_holds(node)) == (case.get("never", False), case.get("always", False))
    told = [note.sentence for note in notes_on(rule, "$.rule")]
    assert any("never" in sentence for sentence in told) is case.get("never", False)


@CALM
@given(rule=RULES, customers=st.lists(VALUES, min_size=1, max_size=20))
def test_nobody_passes_what_never_holds_and_everybody_what_always_does(
    rule: Rule, customers: list[dict[str, Any]]
) -> None:
    node = normal(rule)
    passed = [holds(node, values) for values in customers]
    assert not (never_holds(node) and any(passed))
    assert not (always_holds(node) and not all(passed))
