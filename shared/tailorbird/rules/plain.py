"""One rule decided the simplest way, and what failed first: for "why", and to measure the others by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tailorbird.rules.attributes import CATALOGUE, Catalogue, known
from tailorbird.rules.condition import Condition
from tailorbird.rules.english import english
from tailorbird.rules.normal import AllOf, AnyOf, Node

__all__ = ["Failure", "first_failure", "holds"]

Values = Mapping[str, Any]
"""Attribute name -> what was found."""


class Failure(Struct, frozen=True):
    """The first condition that excluded somebody: what it tests, what it wanted, what was found."""

    field: str
    wanted: str
    found: Any
    sentence: str


def holds(node: Node, values: Values) -> bool:
    """Whether the rule holds of these values."""
    if isinstance(node, AllOf):
        return all(holds(part, values) for part in node.parts)
    if isinstance(node, AnyOf):
        return any(holds(part, values) for part in node.parts)
    found = known(node.type, values.get(node.field))
    if found is None:
        return node.about_missing and not node.negated
    return node.holds(found)


def first_failure(node: Node, values: Values, catalogue: Catalogue = CATALOGUE) -> Failure | None:
    """The first condition in reading order that is false, None when the rule holds.

    Where several alternatives were all refused it tells of all of them, with the first one's field.
    """
    if holds(node, values):
        return None
    if isinstance(node, AllOf):
        return next(failure for part in node.parts if (failure := first_failure(part, values, catalogue)))
    if isinstance(node, Condition):
        return _failure(node, node, values, catalogue)
    first = _leaf(node)
    if first is None:
        return Failure("", "nobody", None, "It is for nobody.")
    return _failure(node, first, values, catalogue)


def _failure(node: Node, leaf: Condition, values: Values, catalogue: Catalogue) -> Failure:
    found = values.get(leaf.field)
    wanted = english(node, catalogue)
    attribute = catalogue.find(leaf.field)
    label = attribute.label if attribute else leaf.field
    if isinstance(node, AnyOf):
        return Failure(leaf.field, wanted, found, f"It wants that {wanted}; none of these is so.")
    if known(leaf.type, found) is None:
        return Failure(leaf.field, wanted, None, f"It wants that {wanted}; {label} is not known.")
    told = ", ".join(found) or "nothing" if isinstance(found, (list, tuple)) else found
    if isinstance(told, bool):
        told = "yes" if told else "no"
    return Failure(leaf.field, wanted, found, f"It wants that {wanted}; found was {told}.")


def _leaf(node: Node) -> Condition | None:
    if isinstance(node, Condition):
        return node
    return next((leaf for part in node.parts if (leaf := _leaf(part))), None)
