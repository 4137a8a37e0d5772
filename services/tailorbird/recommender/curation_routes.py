"""Curations over HTTP: what there is, how it is written, putting one to work."""

from __future__ import annotations

import msgspec
from litestar import Response, delete, get, put
from msgspec import Raw

from tailorbird.contracts.documents import Applied, ApplyQuery, Document, ListDocumentsQuery, ListedDocuments
from tailorbird.contracts.recommender import APPLY, LIST_DOCUMENTS
from tailorbird.contracts.wire import Fault
from tailorbird.host import body
from tailorbird.host.access import needs_server_key
from tailorbird.host.describing import SCHEMA, described
from tailorbird.host.thin import AnyRequest, applied, asker_of, json_of
from tailorbird.recommender.shelves.curation import Curation

__all__ = ["HANDLERS"]

LARGEST = 262_144


@get(
    "/v1/curations",
    guards=[needs_server_key],
    summary="What marketers say of items",
    operation_class=described(ListedDocuments, tag="items", etag=True),
)
async def curations(request: AnyRequest) -> Response[bytes]:
    """Every pin, boost and ban as it was written; the version of the set as ETag."""
    listed = await _listed(request)
    return json_of(msgspec.json.encode(listed), listed.version)


@get(
    "/v1/curations/schema",
    guards=[needs_server_key],
    summary="How a curation is written",
    operation_class=described(SCHEMA, tag="items"),
)
async def curation_schema() -> Response[bytes]:
    """JSON Schema of a curation."""
    return json_of(msgspec.json.encode(msgspec.json.schema(Curation)))


@get(
    "/v1/curations/{curation_id:str}",
    guards=[needs_server_key],
    summary="One curation",
    operation_class=described(Curation, tag="items", etag=True),
)
async def curation(request: AnyRequest, curation_id: str) -> Response[bytes]:
    """The curation as it was written."""
    listed = await _listed(request)
    found = next((one for one in listed.documents if one.id == curation_id), None)
    if found is None:
        raise Fault(404, f"There is no curation '{curation_id}'.")
    return json_of(bytes(found.body), listed.version)


@put(
    "/v1/curations/{curation_id:str}",
    guards=[needs_server_key],
    summary="Pin, boost or ban items",
    operation_class=described(
        Applied, tag="items", body=Curation, headers=("If-Match",), refuses=(409, 412), etag=True
    ),
)
async def put_curation(request: AnyRequest, curation_id: str) -> Response[bytes]:
    """Creates or replaces it; the next page follows. With `If-Match`, only if nothing was changed since."""
    document = await body.read(request, Curation, limit=LARGEST)
    one = Document(kind="curation", id=curation_id, body=Raw(msgspec.json.encode(document)))
    return await _applied(request, ApplyQuery(documents=(one,)))


@delete(
    "/v1/curations/{curation_id:str}",
    guards=[needs_server_key],
    status_code=200,
    summary="End a curation",
    operation_class=described(Applied, tag="items", headers=("If-Match",), refuses=(409, 412)),
)
async def end_curation(request: AnyRequest, curation_id: str) -> Response[bytes]:
    """The next page no longer follows it. With `If-Match`, only if nothing was changed since."""
    if all(one.id != curation_id for one in (await _listed(request)).documents):
        raise Fault(404, f"There is no curation '{curation_id}'.")
    return await _applied(request, ApplyQuery(documents=(), retire=(f"curation/{curation_id}",)))


async def _listed(request: AnyRequest) -> ListedDocuments:
    return await asker_of(request).ask(LIST_DOCUMENTS, ListDocumentsQuery(kind="curation"))


async def _applied(request: AnyRequest, query: ApplyQuery) -> Response[bytes]:
    only_if = request.headers.get("if-match", "").strip().strip('"')
    query = msgspec.structs.replace(query, only_if="" if only_if == "*" else only_if)
    made = await applied(request, APPLY, query)
    return json_of(msgspec.json.encode(made), made.version)


HANDLERS = (curations, curation_schema, curation, put_curation, end_curation)
