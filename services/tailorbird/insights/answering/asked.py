"""What a report over HTTP needs beside its parameters: documents, a sample of persons, and pairs written as text."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request
from msgspec import Raw

from tailorbird.contracts import reports
from tailorbird.contracts.assembler import LIST_DOCUMENTS
from tailorbird.contracts.documents import ListDocumentsQuery
from tailorbird.contracts.profiles import PROFILE_PAGE, ProfilePageQuery
from tailorbird.contracts.wire import Fault
from tailorbird.rules.attributes import attributes_of

__all__ = ["document_of", "factors_in", "sample_of", "shares_in"]

AnyRequest = Request[Any, Any, Any]


async def document_of(request: AnyRequest, kind: str, name: str) -> dict[str, Any]:
    """What the assembler keeps under this name; nothing where it keeps none, or does not answer."""
    try:
        found = await request.app.state["asker"].ask(LIST_DOCUMENTS, ListDocumentsQuery(kind=kind))
    except Fault:
        return {}
    kept = next((one.body for one in found.documents if one.id == name), None)
    return {} if kept is None else dict(msgspec.json.decode(kept))


async def sample_of(request: AnyRequest, persons: int) -> tuple[reports.SampledPerson, ...]:
    """What rules can test of the first persons by pseudonym, which means nothing: a sample by chance."""
    found: list[reports.SampledPerson] = []
    after = ""
    while len(found) < persons:
        page = await request.app.state["asker"].ask(PROFILE_PAGE, ProfilePageQuery(after=after, count=200))
        found += [
            reports.SampledPerson(person=one.person, attributes=Raw(msgspec.json.encode(attributes_of(one.facts))))
            for one in page.profiles
        ]
        after = page.after
        if not after:
            break
    return tuple(found[:persons])


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
