"""Layouts, experiments and the holdout over HTTP: what there is, how it is written, putting one to work."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, delete, get, put
from msgspec import Raw

from tailorbird.assembler.experiments.document import Experiment, Holdout
from tailorbird.assembler.layouts.document import Layout
from tailorbird.contracts.assembler import APPLY, LIST_DOCUMENTS
from tailorbird.contracts.documents import Applied, ApplyQuery, Document, ListDocumentsQuery, ListedDocuments
from tailorbird.contracts.wire import Fault
from tailorbird.host import body
from tailorbird.host.access import needs_server_key
from tailorbird.host.describing import SCHEMA, described
from tailorbird.host.documentkeys import digest
from tailorbird.host.thin import AnyRequest, applied, asker_of, json_of

__all__ = ["HANDLERS", "listed", "one_of", "put_to_work"]

LARGEST_DOCUMENT = 900_000
"""Bytes; a bucket's value ends at a megabyte."""


@get(
    "/v1/layouts",
    guards=[needs_server_key],
    summary="All layouts of pages",
    operation_class=described(ListedDocuments, tag="layouts", etag=True),
)
async def layouts(request: AnyRequest) -> Response[bytes]:
    """Every layout as it was written; the version of the set, experiments included, as ETag."""
    return await listed(request, "layout")


@get(
    "/v1/layouts/schema",
    guards=[needs_server_key],
    summary="How a layout is written",
    operation_class=described(SCHEMA, tag="layouts"),
)
async def layout_schema() -> Response[bytes]:
    """JSON Schema of a layout: its variants, their themes, and every type of slot."""
    return json_of(msgspec.json.encode(msgspec.json.schema(Layout)))


@get(
    "/v1/layouts/{layout_id:str}",
    guards=[needs_server_key],
    summary="One layout",
    operation_class=described(Layout, tag="layouts", etag=True),
)
async def layout(request: AnyRequest, layout_id: str) -> Response[bytes]:
    """The layout as it was written."""
    return await one_of(request, "layout", layout_id)


@put(
    "/v1/layouts/{layout_id:str}",
    guards=[needs_server_key],
    summary="Put a layout to work",
    operation_class=described(
        Applied, tag="layouts", body=Layout, headers=("If-Match", "If-None-Match"), refuses=(409, 412), etag=True
    ),
)
async def put_layout(request: AnyRequest, layout_id: str) -> Response[bytes]:
    """Creates or replaces the layout; the next page has it. With `If-Match`, only if it is still that one."""
    return await put_to_work(request, "layout", layout_id, Layout)


@delete(
    "/v1/layouts/{layout_id:str}",
    status_code=200,
    guards=[needs_server_key],
    summary="Retire a layout",
    operation_class=described(Applied, tag="layouts", headers=("If-Match",), refuses=(409, 412)),
)
async def delete_layout(request: AnyRequest, layout_id: str) -> Response[bytes]:
    """Takes the layout out of force."""
    return await _retire(request, "layout", layout_id)


@get(
    "/v1/experiments",
    guards=[needs_server_key],
    summary="All experiments",
    operation_class=described(ListedDocuments, tag="experiments", etag=True),
)
async def experiments(request: AnyRequest) -> Response[bytes]:
    """Every experiment as it was written, drafts and stopped ones too."""
    return await listed(request, "experiment")


@get(
    "/v1/experiments/schema",
    guards=[needs_server_key],
    summary="How an experiment is written",
    operation_class=described(SCHEMA, tag="experiments"),
)
async def experiment_schema() -> Response[bytes]:
    """JSON Schema of an experiment."""
    return json_of(msgspec.json.encode(msgspec.json.schema(Experiment)))


@get(
    "/v1/experiments/{experiment_id:str}",
    guards=[needs_server_key],
    summary="One experiment",
    operation_class=described(Experiment, tag="experiments", etag=True),
)
async def experiment(request: AnyRequest, experiment_id: str) -> Response[bytes]:
    """The experiment as it was written."""
    return await one_of(request, "experiment", experiment_id)


