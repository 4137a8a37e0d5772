"""Questions and announcements over NATS.

Asks made to one endpoint while earlier ones are under way go out together as one message and are answered as one
batch: most of a hop's cost is one socket write a message. With nothing under way an ask leaves at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.micro import add_service
from nats.micro.request import Request
from nats.micro.service import Service as MicroService

from tailorbird.bus import call
from tailorbird.bus.lanes import Asked, Lane, answered
from tailorbird.bus.local import Answers, LocalAsker
from tailorbird.contracts.wire import Endpoint, Fault, Message, Topic

__all__ = ["NatsAnnouncer", "NatsAnswerer", "NatsAsker"]

Query = TypeVar("Query", bound=Message)
Answer = TypeVar("Answer", bound=Message)
Announced = TypeVar("Announced", bound=Message)

ANSWERED_AT_ONCE = 64
"""Messages of one endpoint that a process works on side by side."""

log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode
_decode_asked = msgspec.json.Decoder(list[Asked]).decode


class NatsAsker:
    """Asks whoever answers, in this process without a wire, else over NATS."""

    def __init__(self, client: Client, answers: Answers) -> None:
        self._client = client
        self._answers = answers
        self._local = LocalAsker(answers)
        self._lanes: dict[str, Lane] = {}
        self._decoders: dict[str, msgspec.json.Decoder[Any]] = {}

    async def ask(self, endpoint: Endpoint[Query, Answer], query: Query) -> Answer:
        decoder = self._decoders.get(endpoint.subject)
        if decoder is None:
            decoder = self._decoders[endpoint.subject] = msgspec.json.Decoder(endpoint.answer)
        answer: Answer = decoder.decode(await self.ask_encoded(endpoint, query))
        return answer

    async def ask_encoded(self, endpoint: Endpoint[Query, Answer], query: Query) -> bytes:
        if endpoint.subject in self._answers:
            return await self._local.ask_encoded(endpoint, query)
        left = call.remaining_ms(endpoint.budget_ms)
        if left <= 0:
            raise Fault(504, f"Too late to ask {endpoint.answerer}.")
        lane = self._lanes.get(endpoint.subject)
        if lane is None:
            lane = self._lanes[endpoint.subject] = Lane(self._client, endpoint)
        return await lane.ask(_encode(query), left)


class NatsAnswerer:
    """Answers over NATS's service API, and to askers of this process."""

    def __init__(self, client: Client, answers: Answers, name: str) -> None:
        self._client = client
        self._answers = answers
        self._name = name
        self._service: MicroService | None = None
        self._spawned: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(ANSWERED_AT_ONCE)

    async def answer(self, endpoint: Endpoint[Query, Answer], handler: Callable[[Query], Awaitable[Answer]]) -> None:
        async def one(query: Query) -> Answer | Fault:
            try:
                return await handler(query)
            except Fault as fault:
                return fault
            except Exception:
                log.exception("answer_failed", subject=endpoint.subject)
                return Fault(500, "The answer could not be made because of an internal error.")

        async def together(queries: Sequence[Query]) -> Sequence[Answer | Fault]:
            if len(queries) == 1:
                return [await one(queries[0])]
            return await asyncio.gather(*(one(query) for query in queries))

        await self.answer_together(endpoint, together)

    async def answer_together(
        self,
        endpoint: Endpoint[Query, Answer],
        handler: Callable[[Sequence[Query]], Awaitable[Sequence[Answer | Fault]]],
    ) -> None:
        self._answers.add(endpoint, handler)
        if self._service is None:
            self._service = await add_service(self._client, name=f"tailorbird-{self._name}", version="1.0.0")
        name = endpoint.subject.removeprefix("tailorbird.").replace(".", "-")

        async def spawn(request: Request) -> None:
            # nats-py hands over one request of an endpoint after another: each is spawned, so that none waits.
            await self._places.acquire()
            task = asyncio.get_running_loop().create_task(self._answer_message(endpoint.subject, request._msg))  # noqa: SLF001
            self._spawned.add(task)
            task.add_done_callback(self._finished)

        await self._service.add_endpoint(name=name, subject=endpoint.subject, queue_group=self._name, handler=spawn)
        await self._client.flush()  # The server knows of it when this returns.

    async def close(self) -> None:
        """Takes no more questions, finishes those it has."""
        if self._service is not None:
            with contextlib.suppress(nats.errors.Error, OSError):
                await self._service.stop()
        if self._spawned:
            await asyncio.wait(self._spawned, timeout=5.0)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._places.release()
        self._spawned.discard(task)

    async def _answer_message(self, subject: str, message: Msg) -> None:
        try:
            asked = _decode_asked(message.data)
        except msgspec.MsgspecError:
            await self._answer_bare(subject, message)
            return
        now = time.time()
        in_time = [one for one in asked if one.deadline > now]
        outcomes: list[bytes | Fault] = []
        if in_time:
            # The batch shares one context: the latest deadline, as each asker counts its own, and the first trace.
            call.begin(max(one.deadline for one in in_time), in_time[0].trace)
            outcomes = await self._answers.outcomes(subject, [one.query for one in in_time])
        made = iter(outcomes)
        late = Fault(504, f"The question reached {subject} too late.")
        await self._reply(message, _encode([answered(next(made) if one.deadline > now else late) for one in asked]))

    async def _answer_bare(self, subject: str, message: Msg) -> None:
        """A question asked by hand: `nats req tailorbird.offers.v1.decide '{...}'` gets the bare answer."""
        call.begin(0.0, "")
        outcome = (await self._answers.outcomes(subject, [message.data]))[0]
        await self._reply(message, _encode(answered(outcome)) if isinstance(outcome, Fault) else outcome)

    async def _reply(self, message: Msg, body: bytes) -> None:
        if not message.reply:
            return
        try:
            await self._client.publish(message.reply, body)
        except nats.errors.MaxPayloadError:
            sentence = f"The answer of {message.subject} is too large for one message."
            await self._client.publish(message.reply, _encode([answered(Fault(413, sentence))]))
        except (nats.errors.Error, OSError) as error:
            log.warning("reply_not_sent", subject=message.subject, reason=str(error))


class NatsAnnouncer:
    """Announces over NATS; what has a stream rests in JetStream before `append` returns."""

    def __init__(self, client: Client, ensure_stream: Callable[[Topic[Any]], Awaitable[None]]) -> None:
        self._client = client
        self._ensure_stream = ensure_stream
        self._context = client.jetstream(timeout=2.0)

    async def announce(self, topic: Topic[Announced], message: Announced) -> None:
        if not self._client.is_connected:
            return  # An announcement without a stream is for who is there; nobody wants it late.
        with contextlib.suppress(nats.errors.Error, OSError):
            await self._client.publish(topic.subject, _encode(message))

    async def append(self, topic: Topic[Announced], message: Announced, message_id: str) -> None:
        if not self._client.is_connected:
            raise Fault(503, f"Nothing can be stored in {topic.stream}: no connection to NATS.")
        await self._ensure_stream(topic)
        try:
            await self._context.publish(topic.subject, _encode(message), headers={"Nats-Msg-Id": message_id})
        except (nats.errors.Error, OSError) as error:
            raise Fault(503, f"Nothing can be stored in {topic.stream} now: {type(error).__name__}.") from error
