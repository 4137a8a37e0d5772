"""Curations over HTTP: what marketers say of items."""

from __future__ import annotations

from tailorbird.contracts.recommender import APPLY, LIST_DOCUMENTS
from tailorbird.host.documentroutes import DocumentKind, Owner, document_routes
from tailorbird.recommender.shelves.curation import Curation

__all__ = ["HANDLERS"]

CURATIONS = DocumentKind(
    owner=Owner(APPLY, LIST_DOCUMENTS), kind="curation", shape=Curation, path="/v1/curations", tag="items",
    one="a curation", many="pins, boosts and bans", effect="The next page follows it.",
)  # fmt: skip

HANDLERS = document_routes(CURATIONS)
