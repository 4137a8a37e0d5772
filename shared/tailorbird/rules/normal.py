"""A rule in the form that everything but people reads: conditions under `all of` and `any of`, `not` worked away."""

from __future__ import annotations

from msgspec import UNSET, Struct

from tailorbird.contracts.wire import Fault
from tailorbird.rules.attributes import CATALOGUE, Catalogue
from tailorbird.rules.condition import Condition, Mistake
from tailorbird.rules.conditions import Contains, condition_of
from tailorbird.rules.document import Rule

__all__ = ["EVERYBODY", "NOBODY", "AllOf", "AnyOf", "Node", "normal"]


class AllOf(Struct, frozen=True):
    """Holds when every part does; without parts it always holds."""

    parts: tuple[Node, ...]


class AnyOf(Struct, frozen=True):
    """Holds when one of its parts does; without parts it never holds."""

    parts: tuple[Node, ...]


Node = AllOf | AnyOf | Condition

EVERYBODY = AllOf(())
NOBODY = AnyOf(())


def normal(rule: Rule | None, catalogue: Catalogue = CATALOGUE) -> Node:
    """The rule's meaning. No rule: everybody. Raises Fault(422) when it was never checked and is wrong."""
    return EVERYBODY if rule is None else _normal(rule, catalogue, False)


def _normal(rule: Rule, catalogue: Catalogue, negated: bool) -> Node:
    if rule.rules is not UNSET:
        turned = negated is not rule.negated
        if not rule.rules:
            return NOBODY if turned else EVERYBODY
        parts = tuple(_normal(part, catalogue, turned) for part in rule.rules)
        if len(parts) == 1:
            return parts[0]
        # De Morgan: under `not`, `and` becomes `or` of the opposites, and the other way round.
        return AnyOf(parts) if (rule.combinator == "or") is not turned else AllOf(parts)
    name = rule.field if rule.field is not UNSET else ""
    attribute = catalogue.find(name)
    if attribute is None:
        raise Fault(422, f"There is no attribute `{name}`.")
    made = condition_of(attribute, rule.operator if rule.operator is not UNSET else "", rule.value)
    if isinstance(made, Mistake):
        raise Fault(422, made.sentence)
    return _split(made.opposite() if negated else made)


def _split(condition: Condition) -> Node:
    """A list that must contain several is several conditions, so that an index knows only one member at a time."""
    if not isinstance(condition, Contains) or not isinstance(condition.value, tuple):
        return condition
    ones = tuple(Contains(condition.field, condition.type, value, condition.negated) for value in condition.value)
    return AnyOf(ones) if condition.negated else AllOf(ones)
