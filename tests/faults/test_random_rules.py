"""Random rule documents: what is accepted decides alike in bits, plainly and in SQL; what is refused says where; and
whatever stands in them, nothing is imported, opened or reached.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator
from typing import Any

import duckdb
import msgspec
import pytest

from tailorbird.rules.attributes import CATALOGUE
from tailorbird.rules.bitset import RuleIndex, places
from tailorbird.rules.conditions import OPERATORS
from tailorbird.rules.document import Rule, check_rule
from tailorbird.rules.english import english
from tailorbird.rules.normal import Node, normal
from tailorbird.rules.plain import holds
from tailorbird.rules.sql import where

MANY = 1_000_000 if os.environ.get("FAULTS_SIZE") == "full" else 2_000
BATCH = 100
CUSTOMERS = 6
COLUMNS = {"text": "VARCHAR", "number": "DOUBLE", "yes_no": "BOOLEAN", "list": "VARCHAR[]", "time": "DOUBLE"}
FIELDS = {
    name: found.type
    for name in (
        "customer.age", "customer.registered", "persona", "segments", "history.orders", "history.is_new", "cart.total",
        "cart.departments", "contact.promised_at", "time.hour",
    )
    if (found := CATALOGUE.find(name))
}  # fmt: skip
TEXTS = ["a", "b", "ab", "gold", "Été", "x'y", '"; DROP TABLE customers; --', "__import__('os')", "{{7*7}}", "%s", "\n"]
NUMBERS = [-1, 0, 1, 1.5, 2, 10, 1e9]
TIMES = ["2026-11-22T00:00:00Z", "2026-12-01", 1_790_000_000]
NONSENSE: list[Any] = [None, "", {}, [], [[]], "eval", -0.0, 10**40, "2026-13-45", True, {"field": 1}, [None], "\x00"]
DECODER = msgspec.json.Decoder(Rule)
"""Made before anybody watches: msgspec reads the annotations of a type when it first meets it."""
TOUCHING = ("import", "open", "socket.", "subprocess.", "os.", "exec", "compile", "ctypes.", "urllib.", "shutil.")


class Watch:
    """Notes what a program touches while it is on. A hook of the interpreter can't be taken off again."""

    def __init__(self) -> None:
        self.on = False
        self.touched: list[str] = []
        sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and event.startswith(TOUCHING):
            self.touched.append(f"{event} {arguments!r:.100}")


def value_for(chance: random.Random, kind: str, operator: str) -> Any:
    def one() -> Any:
        if chance.random() < 0.02:
            return chance.choice(NONSENSE)
        if kind in {"text", "list"}:
            return chance.choice(TEXTS)
        if kind == "yes_no":
            return chance.random() < 0.5
        return chance.choice(TIMES if kind == "time" else NUMBERS)

    if operator in {"null", "notNull"}:
        return None
    if operator in {"between", "notBetween"}:
        ends = [one(), one()]
        return sorted(ends) if all(isinstance(end, (int, float)) for end in ends) else ends
    if operator in {"in", "notIn"} or (kind == "list" and chance.random() < 0.3):
        return [one() for _ in range(chance.randint(1, 3))]
    return one()


def document(chance: random.Random, depth: int = 0) -> Any:
    """A rule as JSON may say it: mostly right, now and then not."""
    if chance.random() < 0.01:
        return chance.choice(NONSENSE)
    if depth < 4 and chance.random() < (0.8 if depth == 0 else 0.35):
        group: dict[str, Any] = {"rules": [document(chance, depth + 1) for _ in range(chance.randint(0, 4))]}
        if chance.random() < 0.8:
            group["combinator"] = chance.choice(("and", "or", "or", "xor") if chance.random() < 0.02 else ("and", "or"))
        if chance.random() < 0.3:
            group["not"] = chance.random() < 0.5
        return group
    field, kind = chance.choice(list(FIELDS.items()))
    fitting = [name for name, (family, _) in OPERATORS.items() if kind in family.types]
    operator = chance.choice(fitting if chance.random() < 0.98 else list(OPERATORS))
    condition = {"field": field, "operator": operator, "value": value_for(chance, kind, operator)}
    if chance.random() < 0.01:
        condition[chance.choice(("field", "operator", "extra"))] = chance.choice(["segmnets", "__class__", "=="])
    return condition


def customer(chance: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field, kind in FIELDS.items():
        if chance.random() < 0.25:
            continue
        found[field] = {
            "text": chance.choice(TEXTS), "number": chance.choice(NUMBERS), "yes_no": chance.random() < 0.5,
            "list": chance.sample(TEXTS, chance.randint(0, 3)), "time": float(chance.choice(NUMBERS)),
        }[kind]  # fmt: skip
    return found


def accepted(chance: random.Random, refused: list[str]) -> Iterator[Node]:
    """The rules of a batch that can be put to work. Of each other one the place of its mistake is noted."""
    for _ in range(BATCH):
        written = json.dumps(document(chance)).encode()
        try:
            rule = DECODER.decode(written)
        except msgspec.MsgspecError as error:
            refused.append(str(error).partition(" - at `")[2] or f"$ {error}")
            continue
        if problems := check_rule(rule, "$"):
            refused.extend(problem.path for problem in problems)
            continue
        yield normal(rule)


def by_sql(
    connection: duckdb.DuckDBPyConnection, nodes: list[Node], customers: list[dict[str, Any]]
) -> list[list[int]]:
    """For each customer the places of the rules that hold, as DuckDB decides."""
    clauses = [where(node) for node in nodes]
    columns = ", ".join(f'CAST(? AS {COLUMNS[kind]}) AS "{field}"' for field, kind in FIELDS.items())
    rows = " UNION ALL ".join(f"SELECT {place} AS place, {columns}" for place in range(len(customers)))
    wanted = ", ".join(f"COALESCE({clause.sql}, FALSE)" for clause in clauses)
    parameters = [parameter for clause in clauses for parameter in clause.parameters]
    parameters += [one.get(field) for one in customers for field in FIELDS]
    found = connection.execute(f"SELECT {wanted} FROM ({rows}) ORDER BY place", parameters).fetchall()
    return [[place for place, held in enumerate(row) if held] for row in found]


@pytest.mark.timeout(7_200)
def test_random_rules_decide_alike_or_say_where_they_are_wrong_and_touch_nothing() -> None:
    chance = random.Random(2026)
    refused: list[str] = []
    watch = Watch()
    taken = 0
    with duckdb.connect() as connection:
        for _ in range(MANY // BATCH):
            customers = [customer(chance) for _ in range(CUSTOMERS)]
            watch.on = True
            nodes = list(accepted(chance, refused))
            index = RuleIndex(nodes)
            plainly = [[place for place, node in enumerate(nodes) if holds(node, one)] for one in customers]
            in_bits = [places(index.matching(one)) for one in customers]
            said = [english(node) for node in nodes]
            watch.on = False
            assert in_bits == plainly
            assert all(said)
            assert by_sql(connection, nodes, customers) == plainly
            taken += len(nodes)
    assert watch.touched == []
    assert taken > MANY // 3
    assert len(refused) > MANY // 50
    assert all(path.startswith("$") for path in refused)
