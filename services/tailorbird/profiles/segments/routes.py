"""Segments over HTTP: counted before they are saved, and who is in them as CSV for other systems."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Raw, Struct

from tailorbird.bus import Asker
from tailorbird.contracts.documents import ListDocumentsQuery
from tailorbird.contracts.profiles import COUNT, LIST_DOCUMENTS, PROFILE_PAGE, ProfilePageQuery
from tailorbird.contracts.segments import CountQuery, SegmentCount
from tailorbird.contracts.wire import Fault
from tailorbird.host.access import needs_server_key
from tailorbird.host.body import decode, read_bytes
from tailorbird.host.describing import TEXT, described
from tailorbird.rules.document import Rule

__all__ = ["HANDLERS"]

LIMIT = 65_536
PAGE = 200

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
    asker: Asker = request.app.state["asker"]
    kept = await asker.ask(LIST_DOCUMENTS, ListDocumentsQuery(kind="segment"))
    if segment_id not in {document.id for document in kept.documents}:
        raise Fault(404, f"There is no segment '{segment_id}'.")
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="audiences.csv"'}
    return Stream(_rows(asker, segment_id), media_type="text/csv; charset=utf-8", headers=headers)


async def _rows(asker: Asker, segment_id: str) -> AsyncIterator[str]:
    yield _line("audience_id", "customer_id")
    after = ""
    while True:
        page = await asker.ask(PROFILE_PAGE, ProfilePageQuery(after=after, count=PAGE))
        inside = [
            profile.customer.customer_id
            for profile in page.profiles
            if segment_id in profile.facts.segments and profile.customer.customer_id
        ]
        if inside:
            yield "".join(_line(segment_id, customer_id) for customer_id in inside)
        if not page.after:
            return
        after = page.after


def _line(*values: str) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(values)
    return written.getvalue()


HANDLERS = (count_segment, customers_of_segment)
