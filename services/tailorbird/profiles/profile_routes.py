"""What is known of somebody, over HTTP: whole, as a timeline, and as somebody who takes a call should see it."""

from __future__ import annotations

from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.params import FromPath, FromQuery

from tailorbird.contracts.profiles import VIEW, ViewPart, ViewQuery
from tailorbird.contracts.wire import Fault, Problem
from tailorbird.contracts.words import CustomerRef
from tailorbird.host.access import needs_server_key

__all__ = ["HANDLERS"]

_KINDS = {"": ("customer_id", "anonymous_id"), "customer": ("customer_id",), "anonymous": ("anonymous_id",)}
_NOT_STORED = {"Cache-Control": "no-store"}

AnyRequest = Request[Any, Any, Any]


@get("/v1/profiles/{profile_id:str}", guards=[needs_server_key], tags=["profiles"])
async def profile(request: AnyRequest, profile_id: FromPath[str], kind: FromQuery[str] = "") -> Response[bytes]:
    """What is known of somebody, by customer id or else by anonymous id; `kind` (customer, anonymous) says which."""
    return await _view(request, profile_id, kind, "profile")


@get("/v1/profiles/{profile_id:str}/timeline", guards=[needs_server_key], tags=["profiles"])
async def profile_timeline(
    request: AnyRequest, profile_id: FromPath[str], kind: FromQuery[str] = "", count: FromQuery[int] = 100
) -> Response[bytes]:
    """What they did, latest first: at most the last hundred events."""
    return await _view(request, profile_id, kind, "timeline", min(max(count, 1), 100))


@get("/v1/profiles/{profile_id:str}/contact-centre", guards=[needs_server_key], tags=["profiles"])
async def profile_for_the_contact_centre(
    request: AnyRequest, profile_id: FromPath[str], kind: FromQuery[str] = ""
) -> Response[bytes]:
    """For who takes a call: recent conversations, open tickets, and what was done on the web close to them."""
    return await _view(request, profile_id, kind, "contact_centre")


async def _view(request: AnyRequest, profile_id: str, kind: str, part: ViewPart, count: int = 100) -> Response[bytes]:
    kinds = _KINDS.get(kind)
    if kinds is None:
        raise Fault(422, "`kind` is customer or anonymous.", (Problem(path="kind", sentence="One of the two."),))
    customer = CustomerRef(**dict.fromkeys(kinds, profile_id))
    view = await request.app.state["asker"].ask(VIEW, ViewQuery(customer=customer, part=part, count=count))
    return Response(bytes(view.body), media_type=MediaType.JSON, headers=_NOT_STORED)


HANDLERS = (profile, profile_timeline, profile_for_the_contact_centre)
