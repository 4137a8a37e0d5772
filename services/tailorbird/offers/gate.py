"""Whom and where a document lets in, as one rule: its channels, pages, audience and rule, in that order."""

from __future__ import annotations

from tailorbird.offers.offer import Action, Offer
from tailorbird.rules.attributes import CATALOGUE, Catalogue
from tailorbird.rules.conditions import Contains, In
from tailorbird.rules.normal import AllOf, Node, normal

__all__ = ["gate"]


def gate(document: Offer | Action, catalogue: Catalogue = CATALOGUE) -> Node:
    """Holds of those to whom it may be made, window and items aside."""
    parts: list[Node] = []
    if document.channels:
        parts.append(In("context.channel", "text", document.channels))
    if document.pages:
        parts.append(In("context.page", "text", document.pages))
    if document.audience_id:
        parts.append(Contains("customer.audiences", "list", document.audience_id))
    if document.rule is not None:
        parts.append(normal(document.rule, catalogue))
    return AllOf(tuple(parts))
