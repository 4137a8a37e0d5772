"""What a form's buttons do to the document: entries added, dropped and moved, conditions and groups of a rule too."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from tailorbird.studio.desk.forms.fields import Schema, resolved
from tailorbird.studio.desk.forms.tree import STEP

__all__ = ["done_to"]

_FIRST: dict[str, Any] = {"string": "", "number": 0, "integer": 0, "boolean": False, "array": [], "object": {}}


def done_to(document: dict[str, Any], schema: Schema, deed: str) -> None:
    """Carries out `add variants[0].slots offers`, `drop variants[1]`, `up ...`, `down ...`, `condition rule`,
    `group rule.rules[0]`; what makes no sense (any more) changes nothing.
    """
    verb, _, rest = deed.partition(" ")
    place, _, extra = rest.partition(" ")
    steps: list[str | int] = [int(number) if number else word for word, number in STEP.findall(place)]
    if not steps:
        return
    if verb == "add":
        _add(document, schema, steps, extra)
    elif verb in ("condition", "group"):
        _add_rule(document, steps, verb)
    elif verb in ("drop", "up", "down") and isinstance(steps[-1], int):
        _move(document, steps, verb)


def _add(document: dict[str, Any], schema: Schema, steps: list[str | int], tag: str) -> None:
    held = _reach(document, steps[:-1])
    shape = _shape_at(schema, steps)
    if held is None or shape is None or not isinstance(steps[-1], str):
        return
    inner = shape.get("additionalProperties")
    if shape.get("type") == "object" and isinstance(inner, Mapping):
        mapped = held.setdefault(steps[-1], {})
        if tag and tag not in mapped:
            mapped[tag] = _first(inner, schema)
        return
    if shape.get("type") != "array":
        return
    entry, _ = resolved(shape["items"], schema)
    mapping = entry.get("discriminator", {}).get("mapping", {})
    listed = held.setdefault(steps[-1], [])
    if mapping:
        made = _first({"$ref": mapping.get(tag) or next(iter(mapping.values()))}, schema)
        made[entry["discriminator"]["propertyName"]] = tag
    else:
        made = _first(shape["items"], schema)
    if isinstance(made, dict) and "id" in made:
        made["id"] = _new_id(listed, tag or "new")
    at_end = len(listed)
    if steps[-1] == "variants" and listed:
        # The last variant is for everyone: a new one stands before it, and looks like it.
        at_end, made = at_end - 1, {**listed[-1], "id": _new_id(listed, "variant")}
    listed.insert(at_end, made)


def _new_id(listed: list[Any], stem: str) -> str:
    taken = {one.get("id") for one in listed if isinstance(one, dict)}
    plain = stem.replace("_", "-")
    return next(
        name for number in range(1, 1_000) if (name := plain if number == 1 else f"{plain}-{number}") not in taken
    )


def _first(schema: Schema, root: Schema) -> Any:
    """The least that such a value can be."""
    shape, _ = resolved(schema, root)
    if "enum" in shape:
        return shape["enum"][0]
    if "properties" in shape:
        needed = shape.get("required", ())
        return {name: _first(part, root) for name, part in shape["properties"].items() if name in needed}
    return copy.copy(_FIRST.get(str(shape.get("type")), ""))


def _add_rule(document: dict[str, Any], steps: list[str | int], verb: str) -> None:
    held = _reach(document, steps[:-1])
    if held is None:
        return
    there = held.get(steps[-1]) if isinstance(held, dict) else held[steps[-1]]
    if not isinstance(there, dict):
        there = {"combinator": "and", "rules": []}
    elif "rules" not in there:
        there = {"combinator": "and", "rules": [there]}
    held[steps[-1]] = there
    condition = {"field": "", "operator": "=", "value": ""}
    opposite = "or" if there.get("combinator", "and") == "and" else "and"
    there["rules"] = [
        *there["rules"],
        condition if verb == "condition" else {"combinator": opposite, "rules": [dict(condition)]},
    ]


def _move(document: dict[str, Any], steps: list[str | int], verb: str) -> None:
    held = _reach(document, steps[:-1])
    place = int(steps[-1])
    if isinstance(held, dict) and 0 <= place < len(held) and verb == "drop":
        held.pop(list(held)[place])
        return
    if not isinstance(held, list) or not 0 <= place < len(held):
        return
    if verb == "drop":
        held.pop(place)
        return
    other = place - 1 if verb == "up" else place + 1
    if 0 <= other < len(held):
        held[place], held[other] = held[other], held[place]


def _reach(document: Any, steps: list[str | int]) -> Any:
    for step in steps:
        if isinstance(document, dict) and isinstance(step, str):
            document = document.setdefault(step, {})
        elif isinstance(document, list) and isinstance(step, int) and 0 <= step < len(document):
            document = document[step]
        else:
            return None
    return document if isinstance(document, (dict, list)) else None


def _shape_at(schema: Schema, steps: list[str | int]) -> Schema | None:
    shape, _ = resolved(schema, schema)
    for step in steps:
        if isinstance(step, int):
            entry, _ = resolved(shape.get("items", {}), schema)
            # Whichever type the entry has: what can be added within it is found by name.
            choices = entry.get("anyOf", (entry,))
            parts = [resolved(choice, schema)[0] for choice in choices]
            shape = {"properties": {name: one for part in parts for name, one in part.get("properties", {}).items()}}
        else:
            inner = shape.get("properties", {}).get(step)
            if inner is None:
                return None
            shape, _ = resolved(inner, schema)
    return shape
