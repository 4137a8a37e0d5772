"""What is known of somebody, over HTTP: whole, as a timeline, and as somebody who takes a call should see it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from litestar import MediaType, Request, Response, delete, get
from litestar.params import FromPath, FromQuery

from tailorbird.bus import Asker
from tailorbird.contracts.assembler import WHY, WhyQuery
from tailorbird.contracts.identity import ERASE, EXPORT, Erased, EraseQuery, ExportQuery
from tailorbird.contracts.insights import DECISIONS_OF, Decision, PersonDecisionsQuery
from tailorbird.contracts.profiles import VIEW, ViewPart, ViewQuery
from tailorbird.contracts.words import CustomerRef
from tailorbird.host.access import needs_server_key
from tailorbird.host.describing import ANYTHING, described
from tailorbird.profiles.answering.shapes import ContactCentreShown, ProfileShown, TimelineShown

__all__ = ["HANDLERS"]

IdKind = Literal["", "customer", "anonymous"]

_KINDS: dict[IdKind, tuple[str, ...]] = {
    "": ("customer_id", "anonymous_id"), "customer": ("customer_id",), "anonymous": ("anonymous_id",)
}  # fmt: skip
_NOT_STORED = {"Cache-Control": "no-store"}

AnyRequest = Request[Any, Any, Any]


@get(
    "/v1/profiles/{profile_id:str}",
    guards=[needs_server_key],
    summary="What is known of somebody",
    operation_class=described(ProfileShown, tag="profiles"),
)
async def profile(request: AnyRequest, profile_id: FromPath[str], kind: FromQuery[IdKind] = "") -> Response[bytes]:
    """What is known of somebody, by customer id or else by anonymous id; `kind` (customer, anonymous) says which."""
    return await _view(request, profile_id, kind, "profile")


@get(
    "/v1/profiles/{profile_id:str}/timeline",
    guards=[needs_server_key],
    summary="What somebody did",
    operation_class=described(TimelineShown, tag="profiles"),
)
async def profile_timeline(
    request: AnyRequest,
    profile_id: FromPath[str],
    kind: FromQuery[IdKind] = "",
    count: FromQuery[int] = 100,
    before: FromQuery[int] = 0,
) -> Response[bytes]:
    """What they did, latest first, at most a hundred events a page; `before` is the `next` of the page before."""
    return await _view(request, profile_id, kind, "timeline", min(max(count, 1), 100), max(before, 0))


@get(
    "/v1/profiles/{profile_id:str}/contact-centre",
    guards=[needs_server_key],
    summary="For who takes a call",
    operation_class=described(ContactCentreShown, tag="profiles"),
)
async def profile_for_the_contact_centre(
    request: AnyRequest, profile_id: FromPath[str], kind: FromQuery[IdKind] = ""
) -> Response[bytes]:
    """For who takes a call: recent conversations, open tickets, and what was done on the web close to them."""
    return await _view(request, profile_id, kind, "contact_centre")


@get(
    "/v1/profiles/{profile_id:str}/export",
    guards=[needs_server_key],
    summary="All that is kept of somebody",
    operation_class=described(ANYTHING, tag="profiles"),
)
async def export_profile(
    request: AnyRequest, profile_id: FromPath[str], kind: FromQuery[IdKind] = ""
) -> Response[bytes]:
    """All that is kept of somebody, readable, with why they saw what they saw in the last decisions."""
    asker = request.app.state["asker"]
    customer = CustomerRef(**dict.fromkeys(_KINDS[kind], profile_id))
    told: dict[str, Any] = msgspec.json.decode((await asker.ask(EXPORT, ExportQuery(customer=customer))).body)
    page = await asker.ask(DECISIONS_OF, PersonDecisionsQuery(person=told["person"]))
    told["decisions"] = [await _why(asker, one) for one in page.decisions]
    return Response(msgspec.json.encode(told), media_type=MediaType.JSON, headers=_NOT_STORED)


@delete(
    "/v1/profiles/{profile_id:str}",
    status_code=200,
    guards=[needs_server_key],
    summary="Erase somebody",
    operation_class=described(Erased, tag="profiles", refuses=(409,)),
)
async def erase_profile(
    request: AnyRequest, profile_id: FromPath[str], kind: FromQuery[IdKind] = ""
) -> Response[bytes]:
    """Erases somebody: their key, profile, raw events, and everything sealed with the key, in backups too."""
    customer = CustomerRef(**dict.fromkeys(_KINDS[kind], profile_id))
    erased = await request.app.state["asker"].ask(ERASE, EraseQuery(customer=customer))
    return Response(msgspec.json.encode(erased), media_type=MediaType.JSON, headers=_NOT_STORED)


async def _view(
    request: AnyRequest, profile_id: str, kind: IdKind, part: ViewPart, count: int = 100, before: int = 0
) -> Response[bytes]:
    customer = CustomerRef(**dict.fromkeys(_KINDS[kind], profile_id))
    query = ViewQuery(customer=customer, part=part, count=count, before=before)
    view = await request.app.state["asker"].ask(VIEW, query)
    return Response(bytes(view.body), media_type=MediaType.JSON, headers=_NOT_STORED)


async def _why(asker: Asker, decision: Decision) -> dict[str, Any]:
    """One decision as the person who saw it may read it."""
    explained = await asker.ask(WHY, WhyQuery(decision_id=decision.decision_id))
    return {
        "decision_id": decision.decision_id,
        "at": decision.at,
        "subject": decision.subject,
        "why_am_i_seeing_this": [
            {"slot": one.slot, "kind": one.kind, "id": one.id, "because": one.reasons} for one in explained.choices
        ],
        "made_from": explained.inputs,
    }


HANDLERS = (erase_profile, export_profile, profile, profile_timeline, profile_for_the_contact_centre)
