"""A rule out of the builder's fields: groups within groups, each condition's value as its attribute's type wants it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tailorbird.rules.eventattributes import CATALOGUE_OF_MOMENTS
from tailorbird.studio.desk.forms.tree import STEP, tree_of

__all__ = ["rule_at", "rule_from"]

_MANY = {"in", "notIn", "between", "notBetween"}
_NOTHING = {"null", "notNull"}


def rule_from(node: Any) -> dict[str, Any] | None:
    """The rule that these fields describe, as documents write it; None where nothing stands in it."""
    if not isinstance(node, dict):
        return None
    if "rules" in node or "combinator" in node:
        held = node.get("rules")
        parts = [rule_from(part) for part in held.values() if isinstance(part, dict)] if isinstance(held, dict) else []
        rules = [part for part in parts if part is not None]
        if "@alone" in node and len(rules) == 1 and "field" in rules[0] and _last(node, "not") != "true":
            # Shown within a group so that more can be added; nothing was.
            return rules[0]
        rule: dict[str, Any] = {"combinator": "or" if _last(node, "combinator") == "or" else "and"}
        if _last(node, "not") == "true":
            rule["not"] = True
        return {**rule, "rules": rules}
    field = _last(node, "field").strip()
    if "field" not in node:
        return None
    operator = _last(node, "operator") or "="
    if operator in _NOTHING:
        return {"field": field, "operator": operator}
    return {"field": field, "operator": operator, "value": _value(field, operator, node)}


def _value(field: str, operator: str, node: dict[Any, Any]) -> Any:
    attribute = CATALOGUE_OF_MOMENTS.find(field)
    kind = attribute.type if attribute else "text"
    texts = [str(one) for one in node.get("value", ()) if isinstance(one, str)]
    if operator in _MANY:
        many = [part.strip() for text in texts for part in re.split(r"[,\n]", text) if part.strip()]
        return [_typed(kind, part) for part in many]
    return _typed(kind, texts[-1].strip() if texts else "")


def _typed(kind: str, text: str) -> Any:
    if kind == "number" and re.fullmatch(r"[+-]?\d{1,15}", text):
        return int(text)
    if kind == "number" and re.fullmatch(r"[+-]?\d{1,15}\.\d{1,10}", text):
        return float(text)
    if kind == "yes_no" and text in ("true", "false"):
        return text == "true"
    return text


def _last(node: dict[Any, Any], name: str) -> str:
    held = node.get(name)
    return str(held[-1]) if isinstance(held, list) and held else ""


def rule_at(posted: Mapping[str, Sequence[str]], place: str) -> dict[str, Any] | None:
    """The rule at this place of a posted form: `rule`, `variants[0].rule`."""
    node: Any = tree_of({name: values for name, values in posted.items() if name.startswith(place)})
    for word, number in STEP.findall(place):
        node = node.get(int(number) if number else word) if isinstance(node, dict) else None
    return rule_from(node)
