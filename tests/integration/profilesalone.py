"""Profiles alone on a real nats-server, and another system that they tell of what happens."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.documents import Applied, ApplyQuery, Document
from tailorbird.contracts.profiles import APPLY, COLLECTED, PROFILE, Event, EventBatch, Profile, ProfileQuery
from tailorbird.contracts.words import CustomerRef
from tailorbird.host.broker import Broker, free_port
from tailorbird.profiles.service import SERVICE
from tailorbird.profiles.settings import Settings

PATIENT = msgspec.structs.replace(PROFILE, budget_ms=20_000)
SAID = {"headline": "Said"}


class Receiver:
    """Another system: keeps what it is sent, and answers with the next status, 200 when none is set."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.port = free_port()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        self.got.append((headers, await reader.readexactly(int(headers["content-length"]))))
        status = self.answers.pop(0) if self.answers else 200
        writer.write(b"HTTP/1.1 %d Said\r\nContent-Length: 0\r\n\r\n" % status)
        await writer.drain()
        writer.close()


class Shop:
    """Profiles as they run, which may be stopped and started again."""

    def __init__(self, bus: NatsBus, address: Address, settings: Settings) -> None:
        self.bus = bus
        self.address = address
        self._settings = settings
        self._stack = contextlib.AsyncExitStack()
        self._count = 0

    async def start(self) -> None:
        bus = await self._stack.enter_async_context(connect("profiles", self.address, self.address))
        await self._stack.enter_async_context(SERVICE.open(bus, self._settings))

    async def stop(self) -> None:
        await self._stack.aclose()

    async def apply(self, *documents: tuple[str, str, dict[str, Any]]) -> Applied:
        made = tuple(Document(kind=k, id=i, body=msgspec.Raw(msgspec.json.encode(body))) for k, i, body in documents)
        return await self.bus.asker.ask(APPLY, ApplyQuery(documents=made))

    async def moment(self, moment_id: str, **body: Any) -> None:
        applied = await self.apply(("moment", moment_id, SAID | body))
        assert applied.problems == ()

    async def did(self, who: str, name: str, again: str = "", customer: str = "", **properties: Any) -> str:
        """Collects an event of this visitor, or of a customer; gives its message id. `again`: one to be sent again."""
        self._count += 1
        message_id = again or f"{who}-{name}-{self._count}"
        event = Event(
            message_id=message_id, type="track", at=time.time(), event=name, anonymous_id=who,
            customer_id=customer, properties=properties, trusted=True,
        )  # fmt: skip
        await self.bus.announcer.append(COLLECTED, EventBatch(events=(event,)), f"{message_id}-{self._count}")
        return message_id

    async def profile(self, who: str) -> Profile:
        return await self.bus.asker.ask(PATIENT, ProfileQuery(customer=CustomerRef(anonymous_id=who)))

    async def until(self, who: str, check: Callable[[Profile], bool]) -> Profile:
        async with asyncio.timeout(60):
            while not check(profile := await self.profile(who)):
                await asyncio.sleep(0.02)
            return profile


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Another system that listens."""
    receiver = Receiver()
    async with await asyncio.start_server(receiver.take, "127.0.0.1", receiver.port):
        yield receiver


@contextlib.asynccontextmanager
async def profiles_alone(home: Path, receiver: Receiver) -> AsyncIterator[Shop]:
    """Profiles that run, and may call this receiver though it is not public."""
    broker = Broker(name="nats", folder=home / "nats", port=free_port())
    process = broker.start()
    try:
        await broker.ready()
        address = Address(broker.url)
        settings = Settings(home=home, private_hosts=f"127.0.0.1:{receiver.port}", webhook_pace=0.01)
        async with connect("test", address, address) as bus:
            shop = Shop(bus, address, settings)
            await shop.start()
            yield shop
            await shop.stop()
    finally:
        process.terminate()
        process.wait()
