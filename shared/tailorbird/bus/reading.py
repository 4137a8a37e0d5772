"""Reads of a bucket by key: one request for many keys, all answers taken by one subscription.

A request of the client for each key costs 80 us of CPU at the best; many profiles are opened at once just when there is
no time for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg

from tailorbird.bus import Entry
from tailorbird.bus.reaching import reached
from tailorbird.contracts.wire import Fault

__all__ = ["Reads"]

ANSWERED_WITHIN = 10.0
KEYS_AT_ONCE = 64
NOT_FOUND = "404"
END = "204"
_GONE = ("DEL", "PURGE")

_encode = msgspec.json.Encoder().encode


class Reads:
    """Of one bucket."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._name = name
        self._prefix = f"$KV.{name}."
        self._subject = f"$JS.API.DIRECT.GET.KV_{name}"
        self._inbox = ""
        self._asked = 0
        self._waiting: dict[str, Callable[[Msg], None]] = {}

    async def one(self, key: str) -> Entry | None:
        """The live entry under this key."""
        found: list[Entry] = []

        def take(message: Msg) -> bool:
            found.extend(self._entries(message))
            return True

        await self._read(f"{self._subject}.{self._prefix}{key}", b"", take)
        return found[0] if found else None

    async def many(self, keys: Sequence[str]) -> dict[str, Entry]:
        """The live entries under these keys."""
        found: dict[str, Entry] = {}

        def take(message: Msg) -> bool:
            if message.headers is not None and "Status" in message.headers:
                list(self._entries(message))
                return True
            found.update({entry.key: entry for entry in self._entries(message)})
            return False

        for start in range(0, len(keys), KEYS_AT_ONCE):
            asked = {"multi_last": [self._prefix + key for key in keys[start : start + KEYS_AT_ONCE]]}
            await self._read(self._subject, _encode(asked), take)
        return found

    async def _read(self, subject: str, body: bytes, take: Callable[[Msg], bool]) -> None:
        """Hands over the answers until `take` has what it waited for. Raises Fault(503)."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def hear(message: Msg) -> None:
            if done.done():
                return
            try:
                if take(message):
                    done.set_result(None)
            except Fault as fault:
                done.set_exception(fault)

        with reached(self._name):
            if not self._inbox:
                await self._listen()
            self._asked += 1
            token = f"{self._inbox}.{self._asked}"
            self._waiting[token] = hear
            try:
                await self._client.publish(subject, body, token)
                await asyncio.wait_for(done, ANSWERED_WITHIN)
            finally:
                del self._waiting[token]

    async def _listen(self) -> None:
        inbox = self._client.new_inbox()

        async def heard(message: Msg) -> None:
            hear = self._waiting.get(message.subject)
            if hear is not None:
                hear(message)

        self._inbox = inbox
        await self._client.subscribe(f"{inbox}.*", cb=heard)

    def _entries(self, message: Msg) -> Iterator[Entry]:
        """What the answer holds: an entry or none. Raises Fault(503) for an answer that is a refusal."""
        headers = message.headers or {}
        status = headers.get("Status", "")
        if status and status not in (NOT_FOUND, END):
            raise Fault(503, f"'{self._name}' cannot be read in NATS now: {headers.get('Description', status)}.")
        if not status and headers.get("KV-Operation") not in _GONE:
            key = headers["Nats-Subject"].removeprefix(self._prefix)
            yield Entry(key, message.data, int(headers["Nats-Sequence"]))
