"""A form out of the JSON Schema that an owner publishes and what a document says now, mistakes at their fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tailorbird.contracts.wire import Problem
from tailorbird.studio.desk.documents.kinds import Kind
from tailorbird.studio.desk.forms.fields import Field, Schema, is_rule, label_of, resolved, words

__all__ = ["form_of", "mistakes"]

_LONG = {"text", "description", "terms", "mjml", "body"}
_ONE_LINE = {"url", "image_url"}
_LONG_FROM = 1_000
"""Of a text that may be as long: several lines to write in."""
_SUGGESTS = {
    "segments": "segments",
    "personas": "personas",
    "audience_id": "audiences",
    "offer_id": "offers",
    "webhooks": "webhooks",
    "categories": "categories",
    "departments": "departments",
    "brands": "brands",
    "zone": "zones",
}

Mistakes = Mapping[str, list[str]]


def form_of(
    kind: Kind, schema: Schema, document: Mapping[str, Any], problems: Mistakes
) -> tuple[tuple[str, tuple[Field, ...]], ...]:
    """Headings, each with its fields. A mistake whose field is not there stands at the nearest above it."""
    shape, _ = resolved(schema, schema)
    properties: Mapping[str, Schema] = shape["properties"]
    required = set(shape.get("required", ()))
    drawn = {
        name: field_of(part, schema, name, document.get(name), problems, required=name in required)
        for name, part in properties.items()
        if name not in kind.hidden
    }
    groups = [(title, tuple(drawn.pop(name) for name in names if name in drawn)) for title, names in kind.groups]
    rest = tuple(drawn.values())
    named = [group for group in groups if group[1]]
    return (*named, ("More", rest)) if rest and named else tuple(named or [("", rest)])


def mistakes(problems: tuple[Problem, ...]) -> dict[str, list[str]]:
    """Sentences by the name of the form's field that each is about; the empty name: the whole document."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        _, _, path = problem.path.partition("$")
        found.setdefault(path.removeprefix("."), []).append(problem.sentence)
    return found


def field_of(
    schema: Schema, root: Schema, name: str, value: Any, problems: Mistakes, *, required: bool = False
) -> Field:
    """The field at this place, with everything below it."""
    shape, optional = resolved(schema, root)
    given = shape.get("default") if value is None and not optional else value
    made = Field(
        name=name,
        label=label_of(name),
        control="line",
        hint=schema.get("description", "") or ("" if "properties" in shape else shape.get("description", "")),
        value=given,
        required=required,
        minimum=shape.get("minimum"),
        maximum=shape.get("maximum"),
        longest=shape.get("maxLength"),
        suggests=_SUGGESTS.get(label_name(name), ""),
        problems=tuple(problems.get(name, ())),
    )
    if is_rule(shape):
        made.control, made.value, made.wide = "rule", value, True
        made.problems = tuple(text for path, texts in problems.items() if path.startswith(name) for text in texts)
    elif "enum" in shape:
        _choice(made, shape, required)
    elif shape.get("type") == "boolean":
        made.control = "yes_no"
    elif shape.get("type") in ("number", "integer"):
        made.control, made.whole = "number", shape["type"] == "integer"
    elif shape.get("type") == "array":
        _list(made, shape, root, value or [], problems)
    elif shape.get("type") == "object" and "properties" in shape:
        _group(made, shape, root, value or {}, problems)
        made.empty = (optional or not required) and not value
    elif shape.get("type") == "object":
        _map(made, shape, root, value or {}, problems)
    elif shape.get("type") == "string":
        _text(made, shape)
    else:
        made.control, made.wide = "json", True
        made.value = "" if value is None else json.dumps(value, ensure_ascii=False, indent=1)
    return made


def label_name(name: str) -> str:
    """The last word of a place: `scope.categories` gives `categories`."""
    return name.rpartition(".")[2]


def _choice(made: Field, shape: Schema, required: bool) -> None:
    values = [str(value) for value in shape["enum"]]
    if len(values) == 1:
        made.control, made.value = "fixed", values[0]
        return
    made.control = "choice"
    blank = () if required or "" in values or shape.get("default") is not None else (("", "(none)"),)
    made.options = (*blank, *((value, words(value)) for value in values))


