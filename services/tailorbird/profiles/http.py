"""The collector, which speaks Segment's HTTP API, and what a profile looks like from outside."""

from __future__ import annotations

import contextlib
import hmac
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.params import FromPath

from tailorbird.bus import AskingBus
from tailorbird.contracts.profiles import MOMENT_FIRED
from tailorbird.contracts.wire import Fault
from tailorbird.host.access import page_access
from tailorbird.host.body import read_bytes
from tailorbird.host.describing import ANYTHING, described
from tailorbird.host.privacy import at_the_door, consent_defaults, sends_gpc
from tailorbird.host.service import Routes
from tailorbird.profiles import document_routes
from tailorbird.profiles.answering import routes as profile_routes
from tailorbird.profiles.collecting.segment_calls import Voucher, body_of, events_of, largest, write_key_in
from tailorbird.profiles.collecting.sent import BATCH_EXAMPLE, EVENT_EXAMPLE, BatchSent, EventSent, Success
from tailorbird.profiles.collecting.spool import open_spool
from tailorbird.profiles.moments import routes as moment_routes
from tailorbird.profiles.moments.listening import Listeners
from tailorbird.profiles.segments import routes as segment_routes
from tailorbird.profiles.settings import Settings

__all__ = ["ROUTES"]

_SHORT = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias", "b": "batch"}
_TYPES = [f"/v1/{kind}" for kind in _SHORT.values() if kind != "batch"]
_SUCCESS = b'{"success":true}'
_NOT_STORED = {"Cache-Control": "no-store"}

AnyRequest = Request[Any, Any, Any]


@post(
    _TYPES,
    status_code=200,
    summary="An event",
    operation_class=described(Success, tag="events", keys="collect", body=EventSent, example=EVENT_EXAMPLE),
)
async def send(request: AnyRequest) -> Response[bytes]:
    """Takes an event of the type that the address says (Segment's body). 200 once it is safe."""
    return await _collect(request)


@post(
    "/v1/batch",
    status_code=200,
    summary="Many events",
    operation_class=described(Success, tag="events", keys="collect", body=BatchSent, example=BATCH_EXAMPLE),
)
async def send_batch(request: AnyRequest) -> Response[bytes]:
    """Takes events of any type, in their order. 200 once they are safe.

    One that cannot be read is set aside with its reason (`tailorbird events dead`); the others are taken.
    """
    return await _collect(request)


@post([f"/v1/{short}" for short in _SHORT], status_code=200, include_in_schema=False)
async def send_by_short_name(request: AnyRequest) -> Response[bytes]:
    """The same at the addresses that Segment's browser library calls: `/v1/t` is `/v1/track`."""
    return await _collect(request)


@get(
    "/v1/projects/{write_key:str}/settings",
    summary="Settings of Segment's browser library",
    operation_class=described(ANYTHING, tag="events", keys="anybody", refuses=(404,)),
)
async def project_settings(request: AnyRequest, write_key: FromPath[str]) -> Response[bytes]:
    """What Segment's browser library asks for before it sends anything."""
    if not hmac.compare_digest(write_key.encode(), request.app.state["settings"].write_key.encode()):
        raise Fault(404, "There is no project with this write key.")
    host = f"{request.base_url.netloc}/v1"
    segment = {"apiKey": write_key, "apiHost": host, "protocol": request.base_url.scheme, "deliveryStrategy": {}}
    settings = {
        "integrations": {"Segment.io": segment},
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}, "identify": {}, "group": {}},
    }
    return Response(msgspec.json.encode(settings), media_type=MediaType.JSON)


async def _collect(request: AnyRequest) -> Response[bytes]:
    name = request.url.path.rstrip("/").rpartition("/")[2]
    kind = _SHORT.get(name, name)
    voucher = _voucher(request) if "authorization" in request.headers else None
    body = body_of(await read_bytes(request, largest(kind)), kind)
    if voucher is None:
        voucher = _voucher_in_body(request, body)
    events = events_of(body, kind, time.time(), voucher)
    defaults = consent_defaults(request.app.state["settings"].consent_defaults)
    await request.app.state["accept_events"].accept(at_the_door(events, sends_gpc(request), defaults))
    return Response(_SUCCESS, media_type=MediaType.JSON, headers=_NOT_STORED)


def _voucher(request: AnyRequest) -> Voucher:
    caller = page_access(request)
    return Voucher(server=caller.kind == "server", customer_id=caller.customer_id)


def _voucher_in_body(request: AnyRequest, body: Any) -> Voucher:
    """The write key in the body, where no header came."""
    if not hmac.compare_digest(write_key_in(body).encode(), request.app.state["settings"].write_key.encode()):
        _voucher(request)  # Refuses, and says how a key is sent.
    return Voucher()


@contextlib.asynccontextmanager
async def open_collector(bus: AskingBus, settings: Settings) -> AsyncIterator[dict[str, Any]]:
    """The spool, under the name by which routes find it: also the pages' routes, for events in their calls."""
    listeners = Listeners()
    await bus.listener.hear(MOMENT_FIRED, listeners.heard)
    async with open_spool(bus, settings) as spool:
        yield {"accept_events": spool, "moment_listeners": listeners}


_HANDLERS = (
    send, send_batch, send_by_short_name, project_settings, *profile_routes.HANDLERS, *moment_routes.HANDLERS,
    *segment_routes.HANDLERS, *document_routes.HANDLERS,
)  # fmt: skip

ROUTES = Routes(handlers=_HANDLERS, open_state=open_collector, settings=Settings)
