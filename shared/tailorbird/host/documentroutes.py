"""Documents of one kind over HTTP: all of them, how one is written, one, putting one to work, and retiring it.

An offer, a segment and a layout are kept, versioned and refused alike, so they are read and written alike.
"""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, delete, get, put
from litestar.handlers import HTTPRouteHandler
from msgspec import Raw, Struct

from tailorbird.contracts.documents import Applied, ApplyQuery, Document, ListDocumentsQuery, ListedDocuments
from tailorbird.contracts.wire import Endpoint, Fault
from tailorbird.host import body
from tailorbird.host.access import needs_server_key
from tailorbird.host.describing import SCHEMA, described
from tailorbird.host.documentkeys import VERSION_LENGTH, digest
from tailorbird.host.thin import AnyRequest, applied, asker_of, json_of

__all__ = ["DocumentKind", "Owner", "document_routes", "route_of_all", "route_of_schema", "routes_of_one"]

LARGEST_DOCUMENT = 900_000
"""Bytes; a bucket's value ends at a megabyte."""

_GUARDS = [needs_server_key]


class Owner(Struct, frozen=True):
    """Whom to ask: the service that keeps the documents."""

    apply: Endpoint[ApplyQuery, Applied]
    listed: Endpoint[ListDocumentsQuery, ListedDocuments]


class DocumentKind(Struct, frozen=True, kw_only=True):
    """One kind of document as the API tells it."""

    owner: Owner
    kind: str
    """Its name in the owner's set: `layout`."""
    shape: Any
    """The type that it is read as."""
    path: str
    """`/v1/layouts`: all of them; one stands behind that under its id."""
    tag: str
    one: str
    """`a layout`."""
    many: str = ""
    """`layouts`."""
    effect: str
    """What follows when it is put to work, as a sentence."""
    example: Any = None
    alone: str = ""
    """The id of the only one there is, which then stands at the path itself."""
    id_name: str = ""
    """What the path calls its id; not given: `layout_id`."""
    all_behind: str = ""
    """Further words of the path where all are had, when something else is had at `path`."""
    read_behind: str = ""
    """Further words of the path where one is had, when something else is had at its id's."""
    operation: str = ""
    """Its part of an operation's name; not given: `layout`."""

    @property
    def path_of_one(self) -> str:
        return self.path if self.alone else f"{self.path}/{{{self.parameter}:str}}"

    @property
    def parameter(self) -> str:
        return self.id_name or f"{self.kind}_id"

    @property
    def name(self) -> str:
        return self.operation or self.kind


def document_routes(kind: DocumentKind) -> tuple[HTTPRouteHandler, ...]:
    """All routes of a kind that has a set of its own."""
    return (route_of_all(kind), route_of_schema(kind), *routes_of_one(kind))


def route_of_all(kind: DocumentKind) -> HTTPRouteHandler:
    """`GET /v1/layouts`."""

    @get(
        kind.path + kind.all_behind,
        guards=_GUARDS,
        operation_id=f"{kind.name}s",
        summary=f"All {kind.many}",
        description="Every one as it was written; the version of the owner's whole set as ETag.",
        operation_class=described(ListedDocuments, tag=kind.tag, etag=True),
    )
    async def everything(request: AnyRequest) -> Response[bytes]:
        found = await _listed(request, kind)
        return json_of(msgspec.json.encode(found), found.version)

    return everything


def route_of_schema(kind: DocumentKind) -> HTTPRouteHandler:
    """`GET /v1/layouts/schema`."""

    @get(
        f"{kind.path}/schema",
        guards=_GUARDS,
        operation_id=f"{kind.name}_schema",
        summary=f"How {kind.one} is written",
        description="Its JSON Schema, each property described.",
        operation_class=described(SCHEMA, tag=kind.tag),
    )
    async def how_it_is_written() -> Response[bytes]:
        return json_of(msgspec.json.encode(msgspec.json.schema(kind.shape)))

    return how_it_is_written


