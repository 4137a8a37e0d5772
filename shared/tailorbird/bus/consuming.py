"""Announcements heard, and streams consumed durably."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec
import nats.errors
import nats.js.errors
import structlog
from msgspec import Struct
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import api

from tailorbird.bus import Stored
from tailorbird.bus.ending import ended
from tailorbird.bus.pulling import pulled
from tailorbird.bus.reaching import reached
from tailorbird.contracts.wire import Fault, Message, Topic

__all__ = ["DUPLICATE_WINDOW", "NatsListener", "Streams", "ensure_stream"]

Announced = TypeVar("Announced", bound=Message)

log = structlog.get_logger(__name__)

DAY = 86_400.0
GIGABYTE = 1024**3


class Limits(Struct, frozen=True):
    """How much a stream holds, and for how long; an operator may give the stream others once it is there."""

    days: float = 7.0
    """Raw events are personal data: they go when their listeners have long taken them over."""
    size: int = 8 * GIGABYTE
    drops_oldest: bool = False
    """When it is full: false refuses what is new, so that nothing is lost that nobody has read yet."""


LIMITS = {
    "PURCHASES": Limits(days=30.0, size=GIGABYTE, drops_oldest=True),
    "MAILED": Limits(days=90.0, size=GIGABYTE, drops_oldest=True),
    # A service that was down for longer than that has to be told again by hand.
    "ERASURES": Limits(days=90.0, size=GIGABYTE, drops_oldest=True),
    "REFUSED_EVENTS": Limits(days=14.0, size=GIGABYTE, drops_oldest=True),
}
DUPLICATE_WINDOW = 120.0
_READ_AT_ONCE = 100


class Streams:
    """The streams that topics rest in: made when first needed."""

    def __init__(self, client: Client, replicas: int) -> None:
        self._context = client.jetstream(timeout=5.0)
        self._replicas = replicas
        self._ready: set[str] = set()

    async def ensure(self, topic: Topic[Any]) -> None:
        if topic.stream in self._ready:
            return
        limits = LIMITS.get(topic.stream, Limits())
        config = api.StreamConfig(
            name=topic.stream,
            subjects=[topic.subject],
            num_replicas=self._replicas,
            max_age=limits.days * DAY,
            max_bytes=limits.size,
            discard=api.DiscardPolicy.OLD if limits.drops_oldest else api.DiscardPolicy.NEW,
            duplicate_window=DUPLICATE_WINDOW,
            allow_direct=True,
        )
        try:
            await ensure_stream(self._context, config)
        except (nats.errors.Error, OSError) as error:
            raise Fault(503, f"The stream {topic.stream} cannot be reached now: {type(error).__name__}.") from error
        self._ready.add(topic.stream)


async def ensure_stream(context: Any, config: api.StreamConfig) -> None:
    """Makes the stream, or leaves the one there is as its operator configured it."""
    try:
        await context.stream_info(config.name)
    except nats.js.errors.NotFoundError:
        with contextlib.suppress(nats.js.errors.BadRequestError):  # Another process was faster.
            await context.add_stream(config)


class NatsListener:
    """Hears announcements, and consumes streams durably."""

    def __init__(self, client: Client, streams: Streams) -> None:
        self._client = client
        self._streams = streams
        self._tasks: set[asyncio.Task[None]] = set()

    async def hear(self, topic: Topic[Announced], handler: Callable[[Announced], Awaitable[None]]) -> None:
        decode = msgspec.json.Decoder(topic.message).decode

        async def heard(message: Msg) -> None:
            try:
                await handler(decode(message.data))
            except Exception:
                log.exception("announcement_not_taken", subject=message.subject)

        await self._client.subscribe(topic.subject, cb=heard)

    async def consume(
        self,
        topic: Topic[Announced],
        name: str,
        handler: Callable[[Sequence[Announced]], Awaitable[None]],
        batch: int = 100,
    ) -> None:
        task = asyncio.create_task(self._consume(topic, name, handler, batch), name=f"consume-{topic.stream}-{name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stored(self, topic: Topic[Announced], after: int = 0) -> AsyncIterator[Sequence[Stored[Announced]]]:
        decode = msgspec.json.Decoder(topic.message).decode
        context = self._client.jetstream(timeout=5.0)
        await self._streams.ensure(topic)
        config = api.ConsumerConfig(
            ack_policy=api.AckPolicy.NONE,
            deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=after + 1,
            inactive_threshold=30.0,
        )
        reading = await context.pull_subscribe(topic.subject, stream=topic.stream, config=config)
        try:
            left = (await reading.consumer_info()).num_pending or 0
            while left > 0:
                # Asked for no more than there is: `fetch` would wait for the rest.
                messages = await reading.fetch(min(left, _READ_AT_ONCE), timeout=10.0)
                left -= len(messages)
                yield [Stored(message.metadata.sequence.stream, decode(message.data)) for message in messages]
        except TimeoutError:
            log.info("stored_messages_ended_early", stream=topic.stream)  # What was erased meanwhile does not come.
        finally:
            await reading.unsubscribe()

    async def erase(self, topic: Topic[Any], place: int) -> None:
        with reached(topic.stream), contextlib.suppress(nats.js.errors.NotFoundError):
            await self._client.jetstream(timeout=5.0).delete_msg(topic.stream, place)

    async def erase_through(self, topic: Topic[Any], place: int) -> None:
        with reached(topic.stream):
            await self._client.jetstream(timeout=5.0).purge_stream(topic.stream, seq=place + 1)

    async def close(self) -> None:
        await ended(*self._tasks)

    async def _consume(
        self,
        topic: Topic[Announced],
        name: str,
        handler: Callable[[Sequence[Announced]], Awaitable[None]],
        batch: int,
    ) -> None:
        decode = msgspec.json.Decoder(topic.message).decode
        context = self._client.jetstream(timeout=5.0)

        async def find() -> str:
            await self._ensure(topic)
            await context.add_consumer(
                topic.stream,
                api.ConsumerConfig(
                    durable_name=name,
                    ack_policy=api.AckPolicy.EXPLICIT,
                    ack_wait=10.0,
                    max_ack_pending=4 * batch,
                    deliver_policy=api.DeliverPolicy.ALL,
                ),
            )
            return name

        async for messages in pulled(self._client, topic.stream, find, batch):
            taken: list[Announced] = []
            for message in messages:
                try:
                    taken.append(decode(message.data))
                except msgspec.MsgspecError as error:
                    # It will never be readable: refused for good, so that it does not hold up the others.
                    log.error("stored_message_unreadable", stream=topic.stream, reason=str(error))
            try:
                if taken:
                    await handler(taken)
            except Exception:
                log.exception("stored_messages_not_taken", stream=topic.stream, consumer=name, messages=len(messages))
                await self._settle(messages, taken=False)
                await asyncio.sleep(0.2)
            else:
                await self._settle(messages, taken=True)

    async def _ensure(self, topic: Topic[Any]) -> None:
        try:
            await self._streams.ensure(topic)
        except Fault as fault:
            raise nats.errors.Error(fault.sentence) from fault

    async def _settle(self, messages: Sequence[Msg], *, taken: bool) -> None:
        for message in messages:
            try:
                await (message.ack() if taken else message.nak(delay=0.5))
            except (nats.errors.Error, OSError) as error:
                log.info("acknowledgement_not_sent", reason=type(error).__name__)  # It will be delivered again.
                return
