"""A rule as a person writes it, in the shape that react-querybuilder made familiar, and the check when it is saved.

    {"combinator": "and", "not": false, "rules": [
        {"field": "segments", "operator": "contains", "value": "premium"},
        {"combinator": "or", "rules": [
            {"field": "cart.total", "operator": ">=", "value": 50},
            {"field": "context.referrer_host", "operator": "=", "value": "gadgets.example"}]}]}

What it means: a condition about a value that is not known is false, and stays false under `not`: `not` turns every
condition within into its opposite (`<` into `>=`, and between `and` and `or`), so a customer of unknown age passes
neither `age = 65+` nor its negation. Only `null` ("is not known") holds for what is not known. This is what SQL does
with NULL, so counting a segment and deciding agree. A group without rules holds for everybody, negated for nobody.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec import field as struct_field

from tailorbird.contracts.wire import Problem
from tailorbird.rules.attributes import CATALOGUE, Catalogue
from tailorbird.rules.condition import Mistake
from tailorbird.rules.conditions import OPERATORS, condition_of

__all__ = ["MAXIMUM_DEPTH", "Rule", "RuleValue", "check_rule"]

RuleValue = str | int | float | bool | tuple[str | int | float, ...] | None
"""One value, or several where the operator wants several (`in`, `between`)."""

MAXIMUM_DEPTH = 12
"""Groups within groups; deeper than anybody reads, and shallow enough for every reader of the tree."""


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A group of rules (`combinator`, `not`, `rules`), or one condition (`field`, `operator`, `value`)."""

    combinator: Literal["and", "or"] | UnsetType = UNSET
    """Of a group: whether all of its rules must hold, or one of them. Not said: `and`."""
    negated: bool = struct_field(name="not", default=False)
    """Of a group: turns it into its opposite."""
    rules: Annotated[tuple[Rule, ...], Meta(max_length=500)] | UnsetType = UNSET
    """Of a group: conditions and further groups."""
    field: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    """Of a condition: name of the attribute it tests."""
    operator: Annotated[str, Meta(extra_json_schema={"enum": list(OPERATORS)})] | UnsetType = UNSET
    """Of a condition: how it tests."""
    value: RuleValue = None
    """Of a condition: what is compared with; nothing for `null` and `notNull`."""

    def __post_init__(self) -> None:
        grouped = self.rules is not UNSET or self.combinator is not UNSET or self.negated
        if grouped and (self.field is not UNSET or self.operator is not UNSET or self.value is not None):
            raise ValueError(
                "a rule is either a group (combinator, not, rules) or a condition (field, operator, value)"
            )
        if grouped and self.rules is UNSET:
            raise ValueError("a group needs `rules`, a list")
        if not grouped and (self.field is UNSET or self.operator is UNSET):
            raise ValueError("a condition needs `field` and `operator`; a group needs `rules`")


def check_rule(rule: Rule | None, path: str, catalogue: Catalogue = CATALOGUE) -> list[Problem]:
    """Every mistake in the rule that only the catalogue can tell, none when it can be put to work.

    `path` is where the rule stands in its document: `$.rule`.
    """
    if rule is None:
        return []
    return _check(rule, path, catalogue, 0)


def _check(rule: Rule, path: str, catalogue: Catalogue, depth: int) -> list[Problem]:
    if depth > MAXIMUM_DEPTH:
        return [Problem(path=path, sentence=f"Groups may stand {MAXIMUM_DEPTH} deep; this one is deeper.")]
    if rule.rules is not UNSET:
        problems: list[Problem] = []
        for place, part in enumerate(rule.rules):
            problems += _check(part, f"{path}.rules[{place}]", catalogue, depth + 1)
        return problems
    name = rule.field if rule.field is not UNSET else ""
    attribute = catalogue.find(name)
    if attribute is None:
        near = catalogue.suggest(name)
        hint = f"did you mean `{near}`?" if near else "GET /v1/attributes lists those there are."
        return [Problem(path=f"{path}.field", sentence=f"There is no attribute `{name}`; {hint}")]
    made = condition_of(attribute, rule.operator if rule.operator is not UNSET else "", rule.value)
    return [Problem(path=f"{path}.{made.part}", sentence=made.sentence)] if isinstance(made, Mistake) else []
