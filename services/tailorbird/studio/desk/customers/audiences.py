"""Who is in a segment, taken elsewhere: as CSV, and told to another system's webhook. Both are logged."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from tailorbird.contracts.audiences import AUDIENCES_BEING_SENT, SEND_AUDIENCE, BeingSentQuery, SendAudienceQuery
from tailorbird.contracts.documents import ListDocumentsQuery
from tailorbird.contracts.profiles import LIST_DOCUMENTS
from tailorbird.contracts.wire import Fault
from tailorbird.host.audiencecsv import audience_lines
from tailorbird.studio.desk.access import AnyRequest, desk_of, form_of, signed
from tailorbird.studio.desk.pages import HEADERS, fragment, go

__all__ = ["HANDLERS"]

EDITOR: dict[str, Any] = {"role": "editor"}
APPROVER: dict[str, Any] = {"role": "approver"}


@get("/audiences/{segment:str}", opt=EDITOR, include_in_schema=False)
async def audience(request: AnyRequest, segment: FromPath[str]) -> Response[str]:
    """For the segment's page: where its customers can be taken, and what is still on its way."""
    desk, problem = desk_of(request), ""
    webhooks: list[str] = []
    sendings: list[Any] = []
    try:
        kept = await desk.asker.ask(LIST_DOCUMENTS, ListDocumentsQuery(kind="webhook"))
        webhooks = sorted(one.id for one in kept.documents)
        told = await desk.asker.ask(AUDIENCES_BEING_SENT, BeingSentQuery())
        sendings = [one for one in told.sendings if one.segment == segment]
    except Fault as fault:
        problem = fault.sentence
    return fragment(
        request, "customers/audience.html", segment=segment, webhooks=webhooks, sendings=sendings, problem=problem
    )


@get("/audiences/{segment:str}/csv", opt=EDITOR, include_in_schema=False)
async def as_csv(request: AnyRequest, segment: FromPath[str]) -> Stream:
    """Their customer ids, as `tailorbird load` reads audiences."""
    desk = desk_of(request)
    lines = await audience_lines(desk.asker, segment)
    await desk.audit.note(signed(request).member.name, "exported", f"segment/{segment}", note="as CSV")
    headers = HEADERS | {"Content-Disposition": 'attachment; filename="audiences.csv"'}
    return Stream(lines, media_type="text/csv; charset=utf-8", headers=headers)


@post("/audiences/{segment:str}/send", opt=APPROVER, include_in_schema=False)
async def send(request: AnyRequest, segment: FromPath[str]) -> Response[Any]:
    """Begins to tell a webhook who is in it."""
    desk, webhook = desk_of(request), (form_of(request).get("webhook") or [""])[0][:200]
    if not webhook:
        raise Fault(422, "Which webhook is to be told? Choose one.")
    await desk.asker.ask(SEND_AUDIENCE, SendAudienceQuery(segment=segment, webhook=webhook))
    who = signed(request).member.name
    await desk.audit.note(who, "exported", f"segment/{segment}", note=f"to the webhook {webhook}")
    return go(request, f"/studio/segments/{segment}", f"'{webhook}' is being told who is in it.")


HANDLERS = (audience, as_csv, send)
