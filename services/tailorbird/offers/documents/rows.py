"""Rows of the load table `offers` as documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Raw

from tailorbird.contracts.documents import Document

__all__ = ["offer_document"]

_AS_THEY_ARE = ("kind", "headline", "text", "code", "audience_id", "campaign_id")
_SCOPE = ("item_ids", "categories", "departments")


def offer_document(row: Mapping[str, Any]) -> Document:
    """A row of the table `offers` as a document; times are seconds since 1970 UTC."""
    body: dict[str, Any] = {name: row[name] for name in _AS_THEY_ARE if row.get(name)}
    body["loaded"] = True
    for name in ("value", "minimum_spend"):
        if row.get(name) is not None:
            body[name] = row[name]
    for name in ("starts_at", "ends_at"):
        if row.get(name) is not None:
            body[name] = datetime.fromtimestamp(row[name], UTC)
    if row.get("priority") is not None:
        body["priority"] = min(max(round(row["priority"]), 0), 100)
    scope = {name: row[name] for name in _SCOPE if row.get(name)}
    if scope:
        body["scope"] = scope
    return Document(kind="offer", id=row["offer_id"], body=Raw(msgspec.json.encode(body)))
