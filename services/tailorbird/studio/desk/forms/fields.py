"""What a form is made of: fields drawn from a JSON Schema and what a document says, ready for a template to show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

__all__ = ["Control", "Field", "Schema", "is_rule", "label_of", "resolved", "words"]

Schema = Mapping[str, Any]
Control = Literal[
    "line", "text", "number", "yes_no", "choice", "choices", "lines", "group", "list", "map", "rule", "time",
    "colour", "json", "fixed",
]  # fmt: skip


class Field(Struct, kw_only=True):
    """One field, or a group of them."""

    name: str
    """Its place in the document: `limit.total`, `variants[0].slots[2].title`; the form posts it under this name."""
    label: str
    control: Control
    hint: str = ""
    value: Any = None
    options: tuple[tuple[str, str], ...] = ()
    """Of a choice: value and how it reads."""
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    longest: int | None = None
    whole: bool = False
    """Of a number: without decimals."""
    suggests: str = ""
    """Name of the list of values that can be completed."""
    problems: tuple[str, ...] = ()
    parts: tuple[Field, ...] = ()
    """Of a group its fields, of a list its entries."""
    adds: tuple[tuple[str, str], ...] = ()
    """Of a list: what can be added, `type` and how it reads."""
    summary: str = ""
    """Of an entry of a list: what it is, while it is folded up."""
    empty: bool = False
    """Of a group that may be missing: nothing stands in it."""
    wide: bool = False

    @property
    def id(self) -> str:
        """For the attribute `id`, and what a label points at."""
        return "f-" + re.sub(r"[^\w-]+", "-", self.name).strip("-")

    @property
    def wrong(self) -> bool:
        """Whether there is a mistake in it or anywhere below."""
        return bool(self.problems) or any(part.wrong for part in self.parts)


_LABELS = {
    "cost": "Cost of one redemption",
    "ends_at": "Ends",
    "starts_at": "Starts",
    "kind": "Kind",
    "does": "What it does",
    "rule": "Rule",
    "audience_id": "Audience",
    "url": "Address",
    "image_url": "Address of its picture",
    "image": "Address of its picture",
    "mjml": "MJML",
    "on": "Events",
    "id": "Id",
    "zone": "Time zone",
    "wait_seconds": "Wait, in seconds",
    "pause_seconds": "Silence afterwards, in seconds",
    "shown_seconds": "Shown for, in seconds",
    "not": "Not",
}


def label_of(name: str) -> str:
    """How a person calls this field: `minimum_spend` is "Minimum spend"."""
    last = re.split(r"[.\[]", name)[-1].rstrip("]") or name
    return _LABELS.get(last, words(last).capitalize())


def words(value: Any) -> str:
    """`percent_off` as words."""
    text = str(value).replace("_", " ").strip()
    return text or "(none)"


def resolved(schema: Schema, root: Schema) -> tuple[Schema, bool]:
    """The schema without references, and whether the value may also be nothing."""
    optional = False
    held = dict(schema)
    while True:
        if "$ref" in held:
            there = root["$defs"][held["$ref"].rpartition("/")[2]]
            held = {**there, **{name: value for name, value in held.items() if name != "$ref"}}
            continue
        choices: Sequence[Schema] = held.get("anyOf", ())
        real = [choice for choice in choices if choice.get("type") != "null"]
        if choices and len(real) == 1:
            optional = optional or len(real) < len(choices)
            rest = {name: value for name, value in held.items() if name != "anyOf"}
            held = {**real[0], **rest}
            continue
        return held, optional


def is_rule(schema: Schema) -> bool:
    """Whether this is a rule, which has a builder of its own."""
    properties = schema.get("properties", {})
    return {"combinator", "rules", "field", "operator"} <= set(properties)
