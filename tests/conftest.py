"""What many tests stand on: real nats-servers, a small shop, the whole suite as processes, a browser."""

from __future__ import annotations

import asyncio
import atexit
import gc
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright

from tailorbird.bus.connect import NatsBus
from tailorbird.host import broker
from tailorbird.host.broker import Broker
from tailorbird.suite.running import connect_to_running
from tests.chromium import chromium_binary, launch_arguments
from tests.dividing import FewSuites, longest_first
from tests.runningsuite import RunningSuite, start_suite
from tests.scenarios.rows import read_themes
from tests.tinyshop import TinyShop, write_tiny_shop

# What services freeze when they are ready is let go at the end, or libraries tell of leaks.
atexit.register(gc.unfreeze)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FewSuites:
    """With `-n 2`: the running suite is started by one of the two processes only."""
    return FewSuites(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that shows a requirement row says which: `@pytest.mark.row(19)` or `row(19, 57)`, as in rows.toml."""
    longest_first(items)
    known = {row.number for theme in read_themes() for row in theme.rows}
    for item in items:
        for marker in item.iter_markers("row"):
            unknown = [number for number in marker.args if number not in known]
            if unknown or not marker.args:
                raise pytest.UsageError(f"{item.nodeid} shows row {unknown or '(none)'}, which is not in rows.toml.")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, which is what the suite runs on."""
    return "asyncio"


@pytest.fixture
def free_port() -> int:
    """A TCP port of this machine that nothing uses now."""
    return broker.free_port()


@pytest.fixture(scope="session")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Broker, Broker]]:
    """Two real nats-servers, as the suite has them: the bus, and the ledger that syncs every write."""
    folder = tmp_path_factory.mktemp("brokers")
    bus = Broker(name="nats", folder=folder / "nats", port=broker.free_port())
    ledger = Broker(name="ledger", folder=folder / "ledger", port=broker.free_port(), sync_always=True)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for one in (bus, ledger):
            processes.append(one.start())
            asyncio.run(one.ready())
        yield bus, ledger
    finally:
        for process in processes:
            process.terminate()
            process.wait()


@pytest.fixture(scope="session")
def tiny_shop(tmp_path_factory: pytest.TempPathFactory) -> TinyShop:
    """The small shop as load files; see tests/tinyshop.py for what is in it."""
    return write_tiny_shop(tmp_path_factory.mktemp("tinyshop"))


@pytest.fixture(scope="session")
def empty_suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    """Every service as a process of its own, with nothing loaded."""
    with start_suite(tmp_path_factory.mktemp("empty")) as running:
        yield running


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory, tiny_shop: TinyShop) -> Iterator[RunningSuite]:
    """Every service as a process of its own, with the small shop loaded, its documents applied and a model trained.

    One for the whole run: a test that kills, fills up or reconfigures something starts its own with `start_suite`.
    """
    with start_suite(tmp_path_factory.mktemp("suite")) as running:
        running.fill_with(tiny_shop)
        yield running


@pytest.fixture
def server(suite: RunningSuite) -> Iterator[httpx.Client]:
    """The gateway, called as the site's server calls it."""
    with httpx.Client(base_url=suite.base_url, headers=suite.server_headers, timeout=10.0) as client:
        yield client


@pytest.fixture
def collector(suite: RunningSuite) -> Iterator[httpx.Client]:
    """The gateway, called as a browser calls the collector: write key as Basic user name."""
    with httpx.Client(base_url=suite.base_url, auth=(suite.write_key, ""), timeout=10.0) as client:
        yield client


@pytest.fixture
async def suite_bus(suite: RunningSuite) -> AsyncIterator[NatsBus]:
    """The running suite's bus, as a command of the command line has it."""
    async with connect_to_running(suite.environment, "test") as bus:
        yield bus


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium, without a window."""
    binary = chromium_binary()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=binary, args=launch_arguments(os.geteuid()))
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser, suite: RunningSuite) -> AsyncIterator[Page]:
    """An empty tab; relative addresses are those of the running suite's gateway."""
    context = await browser.new_context(base_url=suite.base_url, viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    yield page
    await context.close()
