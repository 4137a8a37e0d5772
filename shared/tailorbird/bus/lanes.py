"""The asks to one endpoint: gathered while others are under way, sent together, given back to who waits."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import msgspec
import nats.errors
import structlog
from nats.aio.client import Client

from tailorbird.bus import call
from tailorbird.contracts.wire import Endpoint, Fault, Problem

__all__ = ["Answered", "Asked", "Lane", "answered"]

BATCHES_UNDER_WAY = 2
"""Per endpoint. With one, throughput falls at 16 in flight; with more, batches get small (DESIGN.md section 2)."""
WORTH_A_SECOND = 4
"""Asks that wait before a second batch leaves while the first is under way: a message costs as much as four asks."""
CROWD = 4
"""Asks not answered yet from which on batches keep a distance; with fewer nothing waits for company."""
DISTANCE = 0.004
"""Seconds between two batches of a crowd: who is one of many waits for a processor, not for the wire."""
LARGEST_BATCH = 64
FAILURES_TO_OPEN = 3
"""Batches in a row that timed out before the circuit opens."""
PROBE_AFTER = 0.25
"""Seconds between probes of an endpoint whose circuit is open."""
LATELY = 1.0
"""Seconds since it last failed to answer from which on an ask itself finds out whether it does again."""

log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode


class Asked(msgspec.Struct, frozen=True):
    """One question of a message: the query, when its asker stops waiting, and its trace."""

    query: msgspec.Raw
    deadline: float
    trace: str = ""


class _Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    code: int
    sentence: str
    problems: tuple[Problem, ...] = ()


class Answered(msgspec.Struct, frozen=True, omit_defaults=True):
    """Its outcome: the answer counts where there is no fault."""

    answer: msgspec.Raw = msgspec.Raw(b"null")
    fault: _Refusal | None = None


_decode_answered = msgspec.json.Decoder(list[Answered]).decode


class _Waiting:
    """An ask that waits: to leave, then to be answered."""

    __slots__ = ("asked", "future", "timer")

    def __init__(self, asked: Asked, future: asyncio.Future[bytes], timer: asyncio.TimerHandle) -> None:
        self.asked = asked
        self.future = future
        self.timer = timer


class Lane:
    """The asks to one endpoint: gathered, sent, given back to who waits."""

    def __init__(self, client: Client, endpoint: Endpoint[Any, Any]) -> None:
        self._client = client
        self._endpoint = endpoint
        self._queue: deque[_Waiting] = deque()
        self._under_way = 0
        self._departing = False
        self._departed_at = 0.0
        self._unanswered = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._timeouts_in_a_row = 0
        self._timed_out_at = 0.0
        self._next_probe = 0.0

    def ask(self, query: bytes, left_ms: float) -> asyncio.Future[bytes]:
        loop = asyncio.get_running_loop()
        if self._timeouts_in_a_row >= FAILURES_TO_OPEN and loop.time() - self._timed_out_at < LATELY:
            if loop.time() >= self._next_probe:
                # A copy finds out whether it answers again: no caller waits for what probably does not come.
                self._next_probe = loop.time() + PROBE_AFTER
                self._send(query, left_ms, loop).add_done_callback(asyncio.Future.exception)
            raise Fault(503, _said(self._endpoint, "has not answered lately."))
        return self._send(query, left_ms, loop)

    def _send(self, query: bytes, left_ms: float, loop: asyncio.AbstractEventLoop) -> asyncio.Future[bytes]:
        future: asyncio.Future[bytes] = loop.create_future()
        asked = Asked(msgspec.Raw(query), time.time() + left_ms / 1000.0, call.traceparent())
        self._queue.append(_Waiting(asked, future, loop.call_later(left_ms / 1000.0, self._expire, future)))
        self._unanswered += 1
        self._plan(loop)
        return future

    def _plan(self, loop: asyncio.AbstractEventLoop) -> None:
        """The next batch, if one may leave: in this turn of the loop, or at a distance from the last."""
        if self._departing or not self._queue or self._under_way >= BATCHES_UNDER_WAY:
            return
        if self._under_way and len(self._queue) < WORTH_A_SECOND:
            return
        self._departing = True
        wait = self._departed_at + DISTANCE - loop.time() if self._unanswered >= CROWD else 0.0
        if wait > 0.0:
            loop.call_later(wait, self._depart)
        else:
            # Not now but in this turn of the loop: what is asked in the same turn leaves together.
            loop.call_soon(self._depart)

    def _expire(self, future: asyncio.Future[bytes]) -> None:
        if not future.done():
            future.set_exception(Fault(504, _said(self._endpoint, "did not answer in time.")))

    def _depart(self) -> None:
        self._departing = False
        loop = asyncio.get_running_loop()
        batch: list[_Waiting] = []
        while self._queue and len(batch) < LARGEST_BATCH:
            waiting = self._queue.popleft()
            if waiting.future.done():
                self._unanswered -= 1
            else:
                batch.append(waiting)
        if batch:
            self._departed_at = loop.time()
            self._under_way += 1
            task = loop.create_task(self._travel(batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._plan(loop)

    async def _travel(self, batch: list[_Waiting]) -> None:
        try:
            outcomes = await self._outcomes(batch)
        except Fault as fault:
            outcomes = [fault] * len(batch)
        except Exception:
            log.exception("ask_failed", subject=self._endpoint.subject)
            outcomes = [Fault(503, _said(self._endpoint, "could not be asked."))] * len(batch)
        finally:
            self._under_way -= 1
            self._unanswered -= len(batch)
            self._plan(asyncio.get_running_loop())
        for waiting, outcome in zip(batch, outcomes, strict=True):
            waiting.timer.cancel()
            if waiting.future.done():
                continue
            if isinstance(outcome, Fault):
                waiting.future.set_exception(outcome)
            else:
                waiting.future.set_result(outcome)

    async def _outcomes(self, batch: list[_Waiting]) -> Sequence[bytes | Fault]:
        subject = self._endpoint.subject
        if not self._client.is_connected:
            raise Fault(503, _said(self._endpoint, "cannot be asked: no connection to NATS."))
        latest = max(waiting.asked.deadline for waiting in batch)
        body = _encode([waiting.asked for waiting in batch])
        try:
            reply = await self._client.request(subject, body, timeout=max(0.001, latest - time.time()))
        except nats.errors.NoRespondersError as error:
            raise Fault(503, _said(self._endpoint, "does not run.")) from error
        except nats.errors.TimeoutError as error:
            self._timeouts_in_a_row += 1
            self._timed_out_at = asyncio.get_running_loop().time()
            self._next_probe = self._timed_out_at + PROBE_AFTER
            raise Fault(504, _said(self._endpoint, "did not answer in time.")) from error
        except nats.errors.MaxPayloadError as error:
            raise Fault(413, f"The question to {self._endpoint.answerer} is too large for one message.") from error
        except (nats.errors.Error, OSError) as error:
            raise Fault(503, _said(self._endpoint, "cannot be asked: the connection to NATS broke.")) from error
        self._timeouts_in_a_row = 0
        answered = _decode_answered(reply.data)
        if len(answered) != len(batch):
            raise Fault(503, _said(self._endpoint, f"gave {len(answered)} answers to {len(batch)} questions."))
        return [_outcome(one) for one in answered]


def _said(endpoint: Endpoint[Any, Any], what: str) -> str:
    """The sentence for whoever reads it, a marketer maybe: subjects mean nothing to them."""
    who = endpoint.answerer
    return f"{who[0].upper()}{who[1:]} {what}"


def _outcome(answered: Answered) -> bytes | Fault:
    if answered.fault is not None:
        return Fault(answered.fault.code, answered.fault.sentence, answered.fault.problems)
    return bytes(answered.answer)


def answered(outcome: bytes | Fault) -> Answered:
    """An outcome as it travels."""
    if isinstance(outcome, Fault):
        return Answered(fault=_Refusal(outcome.code, outcome.sentence, outcome.problems))
    return Answered(answer=msgspec.Raw(outcome))
