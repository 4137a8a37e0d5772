"""Files in an object store, checked against their digest when fetched."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import nats.js.errors
from nats.aio.client import Client
from nats.js import api
from nats.js.object_store import ObjectStore

from tailorbird.bus import ObjectInfo
from tailorbird.bus.reaching import reached
from tailorbird.contracts.wire import Fault

__all__ = ["NatsObjects"]

PIECES_AT_ONCE = 100


class NatsObjects:
    """Files in an object store."""

    def __init__(self, client: Client, name: str, store: ObjectStore) -> None:
        self._context = client.jetstream(timeout=10.0)
        self._name = name
        self._store = store

    @classmethod
    async def open(cls, client: Client, name: str, replicas: int) -> NatsObjects:
        context = client.jetstream(timeout=10.0)
        try:
            store = await context.object_store(name)
        except nats.js.errors.NotFoundError:
            try:
                store = await context.create_object_store(name, config=api.ObjectStoreConfig(replicas=replicas))
            except nats.js.errors.BadRequestError:
                store = await context.object_store(name)
        return cls(client, name, store)

    async def put(self, name: str, path: Path, metadata: dict[str, str] | None = None) -> ObjectInfo:
        with reached(self._name), path.open("rb") as file:
            meta = api.ObjectMeta(name=name, headers=dict(metadata or {}))
            # nats-py reads files whose type says `readinto`; an open file's does.
            made = await self._store.put(name, file, meta=meta)
        return _info(made)

    async def fetch(self, name: str, into: Path) -> ObjectInfo:
        into.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=into.parent, prefix=".fetching-")
        try:
            with os.fdopen(handle, "wb") as file, reached(self._name):
                try:
                    result = await self._store.get(name, writeinto=file)
                except nats.js.errors.ObjectNotFoundError as error:
                    raise Fault(404, f"There is no object '{name}' in '{self._name}'.") from error
            os.replace(temporary, into)  # noqa: PTH105
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)  # noqa: PTH108
        return _info(result.info)

    async def info(self, name: str) -> ObjectInfo | None:
        with reached(self._name):
            try:
                return _info(await self._store.get_info(name))
            except nats.js.errors.ObjectNotFoundError:
                return None

    async def names(self) -> list[str]:
        with reached(self._name):
            try:
                return sorted(info.name for info in await self._store.list() if not info.deleted)
            except nats.js.errors.NotFoundError:
                return []

    async def delete(self, name: str, *, overwrite: bool = False) -> None:
        if overwrite:
            await self._overwrite(name)
        with reached(self._name), contextlib.suppress(nats.js.errors.ObjectNotFoundError):
            await self._store.delete(name)

    async def _overwrite(self, name: str) -> None:
        """Its pieces one by one: a purge, which is what deleting an object does, leaves them readable in the files."""
        stream = f"OBJ_{self._name}"
        with reached(self._name):
            try:
                info = await self._store.get_info(name)
            except nats.js.errors.ObjectNotFoundError:
                return
            config = api.ConsumerConfig(
                ack_policy=api.AckPolicy.NONE, inactive_threshold=30.0, mem_storage=True, headers_only=True
            )
            pieces = f"$O.{self._name}.C.{info.nuid}"
            reading = await self._context.pull_subscribe(pieces, stream=stream, config=config)
            try:
                left = (await reading.consumer_info()).num_pending or 0
                while left > 0:
                    messages = await reading.fetch(min(left, PIECES_AT_ONCE), timeout=10.0)
                    left -= len(messages)
                    for message in messages:
                        with contextlib.suppress(nats.js.errors.NotFoundError):
                            await self._context.delete_msg(stream, message.metadata.sequence.stream)
            finally:
                await reading.unsubscribe()


def _info(info: api.ObjectInfo) -> ObjectInfo:
    return ObjectInfo(info.name, info.size or 0, info.digest or "", dict(info.headers or {}))
