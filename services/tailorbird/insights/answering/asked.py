"""What a report over HTTP needs beside its parameters: documents, and pairs written as text."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request

from tailorbird.contracts.assembler import LIST_DOCUMENTS
from tailorbird.contracts.documents import ListDocumentsQuery
from tailorbird.contracts.wire import Fault

__all__ = ["document_of", "factors_in", "shares_in"]

AnyRequest = Request[Any, Any, Any]


async def document_of(request: AnyRequest, kind: str, name: str) -> dict[str, Any]:
    """What the assembler keeps under this name; nothing where it keeps none, or does not answer."""
    try:
        found = await request.app.state["asker"].ask(LIST_DOCUMENTS, ListDocumentsQuery(kind=kind))
    except Fault:
        return {}
    kept = next((one.body for one in found.documents if one.id == name), None)
    return {} if kept is None else dict(msgspec.json.decode(kept))


def shares_in(text: str) -> dict[str, float]:
    """`a:0.9 b:0.1` as numbers. Raises Fault(422)."""
    try:
        return {name: float(share) for name, _, share in (one.rpartition(":") for one in text.split())}
    except ValueError as error:
        raise Fault(422, "`shares` are written as `control:0.9 other:0.1`.") from error


def factors_in(text: str) -> dict[str, dict[str, str]]:
    """`a:headline=short,picture=none` as levels by factor. Raises Fault(422)."""
    found: dict[str, dict[str, str]] = {}
    for one in text.split():
        variant, _, levels = one.partition(":")
        pairs = [pair.partition("=") for pair in levels.split(",")]
        if not variant or not all(name and level for name, _, level in pairs):
            raise Fault(422, "`factors` are written as `variant:headline=short,picture=none other:...`.")
        found[variant] = {name: level for name, _, level in pairs}
    return found
