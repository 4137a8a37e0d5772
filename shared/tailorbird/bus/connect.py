"""The whole bus, opened: a connection to NATS, one to the ledger when first needed, closed with what was begun."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nats.errors
import structlog
from msgspec import Struct
from nats.aio.client import Client

from tailorbird.bus.asking import NatsAnnouncer, NatsAnswerer, NatsAsker
from tailorbird.bus.buckets import NatsBucket
from tailorbird.bus.consuming import NatsListener, Streams
from tailorbird.bus.inventory import Inventory, caught_up, empty, inventory
from tailorbird.bus.journals import NatsJournal
from tailorbird.bus.local import Answers
from tailorbird.bus.objects import NatsObjects
from tailorbird.contracts.wire import Fault, Topic

__all__ = ["Address", "NatsBus", "connect"]

log = structlog.get_logger(__name__)

CONNECT_WITHIN = 20.0
"""Seconds to wait for a first connection; later ones are tried forever."""


class Address(Struct, frozen=True):
    """Where a NATS server is, and as whom to enter."""

    url: str
    """nats://host:port, several separated by commas for a cluster."""
    seed_file: Path | None = None
    """File `<user>.seed` with the user's nkey seed; none: no authentication."""

    @property
    def inbox_prefix(self) -> str:
        """Each user has inboxes of its own (`_INBOX_offers`), so that no other one can read its answers."""
        return f"_INBOX_{self.seed_file.stem}" if self.seed_file else "_INBOX"


class NatsBus:
    """All the pieces over NATS. `name` names the connection, the service and the queue group."""

    def __init__(self, client: Client, name: str, ledger: Address, replicas: int, ledger_replicas: int) -> None:
        self._client = client
        self._name = name
        self._ledger_address = ledger
        self._ledger: Client | None = None
        self._opening_ledger = asyncio.Lock()
        self._replicas = replicas
        self._ledger_replicas = ledger_replicas
        self._streams = Streams(client, replicas)
        self._answers = Answers()
        self._asker = NatsAsker(client, self._answers)
        self._answerer = NatsAnswerer(client, self._answers, name)
        self._announcer = NatsAnnouncer(client, self._streams.ensure)
        self._listener = NatsListener(client, self._streams)
        self._buckets: dict[str, NatsBucket] = {}
        self._objects: dict[str, NatsObjects] = {}
        self._journals: dict[str, NatsJournal] = {}

    @property
    def asker(self) -> NatsAsker:
        return self._asker

    @property
    def answerer(self) -> NatsAnswerer:
        return self._answerer

    @property
    def announcer(self) -> NatsAnnouncer:
        return self._announcer

    @property
    def listener(self) -> NatsListener:
        return self._listener

    @property
    def is_connected(self) -> bool:
        return bool(self._client.is_connected)

    async def bucket(self, name: str, days: float = 0.0) -> NatsBucket:
        if name not in self._buckets:
            self._buckets[name] = await NatsBucket.open(self._client, name, self._replicas, days)
        return self._buckets[name]

    async def objects(self, name: str) -> NatsObjects:
        if name not in self._objects:
            self._objects[name] = await NatsObjects.open(self._client, name, self._replicas)
        return self._objects[name]

    async def journal(self, name: str) -> NatsJournal:
        if name not in self._journals:
            ledger = await self._ledger_client()
            self._journals[name] = await NatsJournal.open(ledger, name, self._ledger_replicas)
        return self._journals[name]

    async def _ledger_client(self) -> Client:
        async with self._opening_ledger:  # Several may need it first at once: one connection serves them all.
            if self._ledger is None:
                self._ledger = await open_client(self._ledger_address, f"{self._name}-ledger")
        return self._ledger

    async def inventories(self) -> tuple[Inventory, Inventory]:
        """What the server keeps, and what the ledger keeps."""
        return await inventory(self._client), await inventory(await self._ledger_client())

    async def caught_up(self, topic: Topic[Any], consumer: str) -> bool:
        """Whether this durable consumer has taken all that the topic's stream holds."""
        return await caught_up(self._client, topic.stream, consumer)

    async def empty(self) -> None:
        """Deletes everything on both servers."""
        await empty(self._client)
        await empty(await self._ledger_client())

    async def close(self) -> None:
        """Finishes answers under way, then leaves; also when NATS is gone."""
        await self._listener.close()
        await self._answerer.close()
        for client in (self._client, self._ledger):
            if client is not None:
                await _leave(client)


@contextlib.asynccontextmanager
async def connect(
    name: str, address: Address, ledger: Address, replicas: int = 1, ledger_replicas: int = 1
) -> AsyncIterator[NatsBus]:
    """The bus. Raises Fault(503) with the address when no server answers in time.

    `replicas`, `ledger_replicas`: copies of what is kept, on a cluster.
    """
    client = await open_client(address, name)
    bus = NatsBus(client, name, ledger, replicas, ledger_replicas)
    try:
        yield bus
    finally:
        await bus.close()


async def open_client(address: Address, name: str) -> Client:
    """A connection that is kept up forever. Raises Fault(503)."""

    async def error(reason: Exception) -> None:
        # Among these: a slow subscriber that lost messages, which shows nowhere else.
        log.warning("nats_error", connection=name, reason=f"{type(reason).__name__}: {reason}")

    async def lost() -> None:
        if not client.is_draining and not client.is_closed:
            log.warning("nats_connection_lost", connection=name)

    async def regained() -> None:
        log.info("nats_connection_regained", connection=name)

    client = Client()
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            await client.connect(
                servers=address.url.split(","),
                name=name,
                error_cb=error,
                disconnected_cb=lost,
                reconnected_cb=regained,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.15,  # type: ignore[arg-type]  # It takes fractions; its types say whole seconds.
                connect_timeout=2,
                ping_interval=10,
                max_outstanding_pings=2,
                # Nothing is kept for later while disconnected: whoever asks is told at once.
                pending_size=2 * 1024 * 1024,
                inbox_prefix=address.inbox_prefix,
                nkeys_seed_str=address.seed_file.read_text().strip() if address.seed_file else None,
            )
        return client
    except (TimeoutError, nats.errors.Error, OSError) as reason:
        raise Fault(503, f"No NATS server answers at {address.url}: {type(reason).__name__} {reason}.") from reason


async def _leave(client: Client) -> None:
    try:
        async with asyncio.timeout(3.0):
            if client.is_connected:
                await client.drain()
            else:
                await client.close()
    except (TimeoutError, nats.errors.Error, OSError) as reason:
        log.info("nats_left_without_drain", reason=type(reason).__name__)
        await client.close()
