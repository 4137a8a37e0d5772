"""Which segments and which persona somebody belongs to, by the rules that marketers write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct

from tailorbird.contracts.wire import Problem
from tailorbird.contracts.words import AttributeValue
from tailorbird.rules.bitset import RuleIndex, places
from tailorbird.rules.document import Rule, check_rule
from tailorbird.rules.normal import normal

__all__ = ["KINDS", "Persona", "Segment", "SegmentIndex", "check"]

_TESTABLE = (
    "customer.", "history.", "session.", "treatment.", "affinity.", "usual.", "journey.", "share.", "contact.",
    "loyalty.", "cluster.", "segments",
)  # fmt: skip

Line = Annotated[str, Meta(max_length=200)]


class Segment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A set of customers by rule. Its id stands beside the document."""

    name: Line = ""
    description: Annotated[str, Meta(max_length=2_000)] = ""
    rule: Rule | None = None
    """None: everybody."""


class Persona(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The named kind that a layout is made for: everybody has one, the first in order whose rule holds."""

    name: Line = ""
    description: Annotated[str, Meta(max_length=2_000)] = ""
    order: Annotated[int, Meta(ge=0, le=10_000)] = 100
    """Lower is asked first; of equals the first by id."""
    rule: Rule | None = None
    """None: everybody; such a persona stands last."""


KINDS: dict[str, type[Any]] = {"segment": Segment, "persona": Persona}


class SegmentIndex:
    """The rules made ready: which segments hold of these attributes, and which persona."""

    def __init__(self, segments: Mapping[str, Segment], personas: Mapping[str, Persona], version: str = "") -> None:
        self.version = version
        ordered = sorted(personas, key=lambda name: (personas[name].order, name))
        self._personas = tuple(ordered)
        self._persona_index = RuleIndex([normal(personas[name].rule) for name in ordered])
        # Segments in layers: each layer's rules name segments of the layers before it only.
        self._layers = [
            (names, RuleIndex([normal(segments[name].rule) for name in names])) for names in _layers(segments)
        ]

    def of(self, attributes: Mapping[str, AttributeValue]) -> tuple[tuple[str, ...], str]:
        """The segments by name in alphabetical order, and the persona, empty when no rule holds."""
        values: dict[str, Any] = dict(attributes)
        found: list[str] = []
        values["segments"] = found
        for names, index in self._layers:
            found.extend([names[place] for place in places(index.matching(values))])
        found.sort()
        matched = self._persona_index.matching(values)
        return tuple(found), self._personas[(matched & -matched).bit_length() - 1] if matched else ""


def check(documents: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Every mistake in a set of segments and personas: wrong conditions, unknown segments, circles."""
    segments: Mapping[str, Segment] = documents.get("segment", {})
    personas: Mapping[str, Persona] = documents.get("persona", {})
    problems: list[Problem] = []
    for kind, rules in (
        ("segment", {name: segment.rule for name, segment in segments.items()}),
        ("persona", {name: persona.rule for name, persona in personas.items()}),
    ):
        for name, rule in rules.items():
            where = f"{kind}/{name} $.rule"
            problems += check_rule(rule, where)
            problems += [
                Problem(path=where, sentence=f"There is no segment '{other}'.")
                for other in sorted(_named(rule))
                if other not in segments
            ]
            problems += [
                Problem(
                    path=where,
                    sentence=f"`{condition.field}` is not known yet when a {kind} is found: it may test customer.*, "
                    "history.*, session.*, treatment.*, affinity.*, usual.*, journey.*, contact.*, loyalty.*, "
                    "cluster.* and segments. What the moment tells belongs into offers, layouts and moments.",
                )
                for condition in _conditions(rule)
                if isinstance(condition.field, str) and not condition.field.startswith(_TESTABLE)
            ]
    if not problems:
        sorted_in = {name for layer in _layers(segments) for name in layer}
        problems = [
            Problem(path=f"segment/{name} $.rule", sentence="Its rule names a segment whose rule leads back to it.")
            for name in sorted(set(segments) - sorted_in)
        ]
    return problems


def _layers(segments: Mapping[str, Segment]) -> list[list[str]]:
    """Names so that each segment stands in a later layer than those its rule names; circles are left out."""
    waiting = {name: _named(segment.rule) & set(segments) for name, segment in segments.items()}
    layers: list[list[str]] = []
    while True:
        ready = sorted(name for name, needs in waiting.items() if not needs)
        if not ready:
            return layers
        layers.append(ready)
        waiting = {name: needs - set(ready) for name, needs in waiting.items() if name not in ready}


def _named(rule: Rule | None) -> set[str]:
    """The segments that a rule tests."""
    found: set[str] = set()
    for condition in _conditions(rule):
        if condition.field == "segments":
            values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
            found.update(value for value in values if isinstance(value, str))
    return found


def _conditions(rule: Rule | None) -> Iterator[Rule]:
    if rule is None:
        return
    if rule.rules is UNSET:
        yield rule
        return
    for part in rule.rules:
        yield from _conditions(part)
