"""Segments over HTTP: counted before they are saved, and who is in them as CSV for other systems."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream
from msgspec import Raw, Struct

from tailorbird.contracts.audiences import (
    AUDIENCES_BEING_SENT,
    SEND_AUDIENCE,
    AudiencesBeingSent,
    AudienceSending,
    BeingSentQuery,
    SendAudienceQuery,
)
from tailorbird.contracts.profiles import COUNT
from tailorbird.contracts.segments import CountQuery, SegmentCount
from tailorbird.host.access import needs_server_key
from tailorbird.host.audiencecsv import audience_lines
from tailorbird.host.body import decode, read_bytes
from tailorbird.host.describing import TEXT, described
from tailorbird.rules.document import Rule

__all__ = ["HANDLERS"]

LIMIT = 65_536

AnyRequest = Request[Any, Any, Any]


class CountBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is counted."""

    rule: Rule | None = None
    """As a segment has it; not given: everybody."""


_body = msgspec.json.Decoder(CountBody)


@post(
    "/v1/segments/count",
    status_code=200,
    guards=[needs_server_key],
    summary="Count a segment before it is saved",
    operation_class=described(SegmentCount, tag="segments", body=CountBody),
)
async def count_segment(request: AnyRequest) -> Response[bytes]:
    """Of how many customers a rule holds now: `{"rule": {...}}`, as a segment has it."""
    asked = decode(await read_bytes(request, LIMIT), _body)
    found = await request.app.state["asker"].ask_encoded(COUNT, CountQuery(rule=Raw(msgspec.json.encode(asked.rule))))
    return Response(found, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})


@get(
    "/v1/segments/{segment_id:str}/customers",
    guards=[needs_server_key],
    summary="Who is in a segment",
    operation_class=described(tag="segments", also={"text/csv": TEXT}),
)
async def customers_of_segment(request: AnyRequest, segment_id: FromPath[str]) -> Stream:
    """Everybody with a customer id who is in the segment now, as CSV with the columns that `tailorbird load` reads as
    audiences: audience_id, customer_id.
    """
    lines = await audience_lines(request.app.state["asker"], segment_id)
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="audiences.csv"'}
    return Stream(lines, media_type="text/csv; charset=utf-8", headers=headers)


@post(
    "/v1/segments/{segment_id:str}/customers/send",
    status_code=202,
    guards=[needs_server_key],
    summary="Tell a webhook who is in a segment",
    operation_class=described(AudienceSending, tag="segments"),
)
async def send_segment(
    request: AnyRequest,
    segment_id: FromPath[str],
    webhook: Annotated[str, QueryParameter(min_length=1, max_length=200, description="Id of the webhook to tell.")],
) -> Response[bytes]:
    """Tells a webhook who is in the segment now: signed, in pages that it takes one after the other, tried again until
    each is taken. `GET /v1/audiences/sendings` says what is still to be told.
    """
    asked = SendAudienceQuery(segment=segment_id, webhook=webhook)
    found = await request.app.state["asker"].ask_encoded(SEND_AUDIENCE, asked)
    return Response(found, status_code=202, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})


@get(
    "/v1/audiences/sendings",
    guards=[needs_server_key],
    summary="Audiences on their way to webhooks",
    operation_class=described(AudiencesBeingSent, tag="segments"),
)
async def sendings(request: AnyRequest) -> Response[bytes]:
    """Audiences that webhooks have not taken to the end yet, with how far each is and why it was refused last."""
    found = await request.app.state["asker"].ask_encoded(AUDIENCES_BEING_SENT, BeingSentQuery())
    return Response(found, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})


HANDLERS = (count_segment, customers_of_segment, send_segment, sendings)
