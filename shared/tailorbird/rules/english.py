"""A rule as a sentence: for the studio, for "why", and, where it is fit for them, for customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tailorbird.rules.attributes import CATALOGUE, Catalogue, known
from tailorbird.rules.condition import Condition
from tailorbird.rules.normal import AllOf, Node

__all__ = ["english", "reasons"]


def english(node: Node, catalogue: Catalogue = CATALOGUE) -> str:
    """`age is 65+ and (cart total is at least 50 or segments include premium)`; `everybody`, `nobody`."""
    if isinstance(node, Condition):
        attribute = catalogue.find(node.field)
        return node.english(attribute.label if attribute else node.field)
    if not node.parts:
        return "everybody" if isinstance(node, AllOf) else "nobody"
    if len(node.parts) == 1:
        return english(node.parts[0], catalogue)
    joiner = " and " if isinstance(node, AllOf) else " or "
    return joiner.join(
        english(part, catalogue) if isinstance(part, Condition) else f"({english(part, catalogue)})"
        for part in node.parts
    )


def reasons(node: Node, values: Mapping[str, Any], catalogue: Catalogue = CATALOGUE) -> list[str]:
    """Sentences that the customer may read: of each condition that holds and whose attribute offers one.

    Nothing sensitive is told, and nothing about what a customer is not.
    """
    if isinstance(node, Condition):
        attribute = catalogue.find(node.field)
        if attribute is None or attribute.sensitive or not attribute.because or node.negated:
            return []
        found = known(node.type, values.get(node.field))
        if found is None or found is False or not node.holds(found):
            return []
        return [attribute.because.format(value=found)]
    said: list[str] = []
    for part in node.parts:
        said += [sentence for sentence in reasons(part, values, catalogue) if sentence not in said]
    return said
