"""Key-value buckets with revisions, direct reads, and a watch that survives reconnects without a gap."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

import nats.js.errors
from nats.aio.client import Client
from nats.js import api
from nats.js.kv import KeyValue

from tailorbird.bus import Entry
from tailorbird.bus.pulling import pulled
from tailorbird.bus.reaching import reached
from tailorbird.bus.reading import Reads
from tailorbird.bus.updating import Updates, changed_meanwhile
from tailorbird.contracts.wire import Fault

__all__ = ["NatsBucket"]

PUTS_UNDER_WAY = 128


class NatsBucket:
    """A key-value bucket with direct reads."""

    def __init__(self, client: Client, name: str, store: KeyValue) -> None:
        self._client = client
        self._name = name
        self._prefix = f"$KV.{name}."
        self._store = store
        self._updates = Updates(client, name)
        self._reads = Reads(client, name)

    @classmethod
    async def open(cls, client: Client, name: str, replicas: int, days: float = 0.0) -> NatsBucket:
        context = client.jetstream(timeout=10.0)
        try:
            store = await context.key_value(name)
        except nats.js.errors.NotFoundError:
            try:
                store = await context.create_key_value(
                    config=api.KeyValueConfig(
                        bucket=name, history=1, replicas=replicas, direct=True, ttl=days * 86_400.0 or None
                    )
                )
            except nats.js.errors.BadRequestError:
                store = await context.key_value(name)
        return cls(client, name, store)

    async def get(self, key: str) -> Entry | None:
        return await self._reads.one(key)

    async def get_all(self, keys: Sequence[str]) -> dict[str, Entry]:
        return await self._reads.many(keys)

    async def put(self, key: str, value: bytes, revision: int | None = None) -> int:
        with reached(self._name):
            if revision:
                (found,) = await self._updates.put(((key, value, revision),))
                if isinstance(found, Fault):
                    raise found
                return found
            try:
                if revision is None:
                    return await self._store.put(key, value)
                return await self._store.create(key, value)
            except nats.js.errors.KeyWrongLastSequenceError as error:
                raise changed_meanwhile(key) from error

    async def put_all(self, values: Sequence[tuple[str, bytes, int]]) -> list[int | Fault]:
        found = await self._updates.put(values)
        for place, (key, value, revision) in enumerate(values):
            outcome = found[place]
            if not revision and isinstance(outcome, Fault) and outcome.code == 409:
                # A key that was deleted counts as not there, though its deletion has a revision.
                found[place] = await self._created(key, value)
        return found

    async def _created(self, key: str, value: bytes) -> int | Fault:
        try:
            return await self.put(key, value, 0)
        except Fault as fault:
            return fault

    async def put_many(self, values: dict[str, bytes]) -> None:
        places = asyncio.Semaphore(PUTS_UNDER_WAY)

        async def put(key: str, value: bytes) -> None:
            async with places:
                await self.put(key, value)

        await asyncio.gather(*(put(key, value) for key, value in values.items()))

    async def delete(self, key: str) -> None:
        with reached(self._name):
            await self._store.delete(key)

    async def entries(self) -> dict[str, Entry]:
        """Read through a consumer up to the latest revision: one round trip for many, not one each."""
        latest = await self.revision()
        found: dict[str, Entry] = {}
        if latest == 0:
            return found
        async with contextlib.aclosing(self._changes(after=0, stop=latest)) as changes:
            async for entry in changes:
                if entry.value is None:
                    found.pop(entry.key, None)
                else:
                    found[entry.key] = entry
        return found

    async def each(self) -> AsyncIterator[Entry]:
        """Every live entry one by one, for buckets of any size; what changes meanwhile may come or not."""
        latest = await self.revision()
        if latest:
            async with contextlib.aclosing(self._changes(after=0, stop=latest)) as changes:
                async for entry in changes:
                    if entry.value is not None:
                        yield entry

    async def watch(self, after: int = 0) -> AsyncIterator[Entry]:
        async with contextlib.aclosing(self._changes(after, stop=None)) as changes:
            async for entry in changes:
                yield entry

    async def revision(self) -> int:
        with reached(self._name):
            info = await self._client.jetstream(timeout=5.0).stream_info(f"KV_{self._name}")
        return int(info.state.last_seq)

    async def _changes(self, after: int, stop: int | None) -> AsyncGenerator[Entry, None]:
        context = self._client.jetstream(timeout=5.0)
        stream = f"KV_{self._name}"
        prefix = self._prefix
        seen = after

        async def make() -> str:
            info = await context.add_consumer(
                stream,
                api.ConsumerConfig(
                    ack_policy=api.AckPolicy.NONE,
                    deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE,
                    opt_start_seq=seen + 1,
                    inactive_threshold=30.0,
                    mem_storage=True,
                    num_replicas=1,
                    filter_subject=prefix + ">",
                ),
            )
            return info.name

        if stop is not None and await self._nothing_after(after, stop):
            return
        async for messages in pulled(self._client, stream, make, 500):
            for message in messages:
                fields = message._get_metadata_fields(message.reply)  # noqa: SLF001 - `metadata` parses a time too
                seen = int(fields[5])
                gone = (message.headers or {}).get("KV-Operation") in ("DEL", "PURGE")
                yield Entry(message.subject.removeprefix(prefix), None if gone else message.data, seen)
                if stop is not None and (seen >= stop or int(fields[8]) == 0):
                    return

    async def _nothing_after(self, after: int, stop: int) -> bool:
        """True when all that stood above `after` has been overwritten or purged: no message would ever come."""
        info = await self._client.jetstream(timeout=5.0).stream_info(f"KV_{self._name}")
        return info.state.messages == 0 or after >= stop