@put(
    "/v1/experiments/{experiment_id:str}",
    guards=[needs_server_key],
    summary="Put an experiment to work",
    operation_class=described(
        Applied, tag="experiments", body=Experiment, headers=("If-Match", "If-None-Match"), refuses=(409, 412),
        etag=True,
    ),
)
async def put_experiment(request: AnyRequest, experiment_id: str) -> Response[bytes]:
    """Creates or replaces the experiment; with `status` running the next page is part of it."""
    return await put_to_work(request, "experiment", experiment_id, Experiment)


@delete(
    "/v1/experiments/{experiment_id:str}",
    status_code=200,
    guards=[needs_server_key],
    summary="Retire an experiment",
    operation_class=described(Applied, tag="experiments", headers=("If-Match",), refuses=(409, 412)),
)
async def delete_experiment(request: AnyRequest, experiment_id: str) -> Response[bytes]:
    """Takes the experiment out of force, and out of the list; `status` stopped ends it and keeps it."""
    return await _retire(request, "experiment", experiment_id)


@get(
    "/v1/holdout",
    guards=[needs_server_key],
    summary="Who is kept out of personalization",
    operation_class=described(Holdout, tag="experiments", etag=True, refuses=(404,)),
)
async def holdout(request: AnyRequest) -> Response[bytes]:
    """The share of people kept out, as it was written."""
    return await one_of(request, "holdout", "default")


@put(
    "/v1/holdout",
    guards=[needs_server_key],
    summary="Keep some people out of personalization",
    operation_class=described(
        Applied, tag="experiments", body=Holdout, headers=("If-Match", "If-None-Match"), refuses=(409, 412), etag=True
    ),
)
async def put_holdout(request: AnyRequest) -> Response[bytes]:
    """Says which share of people is kept out of personalization, so that its effect as a whole shows."""
    return await put_to_work(request, "holdout", "default", Holdout)


async def listed(request: AnyRequest, kind: str) -> Response[bytes]:
    """Every document of this kind as it was written; the version of the set as ETag."""
    found = await asker_of(request).ask(LIST_DOCUMENTS, ListDocumentsQuery(kind=kind))
    return json_of(msgspec.json.encode(found), found.version)


async def one_of(request: AnyRequest, kind: str, identity: str) -> Response[bytes]:
    """One document. Raises Fault(404)."""
    there = await asker_of(request).ask(LIST_DOCUMENTS, ListDocumentsQuery(kind=kind))
    found = next((one for one in there.documents if one.id == identity), None)
    if found is None:
        raise Fault(404, f"There is no {kind} '{identity}'.")
    return json_of(bytes(found.body), digest(bytes(found.body)))


async def put_to_work(request: AnyRequest, kind: str, identity: str, shape: type[Any]) -> Response[bytes]:
    """What came of it. Raises Fault(412) when `If-Match` names another writing of it, Fault(422) with every mistake."""
    document = await body.read(request, shape, limit=LARGEST_DOCUMENT)
    encoded = msgspec.json.encode(document, order="deterministic")
    query = ApplyQuery(
        documents=(Document(kind=kind, id=identity, body=Raw(encoded)),),
        instead_of=_instead_of(request, f"{kind}/{identity}"),
    )
    return json_of(msgspec.json.encode(await applied(request, APPLY, query)), digest(encoded))


async def _retire(request: AnyRequest, kind: str, identity: str) -> Response[bytes]:
    key = f"{kind}/{identity}"
    there = await asker_of(request).ask(LIST_DOCUMENTS, ListDocumentsQuery(kind=kind))
    if all(one.id != identity for one in there.documents):
        raise Fault(404, f"There is no {kind} '{identity}'.")
    query = ApplyQuery(documents=(), retire=(key,), instead_of=_instead_of(request, key))
    return json_of(msgspec.json.encode(await applied(request, APPLY, query)))


def _instead_of(request: AnyRequest, key: str) -> dict[str, str]:
    """What must be at work now: what `If-Match` names, or nothing with `If-None-Match: *`."""
    named = request.headers.get("if-match", "").strip().removeprefix("W/").strip('"')
    if named and named != "*":
        return {key: named}
    return {key: ""} if request.headers.get("if-none-match", "").strip() == "*" else {}


HANDLERS = (
    layouts, layout_schema, layout, put_layout, delete_layout,
    experiments, experiment_schema, experiment, put_experiment, delete_experiment,
    holdout, put_holdout,
)  # fmt: skip
