"""Whom and where a document lets in, as one rule: its channels, pages, audience and rule, in that order."""

from __future__ import annotations

from tailorbird.contracts.recommender import STOCK_IS_FRESH
from tailorbird.offers.documents.offer import Action, Offer
from tailorbird.rules.attributes import CATALOGUE, Catalogue
from tailorbird.rules.conditions import Contains, In, Less, Missing
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
    if isinstance(document, Action) and document.kind == "scarcity":
        # "Only two left" is said where somebody has counted lately, and never on a guess.
        parts.append(Less("context.item_stock_minutes", "number", STOCK_IS_FRESH / 60.0))
        parts.append(Missing("context.item_stock", "number", None, negated=True))
    if document.rule is not None:
        parts.append(normal(document.rule, catalogue))
    return AllOf(tuple(parts))
