"""Random rules and customers: deciding by bits and counting in DuckDB agree with deciding plainly."""

from __future__ import annotations

from typing import Any

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tailorbird.rules.bitset import MAXIMUM_ALTERNATIVES, RuleIndex, places
from tailorbird.rules.document import Rule, check_rule
from tailorbird.rules.normal import normal
from tailorbird.rules.plain import first_failure, holds
from tailorbird.rules.sql import where

TEXTS = st.sampled_from(["a", "b", "ab", "abc", "gold"])
NUMBERS = st.sampled_from([-1, 0, 1, 1.5, 2, 10])
COLUMNS = {
    "customer.age": "VARCHAR",
    "history.orders": "DOUBLE",
    "customer.registered": "BOOLEAN",
    "segments": "VARCHAR[]",
    "time.at": "DOUBLE",
}
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "customer.age": st.one_of(st.none(), st.just(""), TEXTS),
        "history.orders": st.one_of(st.none(), st.just(float("nan")), NUMBERS),
        "customer.registered": st.one_of(st.none(), st.booleans()),
        "segments": st.one_of(st.none(), st.lists(TEXTS, max_size=3)),
        "time.at": st.one_of(st.none(), NUMBERS),
    },
)


def condition(field: str, operators: list[str], value: st.SearchStrategy[Any]) -> st.SearchStrategy[Rule]:
    return st.builds(Rule, field=st.just(field), operator=st.sampled_from(operators), value=value)


CONDITIONS = st.one_of(
    condition("customer.age", ["=", "!=", "contains", "doesNotContain", "beginsWith", "endsWith"], TEXTS),
    condition("customer.age", ["in", "notIn"], st.lists(TEXTS, min_size=1, max_size=3).map(tuple)),
    condition("history.orders", ["=", "!=", "<", "<=", ">", ">="], NUMBERS),
    condition("time.at", ["between", "notBetween"], st.tuples(NUMBERS, NUMBERS).map(sorted).map(tuple)),
    condition("customer.registered", ["=", "!="], st.booleans()),
    condition("segments", ["contains", "doesNotContain"], TEXTS),
    condition(
        "segments", ["in", "notIn", "contains", "doesNotContain"], st.lists(TEXTS, min_size=1, max_size=3).map(tuple)
    ),
    condition("segments", ["null", "notNull"], st.none()),
    condition("history.orders", ["null", "notNull"], st.none()),
)
RULES = st.recursive(
    CONDITIONS,
    lambda inner: st.builds(
        Rule,
        combinator=st.sampled_from(["and", "or"]),
        negated=st.booleans(),
        rules=st.lists(inner, max_size=4).map(tuple),
    ),
    max_leaves=8,
)
CALM = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
"""The same examples at every run, on however slow a machine."""


@settings(CALM, max_examples=200)
@given(rules=st.lists(RULES, min_size=1, max_size=6), customers=st.lists(VALUES, min_size=1, max_size=5))
def test_bits_agree_with_deciding_plainly(rules: list[Rule], customers: list[dict[str, Any]]) -> None:
    assert [problem for rule in rules for problem in check_rule(rule, "$")] == []
    nodes = [normal(rule) for rule in rules]
    index = RuleIndex(nodes)
    for values in customers:
        wanted = [place for place, node in enumerate(nodes) if holds(node, values)]
        assert places(index.matching(values)) == wanted
        refused = [place for place, node in enumerate(nodes) if first_failure(node, values) is None]
        assert refused == wanted


@settings(CALM, max_examples=100)
@given(rules=st.lists(RULES, min_size=1, max_size=6), customer=VALUES, moments=st.lists(VALUES, min_size=1, max_size=4))
def test_what_is_remembered_of_a_customer_agrees_whatever_the_moment_says(
    rules: list[Rule], customer: dict[str, Any], moments: list[dict[str, Any]]
) -> None:
    nodes = [normal(rule) for rule in rules]
    index = RuleIndex(nodes)
    for moment in moments:
        passing = {name: value for name, value in moment.items() if name.startswith(("context.", "cart.", "time."))}
        for now in (passing, moment):
            values = customer | now
            wanted = [place for place, node in enumerate(nodes) if holds(node, values)]
            assert places(index.matching_now(customer, now)) == wanted


@settings(CALM, max_examples=50)
@given(rule=RULES, customers=st.lists(VALUES, min_size=1, max_size=5))
def test_sql_agrees_with_deciding_plainly(rule: Rule, customers: list[dict[str, Any]]) -> None:
    node = normal(rule)
    clause = where(node)
    columns = ", ".join(f'CAST(? AS {kind}) AS "{name}"' for name, kind in COLUMNS.items())
    rows = " UNION ALL ".join(f"SELECT {place} AS place, {columns}" for place in range(len(customers)))
    parameters = [values.get(name) for values in customers for name in COLUMNS]
    query = f"SELECT place FROM ({rows}) WHERE {clause.sql} ORDER BY place"
    with duckdb.connect() as connection:
        found = connection.execute(query, [*parameters, *clause.parameters]).fetchall()
    assert [place for (place,) in found] == [place for place, values in enumerate(customers) if holds(node, values)]


def test_a_rule_of_too_many_alternatives_is_decided_all_the_same() -> None:
    either = tuple(
        Rule(combinator="or", rules=tuple(Rule(field=f"customer.{a}{n}", operator="=", value="x") for a in "ab"))
        for n in range(7)
    )
    assert 2 ** len(either) > MAXIMUM_ALTERNATIVES
    index = RuleIndex([normal(Rule(field="customer.a0", operator="=", value="x")), normal(Rule(rules=either))])
    assert index.matching({f"customer.b{n}": "x" for n in range(7)}) == 0b10
    assert index.matching({f"customer.a{n}": "x" for n in range(7)}) == 0b11
    assert index.matching({f"customer.a{n}": "x" for n in range(6)}) == 0b01
    assert index.matching_now({f"customer.a{n}": "x" for n in range(5)}, {"customer.a5": "x", "customer.b6": "x"}) == 3


def test_places_of_few_and_of_many_bits_are_the_same() -> None:
    wanted = [0, 3, 511, 512, 1_000, 9_999]
    assert places(sum(1 << place for place in wanted)) == wanted
    assert places(sum(1 << place for place in wanted[:3])) == wanted[:3]
