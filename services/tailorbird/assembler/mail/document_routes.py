"""E-mails, campaigns and how the shop writes, as documents over HTTP: the owner checks them before they count."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, put
from litestar.params import FromPath
from msgspec import Raw

from tailorbird.assembler.describing import with_body
from tailorbird.assembler.layouts import Email
from tailorbird.assembler.mail.documents import Campaign, Mailing
from tailorbird.bus import Asker
from tailorbird.contracts.assembler import APPLY, LIST_DOCUMENTS
from tailorbird.contracts.documents import ApplyQuery, Document, ListDocumentsQuery
from tailorbird.contracts.wire import Fault
from tailorbird.host import body
from tailorbird.host.access import needs_server_key

__all__ = ["HANDLERS"]

LARGEST = 900_000
"""Bytes; a bucket's value ends at a megabyte."""

AnyRequest = Request[Any, Any, Any]


@get("/v1/emails", guards=[needs_server_key], summary="All e-mails", tags=["mail"])
async def emails(request: AnyRequest) -> Response[bytes]:
    """Every e-mail's document as it was written; the version of the set as ETag."""
    return await _listed(request, "email")


@put(
    "/v1/emails/{email:str}", guards=[needs_server_key], summary="Put an e-mail to work", tags=["mail"],
    operation_class=with_body(Email),
)  # fmt: skip
async def put_email(request: AnyRequest, email: FromPath[str]) -> Response[bytes]:
    """Creates or replaces it; its template is compiled and checked now. With `If-Match`, only if nothing changed."""
    return await _put(request, "email", email, Email)


@get("/v1/campaigns", guards=[needs_server_key], summary="All campaigns", tags=["mail"])
async def campaigns(request: AnyRequest) -> Response[bytes]:
    """Every campaign's document as it was written; `tailorbird campaign run` sends one."""
    return await _listed(request, "campaign")


@put(
    "/v1/campaigns/{campaign:str}", guards=[needs_server_key], summary="Write a campaign", tags=["mail"],
    operation_class=with_body(Campaign),
)  # fmt: skip
async def put_campaign(request: AnyRequest, campaign: FromPath[str]) -> Response[bytes]:
    """Creates or replaces it; nothing is sent by that."""
    return await _put(request, "campaign", campaign, Campaign)


@get("/v1/mailing", guards=[needs_server_key], summary="How the shop writes", tags=["mail"])
async def mailing(request: AnyRequest) -> Response[bytes]:
    """Topics, sender and how often one recipient is written to."""
    return await _listed(request, "mailing")


@put(
    "/v1/mailing", guards=[needs_server_key], summary="Say how the shop writes", tags=["mail"],
    operation_class=with_body(Mailing),
)  # fmt: skip
async def put_mailing(request: AnyRequest) -> Response[bytes]:
    """Replaces it; running campaigns go by it at once."""
    return await _put(request, "mailing", "default", Mailing)


async def _listed(request: AnyRequest, kind: str) -> Response[bytes]:
    listed = await _asker(request).ask(LIST_DOCUMENTS, ListDocumentsQuery(kind=kind))
    return _json(msgspec.json.encode(listed), listed.version)


async def _put(request: AnyRequest, kind: str, identity: str, shape: type[Any]) -> Response[bytes]:
    document = await body.read(request, shape, limit=LARGEST)
    only_if = request.headers.get("if-match", "").strip().strip('"')
    query = ApplyQuery(
        documents=(Document(kind=kind, id=identity, body=Raw(msgspec.json.encode(document))),),
        only_if="" if only_if == "*" else only_if,
    )
    applied = await _asker(request).ask(APPLY, query)
    if applied.problems:
        first = applied.problems[0]
        raise Fault(422, f"Nothing was changed: {first.path}: {first.sentence}", applied.problems)
    return _json(msgspec.json.encode(applied), applied.version)


def _asker(request: AnyRequest) -> Asker:
    asker: Asker = request.app.state["asker"]
    return asker


def _json(content: bytes, version: str) -> Response[bytes]:
    headers = {"Cache-Control": "no-store", "ETag": f'"{version}"'}
    return Response(content, media_type=MediaType.JSON, headers=headers)


HANDLERS = (emails, put_email, campaigns, put_campaign, mailing, put_mailing)
