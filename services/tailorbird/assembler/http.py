"""The assembler over HTTP: pages, e-mails, decisions and why. Thin: read strictly, ask over the bus, pass bytes on."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.params import FromPath, FromQuery
from msgspec.structs import replace

from tailorbird.assembler import document_routes
from tailorbird.assembler.calls.answers import PAGE_ANSWER, Fragment, Fragments
from tailorbird.assembler.calls.bodies import (
    DecideBody,
    EmailBody,
    PageBody,
    email_from_parameters,
    page_from_parameters,
)
from tailorbird.assembler.calls.parameters import (
    DECIDE_EXAMPLE,
    EMAIL_EXAMPLE,
    EMAIL_QUERY,
    FRAGMENT_QUERY,
    PAGE_EXAMPLE,
    PAGE_QUERY,
)
from tailorbird.assembler.calls.replying import fragment_reply, page_reply
from tailorbird.assembler.channels.rendering import PageRenderer
from tailorbird.assembler.mail.hearing import routes as mail_links
from tailorbird.assembler.mail.hearing import standing_routes as mail_standings
from tailorbird.assembler.mail.hearing.routes import open_mail_state
from tailorbird.assembler.sdk import routes as sdk_routes
from tailorbird.bus import AskingBus
from tailorbird.contracts.assembler import (
    EMAIL,
    PAGE,
    WHY,
    DecisionExplained,
    EmailPayload,
    PagePayload,
    PageQuery,
    WhyQuery,
)
from tailorbird.contracts.profiles import Event
from tailorbird.contracts.wire import Fault
from tailorbird.host import access, body, privacy
from tailorbird.host.access import Caller, needs_server_key
from tailorbird.host.describing import TEXT, described
from tailorbird.host.reply import EncodedReply
from tailorbird.host.segment_events import events_from_segment
from tailorbird.host.service import Routes

__all__ = ["ROUTES"]

LIMIT = 65_536
"""Bytes of a body: a decision needs no more."""

_PRIVATE = {"Cache-Control": "no-store"}
_page_body = msgspec.json.Decoder(PageBody)
_decide_body = msgspec.json.Decoder(DecideBody)
_email_body = msgspec.json.Decoder(EmailBody)

AnyRequest = Request[Any, Any, Any]

_PARTS = {"text/html": TEXT, "text/plain": TEXT}
_PAGE = described(
    PAGE_ANSWER, tag="pages", keys="page", body=PageBody, body_needed=False, also=_PARTS, example=PAGE_EXAMPLE
)
_PAGE_BY_GET = described(PAGE_ANSWER, tag="pages", keys="page", query=PAGE_QUERY, also=_PARTS)
_FRAGMENT = described(
    Fragment, tag="pages", keys="page", query=FRAGMENT_QUERY, also={"text/html": TEXT}, headers=("If-None-Match",),
    unchanged=True,
)  # fmt: skip
_DECIDE = described(PagePayload, tag="pages", keys="page", body=DecideBody, example=DECIDE_EXAMPLE)


@post("/v1/pages/{page:str}", status_code=200, summary="A page", operation_class=_PAGE)
async def post_page(request: AnyRequest, page: FromPath[str]) -> Response[bytes]:
    """The page for this customer, now. As JSON, or as HTML by `Accept: text/html`."""
    caller = access.page_access(request)
    asked = body.decode(await body.read_bytes(request, LIMIT) or b"{}", _page_body)
    return await _page(request, caller, page, asked)


@post(
    "/v1/pages/{page:str}/fragments",
    status_code=200,
    summary="A page's slots as HTML",
    operation_class=described(
        Fragments, tag="pages", keys="page", body=PageBody, body_needed=False, example=PAGE_EXAMPLE
    ),
)
async def post_fragments(request: AnyRequest, page: FromPath[str]) -> Response[bytes]:
    """Every slot as HTML by its id, and their style once: for sites that put them into pages of their own."""
    caller = access.page_access(request)
    asked = body.decode(await body.read_bytes(request, LIMIT) or b"{}", _page_body)
    events, told = await _events(request, caller, asked)
    payload = await request.app.state["asker"].ask(PAGE, _as_seen(request, asked.query(page, events)))
    renderer: PageRenderer = request.app.state["page_renderer"]
    style, slots = renderer.fragments(payload)
    answer = Fragments(
        decision_id=payload.decision_id, variant=payload.layout.variant, style=style, slots=slots,
        fallbacks=payload.fallbacks, held_out=payload.held_out, experiments=payload.experiments,
    )  # fmt: skip
    return EncodedReply(msgspec.json.encode(answer), told)


@get("/v1/pages/{page:str}", summary="A page, by GET", operation_class=_PAGE_BY_GET)
async def get_page(request: AnyRequest, page: FromPath[str]) -> Response[bytes]:
    """The same for who can only GET: `?customer_id=1228&channel=web&item_id=...&cart=123:2,456`."""
    caller = access.page_access(request)
    return await _page(request, caller, page, page_from_parameters(request.query_params.multi_items()))


@get(
    "/v1/pages/{page:str}/fragments/{slot:str}",
    summary="One slot of a page",
    operation_class=_FRAGMENT,
)
async def get_fragment(request: AnyRequest, page: FromPath[str], slot: FromPath[str]) -> Response[bytes]:
    """One slot as it stands on this customer's page, as JSON or HTML by `Accept`. With `variant=ID`, as everybody sees
    it who gets that variant: this may be cached for all; `v` (the layouts' version) makes a new address of a new one.
    """
    caller = access.page_access(request)
    given = [(name, value) for name, value in request.query_params.multi_items() if name not in ("variant", "v")]
    asked = page_from_parameters(given)
    events, told = await _events(request, caller, asked)
    query = replace(
        _as_seen(request, asked.query(page, events)),
        slot=slot,
        shared_variant=request.query_params.get("variant", "")[:200],
    )
    return await fragment_reply(request, query, told)


@post("/v1/decide", status_code=200, summary="Offers and actions", operation_class=_DECIDE)
async def post_decide(request: AnyRequest) -> Response[bytes]:
    """Offers and actions for slots that the caller names, without a layout."""
    caller = access.page_access(request)
    asked = body.decode(await body.read_bytes(request, LIMIT), _decide_body)
    events, told = await _events(request, caller, asked)
    query = _as_seen(request, asked.query(asked.page or "decide", events, asked.decision_slots()))
    return EncodedReply(await request.app.state["asker"].ask_encoded(PAGE, query), told)


@post(
    "/v1/emails/{email:str}",
    status_code=200,
    guards=[needs_server_key],
    summary="An e-mail",
    operation_class=described(
        EmailPayload, tag="mail", body=EmailBody, body_needed=False, also=_PARTS, refuses=(409,), example=EMAIL_EXAMPLE
    ),
)
async def post_email(request: AnyRequest, email: FromPath[str]) -> Response[bytes]:
    """The e-mail for this recipient: the same however often it is fetched with one `message_id`."""
    asked = body.decode(await body.read_bytes(request, LIMIT) or b"{}", _email_body)
    return await _email(request, email, asked)


@get(
    "/v1/emails/{email:str}",
    guards=[needs_server_key],
    summary="An e-mail, by GET",
    operation_class=described(EmailPayload, tag="mail", query=EMAIL_QUERY, also=_PARTS, refuses=(409,)),
)
async def get_email(request: AnyRequest, email: FromPath[str]) -> Response[bytes]:
    """The same for who can only GET: `?customer_id=1228&message_id=week-47`; HTML or text alone by `Accept`."""
    return await _email(request, email, email_from_parameters(request.query_params.multi_items()))


@get(
    "/v1/decisions/{decision_id:str}",
    guards=[needs_server_key],
    summary="Why a decision came out so",
    operation_class=described(DecisionExplained, tag="pages"),
)
async def get_decision(
    request: AnyRequest, decision_id: FromPath[str], why_not: FromQuery[str] = ""
) -> Response[bytes]:
    """Why: what was considered, chosen and refused, from what, with which versions. `why_not=OFFER` adds a sentence."""
    query = WhyQuery(decision_id=decision_id, why_not=why_not)
    return EncodedReply(await request.app.state["asker"].ask_encoded(WHY, query))


async def _page(request: AnyRequest, caller: Caller, page: str, asked: PageBody) -> Response[bytes]:
    events, told = await _events(request, caller, asked)
    return await page_reply(request, asked, _as_seen(request, asked.query(page, events)), told)


async def _events(
    request: AnyRequest, caller: Caller, asked: PageBody
) -> tuple[tuple[Event, ...], Mapping[str, str]]:
    """The call's events, accepted by the collector before anything is answered. Raises Fault for who may not ask.

    When stream and disk are full they count for this answer alone, and a header says so.
    """
    _allowed(caller, asked)
    if not asked.events:
        return (), {}
    whose = {"userId": asked.customer.customer_id, "anonymousId": asked.customer.anonymous_id}
    known = {name: value for name, value in whose.items() if value}
    # An event of the call is the customer's own, unless it says whose it is.
    bodies = [event if {"userId", "anonymousId"} & event.keys() else known | event for event in asked.events]
    events = events_from_segment(bodies, time.time(), trusted=caller.kind == "server")
    if not asked.preview:
        defaults = privacy.consent_defaults(request.app.state["settings"].consent_defaults)
        gpc = asked.context.gpc or privacy.sends_gpc(request)
        # What may not be kept still counts for this one page.
        kept = privacy.at_the_door(events, gpc, defaults, asked.context.region)
        try:
            await request.app.state["accept_events"].accept(kept)
        except Fault as fault:
            return events, {"Tailorbird-Events-Not-Kept": fault.sentence}
    return events, {}


def _as_seen(request: AnyRequest, query: PageQuery) -> PageQuery:
    """The query with what the browser itself says of privacy."""
    if query.context.gpc or not privacy.sends_gpc(request):
        return query
    return replace(query, context=replace(query.context, gpc=True))


def _allowed(caller: Caller, asked: PageBody) -> None:
    if caller.kind == "server":
        return
    if asked.form == "brief" or asked.context.channel == "contact_centre":
        raise Fault(401, "A contact centre's brief needs the server key: it tells all that is known of a customer.")
    if asked.explain or asked.preview:
        raise Fault(401, "explain and preview need the server key: they tell how decisions are made.")
    if asked.customer.customer_id and asked.customer.customer_id != caller.customer_id:
        raise Fault(
            401,
            "With the write key a page is for an anonymous_id, or for the customer whose token, signed by the site's "
            "server, comes in the header 'Tailorbird-Customer-Token'.",
        )


async def _email(request: AnyRequest, email: str, asked: EmailBody) -> Response[bytes]:
    asker = request.app.state["asker"]
    accepted = request.headers.get("accept", "")
    if "text/html" in accepted or accepted.startswith("text/plain"):
        payload = await asker.ask(EMAIL, asked.query(email))
        html = "text/html" in accepted
        media_type = MediaType.HTML if html else MediaType.TEXT
        return Response((payload.html if html else payload.text).encode(), media_type=media_type, headers=_PRIVATE)
    return EncodedReply(await asker.ask_encoded(EMAIL, asked.query(email)))


@contextlib.asynccontextmanager
async def _open_state(bus: AskingBus, settings: None) -> AsyncIterator[dict[str, Any]]:
    del settings
    async with open_mail_state(bus) as mail:
        yield {"page_renderer": PageRenderer(Path(__file__).parent / "templates" / "web"), **mail}


_HANDLERS: Sequence[Any] = (
    post_page, get_page, get_fragment, post_decide, post_email, get_email, get_decision, *document_routes.HANDLERS,
    *mail_links.HANDLERS, *mail_standings.HANDLERS,
)  # fmt: skip

ROUTES = Routes(handlers=[*_HANDLERS, post_fragments, *sdk_routes.HANDLERS], open_state=_open_state)