def _text(made: Field, shape: Schema) -> None:
    if shape.get("format") == "date-time":
        made.control = "time"
    elif "#[0-9a-fA-F]" in str(shape.get("pattern", "")):
        made.control = "colour"
    elif label_name(made.name) in _ONE_LINE:
        return
    elif label_name(made.name) in _LONG or (shape.get("maxLength", 0) >= _LONG_FROM and "pattern" not in shape):
        made.control, made.wide = "text", True


def _group(made: Field, shape: Schema, root: Schema, value: Mapping[str, Any], problems: Mistakes) -> None:
    made.control, made.wide = "group", True
    needed = set(shape.get("required", ()))
    made.parts = tuple(
        field_of(part, root, f"{made.name}.{name}" if made.name else name, value.get(name), problems,
                 required=name in needed)
        for name, part in shape["properties"].items()
    )  # fmt: skip


def _list(made: Field, shape: Schema, root: Schema, value: list[Any], problems: Mistakes) -> None:
    entry, _ = resolved(shape["items"], root)
    if "enum" in entry:
        made.control, made.value = "choices", [str(one) for one in value]
        made.options = tuple((str(one), words(one)) for one in entry["enum"])
        return
    if entry.get("type") in ("string", "number", "integer"):
        made.control, made.wide = "lines", True
        made.value = "\n".join(str(one) for one in value)
        below = (text for path, texts in problems.items() if path.startswith(f"{made.name}[") for text in texts)
        made.problems = (*made.problems, *below)
        return
    made.control, made.wide = "list", True
    made.adds = tuple((tag, words(tag)) for tag in _tags(entry)) or (("", label_of(made.name).rstrip("s").lower()),)
    made.parts = tuple(_entry(made.name, place, one, entry, root, problems) for place, one in enumerate(value))


def _entry(name: str, place: int, value: Any, entry: Schema, root: Schema, problems: Mistakes) -> Field:
    shape = entry
    tags = _tags(entry)
    held = value if isinstance(value, Mapping) else {}
    if tags:
        key = entry["discriminator"]["propertyName"]
        chosen = tags.get(str(held.get(key)), next(iter(tags.values())))
        shape, _ = resolved({"$ref": chosen}, root)
    made = Field(name=f"{name}[{place}]", label=label_of(name).rstrip("s"), control="group", value=value)
    made.problems = tuple(problems.get(made.name, ()))
    _group(made, shape, root, held, problems)
    title = next((str(held[key]) for key in ("title", "name", "headline", "label", "id") if held.get(key)), "")
    told = words(held.get("type", "")) if held.get("type") else ""
    made.summary = " · ".join(part for part in (told, title, _for_whom(held)) if part) or f"{made.label} {place + 1}"
    return made


def _for_whom(held: Mapping[str, Any]) -> str:
    if "slots" not in held:
        return ""
    named = [*held.get("personas", ()), *held.get("segments", ())]
    rule = " by rule" if held.get("rule") else ""
    return f"for {', '.join(named)}{rule}" if named else f"for those chosen{rule}" if rule else "for everyone"


def _map(made: Field, shape: Schema, root: Schema, value: Mapping[str, Any], problems: Mistakes) -> None:
    inner = shape.get("additionalProperties")
    names = shape.get("propertyNames", {}).get("enum")
    if not isinstance(inner, Mapping) or not inner:
        made.control, made.wide = "json", True
        made.value = json.dumps(value, ensure_ascii=False, indent=1) if value else ""
        return
    made.control, made.wide = "map", True
    made.options = tuple((str(one), words(one)) for one in names or ())
    rows: list[Field] = []
    for place, (key, one) in enumerate(value.items()):
        row = field_of(inner, root, f"{made.name}[{place}].value", one, problems)
        row.summary = str(key)
        row.label = words(key)
        row.problems = (*row.problems, *problems.get(f"{made.name}.{key}", ()), *problems.get(f"{made.name}[...]", ()))
        rows.append(row)
    made.parts = tuple(rows)
    made.adds = (("", "entry"),)


def _tags(entry: Schema) -> dict[str, str]:
    """Tag -> reference, of a list whose entries are of several types."""
    found: dict[str, str] = entry.get("discriminator", {}).get("mapping", {})
    return found
