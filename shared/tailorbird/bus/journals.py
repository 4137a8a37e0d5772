"""A journal on the ledger server: entries in one order, each synced to disk before it is acknowledged."""

from __future__ import annotations

import asyncio

import msgspec
import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import api

from tailorbird.bus import Noted
from tailorbird.bus.consuming import DUPLICATE_WINDOW, ensure_stream
from tailorbird.bus.reaching import reached
from tailorbird.contracts.wire import Fault

__all__ = ["NatsJournal"]

WITHIN = 2.0
"""Seconds to wait for the server."""
READ_AT_ONCE = 1_024


class NatsJournal:
    """One stream with one subject."""

    def __init__(self, client: Client, name: str, stream: str) -> None:
        self._client = client
        self._context = client.jetstream(timeout=WITHIN)
        self._name = name
        self._stream = stream

    @classmethod
    async def open(cls, client: Client, name: str, replicas: int) -> NatsJournal:
        """The journal, made when it is not there: compressed, as nothing is ever taken out of it (0032)."""
        stream = f"JOURNAL_{name}"
        config = api.StreamConfig(
            name=stream,
            subjects=[f"journal.{name}"],
            num_replicas=replicas,
            allow_direct=True,
            duplicate_window=DUPLICATE_WINDOW,
            deny_delete=True,
            compression=api.StoreCompression.S2,
        )
        with reached(name):
            await ensure_stream(client.jetstream(timeout=10.0), config)
        return cls(client, name, stream)

    async def append(self, value: bytes, message_id: str) -> int:
        headers = {"Nats-Msg-Id": message_id}
        try:
            with reached(self._name):
                made = await self._context.publish(f"journal.{self._name}", value, headers=headers)
        except nats.js.errors.NotFoundError as error:
            raise Fault(503, f"The journal {self._name} is not there.") from error
        return made.seq

    async def read(self, after: int, most: int = 0) -> list[Noted]:
        found: list[Noted] = []
        with reached(self._name):
            while True:
                wanted = min(READ_AT_ONCE, most - len(found)) if most else READ_AT_ONCE
                batch = await self._batch(found[-1].sequence if found else after, wanted)
                found += batch
                if len(batch) < wanted or len(found) == most:
                    return found

    async def _batch(self, after: int, most: int) -> list[Noted]:
        inbox = self._client.new_inbox()
        found: list[Noted] = []
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def take(message: Msg) -> None:
            headers = message.headers or {}
            if "Nats-Sequence" in headers:
                found.append(Noted(int(headers["Nats-Sequence"]), message.data))
            elif not ended.done():
                # 204: the end of the batch; 404: there is nothing after it; 503: nobody answers.
                ended.set_result(headers.get("Status", ""))

        heard = await self._client.subscribe(inbox, cb=take)
        try:
            asked = {"seq": after + 1, "batch": most, "next_by_subj": f"journal.{self._name}"}
            await self._client.publish(f"$JS.API.DIRECT.GET.{self._stream}", msgspec.json.encode(asked), reply=inbox)
            while not ended.done():
                came = len(found)
                await asyncio.wait([ended], timeout=WITHIN)
                if not ended.done() and len(found) == came:
                    raise nats.errors.TimeoutError
            if ended.result() == "503":
                raise nats.errors.NoRespondersError
            return found
        finally:
            await heard.unsubscribe()
            await asyncio.sleep(0)
