"""Exact counters on a stream that allows them (NATS ADR-49)."""

from __future__ import annotations

from typing import Any

import msgspec
import nats.js.errors
from nats.aio.client import Client
from nats.js import api

from tailorbird.bus.consuming import DUPLICATE_WINDOW, ensure_stream
from tailorbird.bus.reaching import reached
from tailorbird.contracts.wire import Fault

__all__ = ["NatsCounter"]


class NatsCounter:
    """Counters by name, in one stream."""

    def __init__(self, client: Client, stream: str) -> None:
        self._context = client.jetstream(timeout=2.0)
        self._stream = stream

    @classmethod
    async def open(cls, client: Client, name: str, replicas: int) -> NatsCounter:
        stream = f"COUNTER_{name}"
        config = api.StreamConfig(
            name=stream,
            subjects=[f"counter.{name}.>"],
            num_replicas=replicas,
            allow_msg_counter=True,
            allow_direct=True,
            duplicate_window=DUPLICATE_WINDOW,
        )
        await ensure_stream(client.jetstream(timeout=10.0), config)
        return cls(client, stream)

    async def add(self, name: str, delta: int, message_id: str) -> int:
        if not -(10**12) <= delta <= 10**12:  # The server would accept any size (tried with 10^60).
            raise Fault(422, f"{delta} is not a sensible step for the counter {name}.")
        headers = {api.Header.INCR.value: f"{delta:+d}", "Nats-Msg-Id": message_id}
        with reached(name):
            made = await self._context.publish(self._subject(name), b"", headers=headers)
            if made.val is not None and not made.duplicate:
                return int(made.val)
            # A duplicate's acknowledgement carries no value: it is read from the message that counted.
            return _total(await self._context.get_msg(self._stream, seq=made.seq))

    async def total(self, name: str) -> int:
        with reached(name):
            try:
                return _total(await self._context.get_last_msg(self._stream, self._subject(name)))
            except nats.js.errors.NotFoundError:
                return 0

    def _subject(self, name: str) -> str:
        return f"counter.{self._stream.removeprefix('COUNTER_')}.{name}"


def _total(message: Any) -> int:
    return int(msgspec.json.decode(message.data or b'{"val":"0"}')["val"])
