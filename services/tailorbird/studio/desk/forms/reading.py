"""A posted form as the document it describes: what stands in fields read by the owner's JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tailorbird.studio.desk.forms.fields import Schema, is_rule, resolved
from tailorbird.studio.desk.forms.rulereading import rule_from
from tailorbird.studio.desk.forms.tree import Tree, tree_of

__all__ = ["THERE", "document_from"]

THERE = "@there"
"""Name of the hidden field that says an entry of a list is there, whatever else stands in it."""

Posted = Mapping[str, Sequence[str]]


def document_from(schema: Schema, posted: Posted, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The document. `kept`: what its fields say that no form shows. A text that should be a number stays a text: its
    owner then says so, at that place.
    """
    shape, _ = resolved(schema, schema)
    read = _object(shape, schema, tree_of(posted))
    return {**read, **{name: value for name, value in kept.items() if name not in read}}


def _object(shape: Schema, root: Schema, tree: Tree) -> dict[str, Any]:
    required = set(shape.get("required", ()))
    read: dict[str, Any] = {}
    for name, part in shape["properties"].items():
        value = _value(part, root, tree.get(name), required=name in required)
        if value is not _ABSENT:
            read[name] = value
    return read


_ABSENT: Any = object()


def _value(schema: Schema, root: Schema, node: Any, *, required: bool) -> Any:
    shape, _ = resolved(schema, root)
    default = shape.get("default")
    if is_rule(shape):
        rule = rule_from(node)
        # A group that holds nothing and says nothing lets everybody in, as no rule does.
        return _ABSENT if rule is None or rule == {"combinator": "and", "rules": []} else rule
    kind = shape.get("type")
    if kind == "array":
        read: Any = _array(shape, root, node)
        return read if read or required else _ABSENT
    if kind == "object":
        read = (
            _object(shape, root, node) if "properties" in shape and isinstance(node, dict) else _map(shape, root, node)
        )
        # A group that may be missing, and in which nothing is written, is missing.
        return read if required or _says_something(read) else _ABSENT
    text = _text(node)
    if text is None:
        return _ABSENT
    read = _scalar(shape, text)
    if isinstance(read, str) and not read:
        return "" if required and kind == "string" else _ABSENT
    return _ABSENT if not required and _same(read, default) else read


def _says_something(read: Any) -> bool:
    if isinstance(read, dict):
        return any(_says_something(one) for one in read.values())
    return read not in ("", [], None)


def _same(read: Any, default: Any) -> bool:
    """Whether a field says what it would say anyway; 1 and 1.0 are the same, 1 and yes are not."""
    if read is _ABSENT or default is None or isinstance(read, bool) != isinstance(default, bool):
        return False
    return bool(read == default)


def _scalar(shape: Schema, text: str) -> Any:
    kind = shape.get("type")
    if kind == "boolean":
        return text == "true"
    if kind in ("number", "integer"):
        return _number(text) if text.strip() else _ABSENT
    if kind == "string" or "enum" in shape:
        return text.replace("\r\n", "\n") if text.strip() else ""
    if not text.strip():
        return _ABSENT
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _number(text: str) -> int | float | str:
    plain = text.strip().replace(" ", "")
    if re.fullmatch(r"[+-]?\d{1,15}", plain):
        return int(plain)
    if re.fullmatch(r"[+-]?\d{1,15}[.,]\d{1,10}", plain):
        return float(plain.replace(",", "."))
    return text.strip()


def _text(node: Any) -> str | None:
    """What a field says; of a checkbox, which posts a hidden "false" before its "true", the last word."""
    if isinstance(node, list):
        return str(node[-1]) if node else None
    if isinstance(node, dict) and "at" in node:
        return _moment(node)
    return None


def _moment(node: Tree) -> str:
    """A time as a form asks for it: day and hour, and the offset that belongs to it (`Z`, `-05:00`, or none)."""
    at, offset = (str((node.get(name) or [""])[-1]).strip() for name in ("at", "offset"))
    if not at or re.search(r"(Z|[+-]\d\d:\d\d)$", at):
        return at
    return f"{at}:00{offset}" if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", at) else f"{at}{offset}"


def _array(shape: Schema, root: Schema, node: Any) -> list[Any]:
    entry, _ = resolved(shape["items"], root)
    if "enum" in entry:
        return [value for value in node if value] if isinstance(node, list) else []
    if entry.get("type") in ("string", "number", "integer"):
        lines = "\n".join(node).replace("\r\n", "\n").split("\n") if isinstance(node, list) else []
        stripped = [line.strip() for line in lines if line.strip()]
        return stripped if entry["type"] == "string" else [_number(line) for line in stripped]
    if not isinstance(node, dict):
        return []
    return [
        _entry(entry, root, part) for place, part in node.items() if isinstance(place, int) and isinstance(part, dict)
    ]


def _entry(entry: Schema, root: Schema, node: Tree) -> dict[str, Any]:
    tags = entry.get("discriminator", {})
    if tags:
        chosen = _text(node.get(tags["propertyName"])) or ""
        reference = tags["mapping"].get(chosen) or next(iter(tags["mapping"].values()))
        entry, _ = resolved({"$ref": reference}, root)
    return _object(entry, root, node)


def _map(shape: Schema, root: Schema, node: Any) -> Any:
    inner = shape.get("additionalProperties")
    if isinstance(node, list):
        return _json(node)
    if not isinstance(node, dict) or not isinstance(inner, Mapping):
        return {}
    read: dict[str, Any] = {}
    for place, part in node.items():
        key = (_text(part.get("key")) or "").strip() if isinstance(place, int) and isinstance(part, dict) else ""
        if key:
            value = _value(inner, root, part.get("value"), required=True)
            read[key] = {} if value is _ABSENT else value
    return read


def _json(node: list[str]) -> Any:
    text = _text(node) or ""
    if not text.strip():
        return {}
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
