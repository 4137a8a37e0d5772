"""Messages of a JetStream consumer, pulled: none lost, none waiting for a batch to fill, over every reconnect.

nats-py's `fetch` either polls or waits until its batch is full; here one pull request lingers on the server and each
message is handed over as it comes, with whatever else has arrived by then.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

__all__ = ["pulled"]

log = structlog.get_logger(__name__)

LINGER = 30.0
"""Seconds that a pull request stays with the server when nothing comes."""
HEARTBEAT = 2.0
"""Seconds between the server's signs of life; two missed: the consumer is made or found again."""


async def pulled(
    client: Client, stream: str, consumer: Callable[[], Awaitable[str]], batch: int
) -> AsyncIterator[list[Msg]]:
    """Batches of at least one message, forever.

    `consumer` makes or finds the consumer and gives its name; it is called at the start and after each break.
    """
    while True:
        try:
            name = await consumer()
        except (TimeoutError, nats.errors.Error, OSError) as error:
            log.info("consumer_waits", stream=stream, reason=type(error).__name__)
            await asyncio.sleep(0.2)
            continue
        inbox = client.new_inbox()
        # Not `next_msg`: it makes a task for every message, and loses a cancellation that comes with one.
        arrived: asyncio.Queue[Msg] = asyncio.Queue()
        subscription = await client.subscribe(inbox, cb=arrived.put)
        try:
            async for messages in _until_broken(
                client, f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}", inbox, arrived, batch
            ):
                yield messages
        finally:
            if not client.is_closed:
                try:
                    await subscription.unsubscribe()
                except (nats.errors.Error, OSError):
                    log.debug("inbox_left_behind", stream=stream)
        await asyncio.sleep(0.05)


async def _until_broken(
    client: Client, subject: str, inbox: str, arrived: asyncio.Queue[Msg], batch: int
) -> AsyncIterator[list[Msg]]:
    request = json.dumps(
        {"batch": batch, "expires": int(LINGER * 1e9), "idle_heartbeat": int(HEARTBEAT * 1e9)}
    ).encode()
    wanted = 0
    while True:
        try:
            if wanted <= 0:
                await client.publish(subject, request, reply=inbox)
                wanted = batch
            async with asyncio.timeout(HEARTBEAT * 2.5):
                first = await arrived.get()
        except (TimeoutError, nats.errors.Error, OSError):
            return
        messages: list[Msg] = []
        message: Msg | None = first
        while message is not None:
            status = (message.headers or {}).get("Status", "")
            if not status:
                messages.append(message)
                wanted -= 1
            elif status in ("408", "409"):
                # Expired, or ended by the server: the request is used up. A consumer deleted under us says 409 too
                # and then keeps silent, which the missed heartbeats tell.
                wanted = 0
            elif status != "100":
                if messages:
                    yield messages
                return
            message = None
            if len(messages) < batch and not arrived.empty():
                message = arrived.get_nowait()
        if messages:
            yield messages