def routes_of_one(kind: DocumentKind) -> tuple[HTTPRouteHandler, ...]:
    """`GET`, `PUT` and `DELETE /v1/layouts/{layout_id}`; of a document that is the only one no `DELETE`."""
    conditional = ("If-Match", "If-None-Match")

    @get(
        kind.path_of_one + kind.read_behind,
        guards=_GUARDS,
        operation_id=kind.name if not kind.read_behind else f"{kind.name}_document",
        summary=f"{kind.one[0].upper()}{kind.one[1:]}, as it was written",
        description="Its ETag names this writing of it.",
        operation_class=described(kind.shape, tag=kind.tag, etag=True, refuses=(404,)),
    )
    async def read(request: AnyRequest) -> Response[bytes]:
        found = await _found(request, kind)
        return json_of(found, digest(found))

    @put(
        kind.path_of_one,
        guards=_GUARDS,
        operation_id=f"put_{kind.name}",
        summary=f"Put {kind.one} to work",
        description=f"Creates or replaces it. {kind.effect} With `If-Match` only if what is there is still that "
        "writing of it, or the whole set still at that version; with `If-None-Match: *` only if there is none.",
        operation_class=described(
            Applied, tag=kind.tag, body=kind.shape, headers=conditional, refuses=(409, 412), etag=True,
            example=kind.example,
        ),
    )  # fmt: skip
    async def write(request: AnyRequest) -> Response[bytes]:
        document = await body.read(request, kind.shape, limit=LARGEST_DOCUMENT)
        encoded = msgspec.json.encode(document, order="deterministic")
        one = Document(kind=kind.kind, id=_id_in(request, kind), body=Raw(encoded))
        made = await _applied(request, kind, ApplyQuery(documents=(one,)))
        return json_of(msgspec.json.encode(made), digest(encoded))

    if kind.alone:
        return read, write

    @delete(
        kind.path_of_one,
        guards=_GUARDS,
        status_code=200,
        operation_id=f"delete_{kind.name}",
        summary=f"Retire {kind.one}",
        description="Takes it out of force; `If-Match` as when it is put.",
        operation_class=described(Applied, tag=kind.tag, headers=("If-Match",), refuses=(409, 412)),
    )
    async def retire(request: AnyRequest) -> Response[bytes]:
        await _found(request, kind)
        query = ApplyQuery(documents=(), retire=(f"{kind.kind}/{_id_in(request, kind)}",))
        return json_of(msgspec.json.encode(await _applied(request, kind, query)))

    return read, write, retire


def _id_in(request: AnyRequest, kind: DocumentKind) -> str:
    return kind.alone or str(request.path_params[kind.parameter])


async def _listed(request: AnyRequest, kind: DocumentKind) -> ListedDocuments:
    return await asker_of(request).ask(kind.owner.listed, ListDocumentsQuery(kind=kind.kind))


async def _found(request: AnyRequest, kind: DocumentKind) -> bytes:
    """The document as its owner keeps it. Raises Fault(404)."""
    identity = _id_in(request, kind)
    for one in (await _listed(request, kind)).documents:
        if one.id == identity:
            return bytes(one.body)
    raise Fault(404, f"There is no {kind.kind} '{identity}'.")


async def _applied(request: AnyRequest, kind: DocumentKind, query: ApplyQuery) -> Applied:
    """What came of it, where what must be there is there. Raises Fault(412, 422)."""
    key = f"{kind.kind}/{_id_in(request, kind)}"
    named = request.headers.get("if-match", "").strip().removeprefix("W/").strip('"')
    if named and named != "*":
        condition: Any = {"only_if": named} if len(named) == VERSION_LENGTH else {"instead_of": {key: named}}
    elif request.headers.get("if-none-match", "").strip() == "*":
        condition = {"instead_of": {key: ""}}
    else:
        condition = {}
    return await applied(request, kind.owner.apply, msgspec.structs.replace(query, **condition))
