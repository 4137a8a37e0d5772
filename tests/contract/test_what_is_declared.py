"""A contract stands in one line in the module of the service that answers it, under a subject that says so."""

from __future__ import annotations

import ast
import re
from collections import Counter

from tests.contract.declared import endpoints, topics
from tests.house.tree import ANSWERING, parsed, python_files, shown

SUBJECT = re.compile(r"tailorbird\.(?P<answerer>[a-z]+)\.v(?P<version>[1-9][0-9]*)\.(?P<verb>[a-z]+(?:_[a-z]+)*)")
DECLARES = ("shared/tailorbird/contracts/", "services/tailorbird/suite/bench/")
"""The bench measures the wire with an endpoint of its own, which no service answers."""
PAST = re.compile(r"(?:ed|[a-z]+_(?:put|read|set|sent|built|kept|known))$")


PARTS = {
    "audiences": "profiles", "evidence": "insights", "identity": "profiles", "mail": "assembler", "reports": "insights",
}  # fmt: skip
"""Modules that hold a part of what one service answers, and which."""


def test_every_subject_names_its_answerer_version_and_verb() -> None:
    assert {name: subject for name, subject in _subjects().items() if not SUBJECT.fullmatch(subject)} == {}


def test_every_contract_stands_in_the_module_of_its_answerer() -> None:
    wrong = {}
    for name, subject in _subjects().items():
        answerer = subject.split(".")[1]
        module = name.split(".")[0]
        if answerer != PARTS.get(module, module) or answerer not in ANSWERING:
            wrong[name] = subject
    assert wrong == {}


def test_announcements_are_past_participles_and_questions_are_not() -> None:
    assert [name for name, topic in topics().items() if not PAST.search(topic.subject)] == []
    assert [name for name, endpoint in endpoints().items() if endpoint.subject.endswith("ed")] == []


def test_no_subject_is_declared_twice() -> None:
    counted = Counter(_subjects().values())
    assert [subject for subject, times in counted.items() if times > 1] == []


def test_subjects_are_declared_in_contracts_only() -> None:
    wrong = [
        f"{shown(path)} holds {found.group()}"
        for path in python_files()
        if not shown(path).startswith(DECLARES)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if (found := SUBJECT.fullmatch(node.value))
    ]
    assert wrong == []


def test_every_question_has_a_budget() -> None:
    assert [name for name, endpoint in endpoints().items() if not 0 < endpoint.budget_ms <= 600_000] == []


def _subjects() -> dict[str, str]:
    asked = {name: endpoint.subject for name, endpoint in endpoints().items()}
    return asked | {name: topic.subject for name, topic in topics().items()}
