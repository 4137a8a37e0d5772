"""The asking half without a wire: the same answers, the same faults, for services that share a process."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec
import structlog

from tailorbird.bus import call
from tailorbird.contracts.wire import Endpoint, Fault, Message

__all__ = ["Answers", "LocalAsker"]

Query = TypeVar("Query", bound=Message)
Answer = TypeVar("Answer", bound=Message)
Together = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]

log = structlog.get_logger(__name__)


class Answers:
    """What this process answers: encoded queries in, encoded answers or faults out."""

    def __init__(self) -> None:
        self._handlers: dict[str, tuple[Endpoint[Any, Any], msgspec.json.Decoder[Any], Together]] = {}

    def add(self, endpoint: Endpoint[Any, Any], handler: Together) -> None:
        if endpoint.subject in self._handlers:
            raise ValueError(f"{endpoint.subject} is answered already in this process")
        self._handlers[endpoint.subject] = (endpoint, msgspec.json.Decoder(endpoint.query), handler)

    def __contains__(self, subject: str) -> bool:
        return subject in self._handlers

    async def outcomes(self, subject: str, queries: Sequence[bytes | msgspec.Raw]) -> list[bytes | Fault]:
        """One outcome per query, in their order. Never raises but for cancellation."""
        _, decoder, handler = self._handlers[subject]
        outcomes: list[bytes | Fault | None] = [None] * len(queries)
        decoded: list[Any] = []
        places: list[int] = []
        for place, query in enumerate(queries):
            try:
                decoded.append(decoder.decode(query))
                places.append(place)
            except msgspec.MsgspecError as error:
                outcomes[place] = Fault(400, f"The query to {subject} is not what was expected: {error}.")
        if decoded:
            for place, answer in zip(places, await self._handled(subject, handler, decoded), strict=True):
                outcomes[place] = answer if isinstance(answer, Fault) else _encoder.encode(answer)
        return [outcome if outcome is not None else Fault(500, "No answer was made.") for outcome in outcomes]

    async def outcome(self, subject: str, query: Message) -> bytes | Fault:
        """The outcome of one query of this process, handed over as it is: nobody changes a query."""
        answer = (await self._handled(subject, self._handlers[subject][2], [query]))[0]
        return answer if isinstance(answer, Fault) else _encoder.encode(answer)

    async def _handled(self, subject: str, handler: Together, queries: list[Any]) -> Sequence[Any]:
        try:
            answers = await handler(queries)
            if len(answers) != len(queries):
                raise ValueError(f"{len(answers)} answers to {len(queries)} queries")
            return answers
        except Fault as fault:
            return [fault] * len(queries)
        except Exception:
            # The caller is told nothing of the inside; the log has all of it, under the call's trace id.
            log.exception("answer_failed", subject=subject)
            return [Fault(500, "The answer could not be made because of an internal error.")] * len(queries)


_encoder = msgspec.json.Encoder()


class LocalAsker:
    """Asks the services of this process. Raises Fault(503) for a question nobody here answers."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._decoders: dict[str, msgspec.json.Decoder[Any]] = {}

    async def ask(self, endpoint: Endpoint[Query, Answer], query: Query) -> Answer:
        decoder = self._decoders.get(endpoint.subject)
        if decoder is None:
            decoder = self._decoders[endpoint.subject] = msgspec.json.Decoder(endpoint.answer)
        answer: Answer = decoder.decode(await self.ask_encoded(endpoint, query))
        return answer

    async def ask_encoded(self, endpoint: Endpoint[Query, Answer], query: Query) -> bytes:
        if endpoint.subject not in self._answers:
            raise Fault(503, f"Nobody answers for {endpoint.answerer} in this process.")
        left = call.remaining_ms(endpoint.budget_ms)
        if left <= 0:
            raise Fault(504, f"Too late to ask {endpoint.answerer}.")
        tokens = call.begin(time.time() + left / 1000.0, call.traceparent())
        try:
            outcome = await self._answers.outcome(endpoint.subject, query)
        finally:
            call.end(tokens)
        if isinstance(outcome, Fault):
            raise outcome
        return outcome
