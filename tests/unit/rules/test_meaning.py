"""What rules mean, told as tables: cases/*.json, each decided plainly, by bits and by DuckDB."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from tailorbird.rules.attributes import CATALOGUE
from tailorbird.rules.bitset import RuleIndex
from tailorbird.rules.conditions import FAMILIES, OPERATORS
from tailorbird.rules.document import Rule, check_rule
from tailorbird.rules.english import english
from tailorbird.rules.normal import normal
from tailorbird.rules.plain import holds
from tailorbird.rules.sql import where

CASES = Path(__file__).parent / "cases"
MEANING: list[dict[str, Any]] = json.loads((CASES / "meaning.json").read_text())
MISTAKES: list[dict[str, Any]] = json.loads((CASES / "mistakes.json").read_text())
ENGLISH: list[dict[str, Any]] = json.loads((CASES / "english.json").read_text())
TYPES = {"text": "VARCHAR", "number": "DOUBLE", "yes_no": "BOOLEAN", "list": "VARCHAR[]", "time": "DOUBLE"}


def rule_of(document: Any) -> Rule:
    return msgspec.json.decode(msgspec.json.encode(document), type=Rule)


def counted(rule: Rule, values: dict[str, Any]) -> bool:
    """What DuckDB says of a table with this one row; a value of the wrong type can't stand in a typed column."""
    columns, row = [], []
    for attribute in [*CATALOGUE, CATALOGUE.find("customer.favourite_colour")]:
        if attribute is None:
            continue
        value = values.get(attribute.name)
        wrong = attribute.type == "number" and isinstance(value, (str, bool))
        wrong = wrong or (attribute.type == "yes_no" and not isinstance(value, bool))
        row.append(None if wrong else value)
        columns.append(f'CAST(? AS {TYPES[attribute.type]}) AS "{attribute.name}"')
    clause = where(normal(rule))
    query = f"SELECT count(*) FROM (SELECT {', '.join(columns)}) WHERE {clause.sql}"
    with duckdb.connect() as connection:
        found = connection.execute(query, [*row, *clause.parameters]).fetchone()
    return found == (1,)


@pytest.mark.parametrize("case", MEANING, ids=[case["says"] for case in MEANING])
def test_a_rule_means_the_same_decided_plainly_by_bits_and_by_sql(case: dict[str, Any]) -> None:
    rule = rule_of(case["rule"])
    assert check_rule(rule, "$.rule") == []
    node = normal(rule)
    index = RuleIndex([node])
    for values, outcome in [(v, True) for v in case["holds_for"]] + [(v, False) for v in case["not_for"]]:
        assert holds(node, values) is outcome, values
        assert index.matching(values) == int(outcome), values
        assert counted(rule, values) is outcome, values


@pytest.mark.parametrize("case", MISTAKES, ids=[case["says"] for case in MISTAKES])
def test_a_mistake_is_told_with_its_path_and_a_sentence(case: dict[str, Any]) -> None:
    problems = check_rule(rule_of(case["rule"]), "$.rule")
    assert [(problem.path, problem.sentence) for problem in problems] == [(case["path"], case["sentence"])]


@pytest.mark.parametrize("case", ENGLISH, ids=[case["english"] for case in ENGLISH])
def test_a_rule_reads_as_a_sentence(case: dict[str, Any]) -> None:
    assert english(normal(rule_of(case["rule"]))) == case["english"]


def test_every_operator_has_a_case() -> None:
    used: set[str] = set()
    pending = [case["rule"] for case in MEANING]
    while pending:
        rule = pending.pop()
        pending += rule.get("rules", [])
        used.add(rule.get("operator", ""))
    assert used - {""} == set(OPERATORS)


def test_every_family_speaks_sql_and_english_in_both_directions() -> None:
    for family in FAMILIES:
        assert len(set(family.operators)) == 2
        assert len(set(family.words)) == 2
        assert "test_sql" in vars(family)
        assert "test" in vars(family)
