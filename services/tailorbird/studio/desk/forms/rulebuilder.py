"""A rule as the builder shows it: groups and conditions with the operators that fit, and what of it can be counted."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from tailorbird.contracts.wire import Fault
from tailorbird.rules.conditions import FAMILIES
from tailorbird.rules.document import Rule
from tailorbird.rules.english import english
from tailorbird.rules.eventattributes import CATALOGUE_OF_MOMENTS
from tailorbird.rules.normal import normal

__all__ = ["ATTRIBUTES", "Node", "countable", "node_of", "said"]

_WORDS = {
    "=": "is", "!=": "is not", "<": "is below", ">=": "is at least", ">": "is above", "<=": "is at most",
    "between": "is between", "notBetween": "is not between", "in": "is one of", "notIn": "is none of",
    "contains": "contains", "doesNotContain": "does not contain", "beginsWith": "begins with",
    "doesNotBeginWith": "does not begin with", "endsWith": "ends with", "doesNotEndWith": "does not end with",
    "null": "is not known", "notNull": "is known",
}  # fmt: skip
_OF_LISTS = {
    "contains": "include",
    "doesNotContain": "do not include",
    "in": "include any of",
    "notIn": "include none of",
}
_OF_TIMES = {"<": "is before", ">=": "is from", ">": "is after", "<=": "is up to"}
_KNOWN_OF_CUSTOMERS = (
    "customer.", "history.", "session.", "treatment.", "affinity.", "usual.", "journey.", "share.", "contact.",
    "cluster.", "segments",
)  # fmt: skip


class Node(Struct, frozen=True, kw_only=True):
    """A group or a condition, and where it stands."""

    name: str
    group: bool = False
    combinator: str = "and"
    negated: bool = False
    parts: tuple[Node, ...] = ()
    field: str = ""
    label: str = ""
    operator: str = "="
    operators: tuple[tuple[str, str], ...] = ()
    value: str = ""
    kind: str = "text"
    """The attribute's type; `none` where the operator wants no value, `many` where it wants several."""
    top: bool = False
    alone: bool = False
    """A group that is only shown: the document holds its one condition alone."""

    @property
    def id(self) -> str:
        return "r-" + self.name.replace(".", "-").replace("[", "-").replace("]", "")


def node_of(name: str, rule: Any, *, top: bool = True) -> Node:
    """The rule as a document writes it, whole or half written, ready to be shown."""
    if top and not isinstance(rule, dict):
        rule = {"combinator": "and", "rules": []}
    alone = top and "rules" not in rule
    if alone:
        rule = {"combinator": "and", "rules": [rule]}
    if "rules" in rule or "combinator" in rule:
        parts = tuple(
            node_of(f"{name}.rules[{place}]", part, top=False)
            for place, part in enumerate(rule.get("rules", ()))
            if isinstance(part, dict)
        )
        return Node(
            name=name, group=True, combinator=rule.get("combinator", "and"), negated=bool(rule.get("not")),
            parts=parts, top=top, alone=alone,
        )  # fmt: skip
    field, operator = str(rule.get("field", "")), str(rule.get("operator", "="))
    attribute = CATALOGUE_OF_MOMENTS.find(field)
    kind = attribute.type if attribute else "text"
    wants = "none" if operator in ("null", "notNull") else "many" if _many(operator) else kind
    return Node(
        name=name,
        field=field,
        label=attribute.label if attribute else "",
        operator=operator,
        operators=operators_for(kind),
        value=_written(rule.get("value")),
        kind=wants,
    )


def operators_for(kind: str) -> tuple[tuple[str, str], ...]:
    """Operator and how it reads, for attributes of this type."""
    own = _OF_LISTS if kind == "list" else _OF_TIMES if kind == "time" else {}
    return tuple(
        (operator, own.get(operator) or _WORDS.get(operator, operator))
        for family in FAMILIES
        if kind in family.types
        for operator in family.operators
    )


def said(rule: Any) -> str:
    """The rule in English, as far as it is written; empty while it can't be read."""
    whole = _whole(rule)
    if whole is None:
        return "everybody"
    try:
        rule = msgspec.convert(whole, Rule)
        return english(normal(rule, CATALOGUE_OF_MOMENTS), CATALOGUE_OF_MOMENTS)
    except (Fault, msgspec.ValidationError, ValueError, KeyError, TypeError):
        return ""


def countable(rule: Any) -> tuple[dict[str, Any] | None, bool]:
    """The part that is about what is known of customers, and whether that is all of it: the rest depends on the
    moment, so that a count of this part is the most that there can be.
    """
    return _countable(_whole(rule))


def _countable(rule: dict[str, Any] | None) -> tuple[dict[str, Any] | None, bool]:
    if rule is None:
        return None, True
    if "rules" not in rule:
        known = str(rule.get("field", "")).startswith(_KNOWN_OF_CUSTOMERS)
        return (rule, True) if known else (None, False)
    parts = [_countable(part) for part in rule["rules"]]
    if all(whole for _, whole in parts):
        return rule, True
    if rule.get("not") or rule.get("combinator") == "or":
        return None, False
    return {"combinator": "and", "rules": [part for part, _ in parts if part is not None]}, False


def _whole(rule: Any) -> dict[str, Any] | None:
    """The rule without conditions that are still being written."""
    if not isinstance(rule, dict):
        return None
    if "rules" not in rule:
        unfinished = not rule.get("field") or (rule.get("value") in ("", [], None) and _needs_value(rule))
        return None if unfinished else rule
    parts = [part for part in map(_whole, rule["rules"]) if part is not None]
    return {**rule, "rules": parts} if parts else None


def _needs_value(rule: dict[str, Any]) -> bool:
    return rule.get("operator") not in ("null", "notNull")


def _many(operator: str) -> bool:
    return operator in ("in", "notIn", "between", "notBetween")


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(_written(one) for one in value)
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


ATTRIBUTES: tuple[tuple[str, str, str, str], ...] = tuple(
    (attribute.name, attribute.label, attribute.type, attribute.description) for attribute in CATALOGUE_OF_MOMENTS
)
"""Every attribute: name, what a sentence calls it, type, description."""
