"""What a stream holds, for who must find and erase single messages of it: `delete_msg` overwrites them on disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import nats.js.errors
from nats.aio.client import Client
from nats.js import api

from tailorbird.bus.reaching import reached

__all__ = ["NatsStream"]

_READ_AT_ONCE = 200
_PAUSE = 0.05


class NatsStream:
    """One stream by its name. Of a stream that does not exist nothing is held."""

    def __init__(self, client: Client, name: str, subject: str) -> None:
        self._client = client
        self._context = client.jetstream(timeout=10.0)
        self._name = name
        self._subject = subject

    async def last(self) -> int:
        """Sequence of the latest message, 0 when there is none."""
        with reached(self._name):
            try:
                return int((await self._context.stream_info(self._name)).state.last_seq)
            except nats.js.errors.NotFoundError:
                return 0

    async def taken(self, consumer: str, sequence: int, within: float) -> bool:
        """Whether this durable consumer has acknowledged everything up to that sequence, at the latest in so long."""
        until = asyncio.get_running_loop().time() + within
        while True:
            with reached(self._name):
                try:
                    info = await self._context.consumer_info(self._name, consumer)
                except nats.js.errors.NotFoundError:
                    return sequence == 0
            floor = info.ack_floor.stream_seq if info.ack_floor else 0
            if floor >= sequence or (not info.num_pending and not info.num_ack_pending):
                return True
            if asyncio.get_running_loop().time() > until:
                return False
            await asyncio.sleep(_PAUSE)

    async def holding(self, needles: Sequence[bytes], up_to: int) -> AsyncIterator[tuple[int, bytes]]:
        """Sequence and bytes of each message up to that sequence in which one of these byte strings stands."""
        if not up_to:
            return
        with reached(self._name):
            reading = await self._context.pull_subscribe(
                self._subject,
                stream=self._name,
                config=api.ConsumerConfig(
                    ack_policy=api.AckPolicy.NONE,
                    deliver_policy=api.DeliverPolicy.ALL,
                    inactive_threshold=30.0,
                    mem_storage=True,
                    num_replicas=1,
                ),
            )
        try:
            left = (await reading.consumer_info()).num_pending or 0
            while left > 0:
                messages = await reading.fetch(min(left, _READ_AT_ONCE), timeout=10.0)
                left -= len(messages)
                for message in messages:
                    sequence = message.metadata.sequence.stream
                    if sequence <= up_to and any(needle in message.data for needle in needles):
                        yield sequence, message.data
        finally:
            await reading.unsubscribe()

    async def erase(self, sequence: int) -> None:
        """The message is gone, and overwritten where it stood."""
        with reached(self._name):
            try:
                await self._context.delete_msg(self._name, sequence)
            except nats.js.errors.NotFoundError:
                return
