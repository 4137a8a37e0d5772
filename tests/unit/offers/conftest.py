"""Real nats-servers and the offers service on them, reached over the bus and over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, MutableMapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import Struct

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.host.app import build
from tailorbird.host.broker import Broker, free_port
from tailorbird.host.settings import SuiteSettings
from tailorbird.offers.http import ROUTES
from tailorbird.offers.service import SERVICE, Settings, open_offers

LEDGER_SECONDS = 0.05
LEARN_SECONDS = 0.1
KEY = "server-key-of-the-tests"


class Servers(Struct):
    """A bus and a ledger, running."""

    addresses: tuple[Address, Address]
    ledger_process: subprocess.Popen[bytes]


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[Servers]:
    bus = Broker(name="nats", folder=tmp_path / "nats", port=free_port())
    ledger = Broker(name="ledger", folder=tmp_path / "ledger", port=free_port(), sync_always=True)
    processes = [bus.start(), ledger.start()]
    await bus.ready()
    await ledger.ready()
    yield Servers((Address(bus.url), Address(ledger.url)), processes[1])
    for process in processes:
        process.terminate()
        process.wait()


@pytest.fixture
async def bus(servers: Servers) -> AsyncIterator[NatsBus]:
    """A bus on which the service answers."""
    async with (
        connect("offers", *servers.addresses) as answering,
        open_offers(answering, Settings(ledger_seconds=LEDGER_SECONDS, learn_seconds=LEARN_SECONDS)),
        connect("asking", *servers.addresses) as asking,
    ):
        yield asking


@pytest.fixture
async def client(servers: Servers) -> AsyncIterator[httpx.AsyncClient]:
    """The service's routes, with the server key."""
    app: Any = build(
        [SERVICE], {"offers": ROUTES}, lambda: connect("gateway", *servers.addresses), SuiteSettings(server_key=KEY), {}
    )
    async with (
        _alive(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://shop.example",
            headers={"Authorization": f"Bearer {KEY}"},
        ) as client,
    ):
        yield client


@contextlib.asynccontextmanager
async def _alive(app: Any) -> AsyncIterator[None]:
    """ASGI's lifespan protocol, which httpx leaves to others."""
    said: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
    heard: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
    living = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, said.get, heard.put))
    await said.put({"type": "lifespan.startup"})
    assert (await heard.get())["type"] == "lifespan.startup.complete"
    yield
    await said.put({"type": "lifespan.shutdown"})
    assert (await heard.get())["type"] == "lifespan.shutdown.complete"
    await living
