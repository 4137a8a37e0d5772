"""What was decided and from what, written to the stream after the reply; what is personal in it is sealed.

A decision is sealed and made JSON at once: fifty milliseconds later nothing of it is in the processor's cache any
more, and the same work costs twice as much.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from collections import deque
from types import TracebackType
from typing import Any, Self

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Raw, Struct

from tailorbird.bus import Announcer
from tailorbird.bus.ending import ended
from tailorbird.contracts.insights import DECIDED, Decision, EncodedDecisions
from tailorbird.contracts.offers import DecidedFrom, DecideQuery
from tailorbird.contracts.recommender import RecommendQuery
from tailorbird.contracts.wire import Fault, Topic
from tailorbird.contracts.words import CustomerRef
from tailorbird.host import metrics
from tailorbird.rules.consent import Verdict

__all__ = ["NO_FACTS", "Inputs", "Tracer", "open_inputs", "seal", "unseal"]

BATCH = 64
"""Decisions a message at most."""
BATCH_BYTES = 600_000
"""JSON a message at most: well under what NATS carries."""
PAUSE = 0.05
"""Seconds between batches while decisions come: they are collected meanwhile."""
RETRY_AFTER = 0.5
MOST_WAITING = 50_000
"""Decisions kept while NATS is away; beyond, new ones are dropped, and the log says how many."""

log = structlog.get_logger(__name__)

_encode = msgspec.json.Encoder().encode


NO_FACTS = Raw(b"null")
ENCODED: Topic[EncodedDecisions] = Topic(DECIDED.subject, EncodedDecisions, stream=DECIDED.stream)


class Inputs(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a decision was made from: enough to make it again. What is long stands once, in the first made from it."""

    customer: CustomerRef = CustomerRef()
    facts: Raw = NO_FACTS
    facts_in: str = ""
    """The earlier decision that carries the facts: the profile had not changed since."""
    history: Raw = NO_FACTS
    """The whole history, where it is longer than what stands in the facts."""
    history_in: str = ""
    """The earlier decision that carries the history: nothing had been bought since."""
    consent: dict[str, Verdict] = {}
    """What was allowed, purpose by purpose, and by whose word."""
    recommend: RecommendQuery | None = None
    decide: DecideQuery | None = None
    made_from: DecidedFrom | None = None
    """What offers knew beside the query."""


class _Waiting(Struct, frozen=True, gc=False):
    """A decision as it will be stored."""

    decision_id: str
    encoded: Raw


class Tracer:
    """Takes decisions at once and appends them to the stream in batches, in order, until they are stored."""

    def __init__(self, announcer: Announcer) -> None:
        self._announcer = announcer
        self._waiting: deque[_Waiting] = deque()
        self._awake = asyncio.Event()
        self._written = asyncio.Event()
        self._written.set()
        self._dropped = 0
        self._writing: asyncio.Task[None] | None = None
        metrics.DECISIONS_WAITING.set_function(lambda: len(self._waiting))

    def write(self, decision: Decision, inputs: Inputs, key: bytes) -> None:
        """Take a decision; sent soon after."""
        if len(self._waiting) >= MOST_WAITING:
            self._dropped += 1
            if self._dropped % 1_000 == 1:
                log.error("decisions_dropped", dropped=self._dropped, reason="NATS has been away for too long")
            return
        self._waiting.append(_Waiting(decision.decision_id, _encoded(decision, inputs, key)))
        self._awake.set()
        self._written.clear()

    @property
    def waiting(self) -> int:
        """Decisions taken and not stored yet."""
        return len(self._waiting)

    async def written(self) -> None:
        """Returns when everything taken so far is stored."""
        await self._written.wait()

    async def __aenter__(self) -> Self:
        self._writing = asyncio.create_task(self._write(), name="decisions-write")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Writes what is left, as far as NATS takes it within two seconds."""
        if self._writing is None:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._written.wait(), 2.0)
        await ended(self._writing)
        if self._waiting:
            log.error("decisions_dropped", dropped=len(self._waiting), reason="NATS was away at the end")

    async def _write(self) -> None:
        while True:
            await self._awake.wait()
            # A breath before each batch that would not be full, so that decisions travel together.
            await asyncio.sleep(PAUSE)
            while len(self._waiting) >= BATCH:
                await self._write_next()
            await self._write_next()
            if not self._waiting:
                self._awake.clear()
                self._written.set()

    async def _write_next(self) -> None:
        batch = self._next_batch()
        if batch:
            await self._append(batch)
            for _ in batch:
                self._waiting.popleft()

    def _next_batch(self) -> list[_Waiting]:
        """The oldest decisions; they stay waiting until they are stored."""
        batch: list[_Waiting] = []
        size = 0
        for waiting in itertools.islice(self._waiting, BATCH):
            size += len(memoryview(waiting.encoded))
            if batch and size > BATCH_BYTES:
                break
            batch.append(waiting)
        return batch

    async def _append(self, batch: list[_Waiting]) -> None:
        # Its first decision's id names a batch: sent again it is recognised.
        message_id = f"decided-{batch[0].decision_id}-{len(batch)}"
        message = EncodedDecisions(decisions=tuple(one.encoded for one in batch))
        while True:
            try:
                await self._announcer.append(ENCODED, message, message_id)
                return
            except Fault as fault:
                log.warning("decisions_wait", waiting=len(self._waiting), reason=fault.sentence)
                await asyncio.sleep(RETRY_AFTER)


def _encoded(decision: Decision, inputs: Inputs, key: bytes) -> Raw:
    """The decision's JSON, what it was made from sealed; without that where it cannot be written down."""
    try:
        plain = _encode(inputs)
        sealed = seal(plain, key, decision.decision_id) if key else plain
    except (ValueError, msgspec.MsgspecError):
        log.exception("decision_not_sealed", decision=decision.decision_id)
        sealed = b""
    return Raw(_encode(msgspec.structs.replace(decision, inputs=sealed)))


def seal(plain: bytes, key: bytes, about: str) -> bytes:
    """AES-GCM under this key, bound to what it is about: 12 bytes of nonce, then the sealed text."""
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, about.encode())


def unseal(sealed: bytes, key: bytes, about: str) -> bytes | None:
    """What was sealed; None when this is not the key (or no longer) or it was about something else."""
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], about.encode())
    except (InvalidTag, ValueError):
        return None


def open_inputs(decision: Decision, key: bytes) -> Inputs | None:
    """The decision's inputs; None when they cannot be opened."""
    plain: Any = unseal(decision.inputs, key, decision.decision_id) if decision.person else decision.inputs
    if not plain:
        return None
    try:
        return msgspec.json.decode(plain, type=Inputs)
    except msgspec.MsgspecError:
        return None
