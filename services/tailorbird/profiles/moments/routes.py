"""Moments over HTTP: what browsers listen to, and the webhooks there are, each with its secret."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.params import FromQuery
from litestar.response import ServerSentEvent, ServerSentEventMessage

from tailorbird.bus import Asker
from tailorbird.contracts.profiles import WEBHOOKS, MomentNote, Webhooks, WebhooksQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.host.access import needs_server_key, stream_access
from tailorbird.host.describing import TEXT, described
from tailorbird.profiles.moments.listening import Listeners, missed, note_id

__all__ = ["HANDLERS"]

PING_SECONDS = 15.0
"""A sign of life, so that nobody in between takes the connection for dead."""
_NOT_STORED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

AnyRequest = Request[Any, Any, Any]


@get(
    "/v1/moments",
    summary="Moments, as they come",
    operation_class=described(
        tag="moments", keys="stream", also={"text/event-stream": TEXT}, headers=("Last-Event-ID",)
    ),
)
async def moments(
    request: AnyRequest, anonymous_id: FromQuery[str] = "", customer_id: FromQuery[str] = ""
) -> ServerSentEvent:
    """Moments of one visitor as they come, as server-sent events. EventSource sets no headers: `?write_key=` does."""
    caller = stream_access(request)
    if caller.kind != "server" and customer_id and customer_id != caller.customer_id:
        raise Fault(401, "With the write key you listen for an anonymous_id, or for the customer of a signed token.")
    customer = CustomerRef(customer_id=customer_id[:200], anonymous_id=anonymous_id[:200])
    if not (customer.customer_id or customer.anonymous_id):
        raise Fault(400, "Whose moments? Name an anonymous_id or a customer_id.")
    listeners: Listeners = request.app.state["moment_listeners"]
    if listeners.full:
        raise Fault(503, "Too many browsers listen to this process just now.")
    after = request.headers.get("last-event-id", "")
    told = _told(request.app.state["asker"], listeners, customer, after)
    return ServerSentEvent(told, headers=_NOT_STORED)


@get(
    "/v1/webhooks",
    guards=[needs_server_key],
    summary="The webhooks there are",
    operation_class=described(Webhooks, tag="moments"),
)
async def webhooks(request: AnyRequest) -> Response[bytes]:
    """The webhooks that are called, each with the secret that its receiver checks signatures with."""
    found = await request.app.state["asker"].ask_encoded(WEBHOOKS, WebhooksQuery())
    return Response(found, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})


async def _told(
    asker: Asker, listeners: Listeners, customer: CustomerRef, after: str
) -> AsyncIterator[ServerSentEventMessage]:
    with listeners.listening(customer) as queue:
        yield ServerSentEventMessage(data=None, comment="listening", retry=2_000)
        sent: set[str] = set()
        for note in await missed(asker, customer, after):
            sent.add(note_id(note))
            yield _message(note)
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    note = await queue.get()
            except TimeoutError:
                yield ServerSentEventMessage(data=None, comment="still here")
                continue
            if note_id(note) not in sent:
                sent.add(note_id(note))
                yield _message(note)


def _message(note: MomentNote) -> ServerSentEventMessage:
    return ServerSentEventMessage(data=msgspec.json.encode(note).decode(), event="moment", id=note_id(note))


HANDLERS = (moments, webhooks)
