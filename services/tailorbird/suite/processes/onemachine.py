"""The suite on one machine: two nats-servers, a process per service, ready, and where to find it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from tailorbird.contracts.wire import Fault
from tailorbird.host.broker import Broker, free_port
from tailorbird.host.folderlock import alone
from tailorbird.host.settings import PREFIX, SuiteSettings, read_suite_settings
from tailorbird.suite.demo.settings import SETTINGS
from tailorbird.suite.permissions import OPERATOR, authorization, seed_files
from tailorbird.suite.processes.supervisor import THREADS, Child, Supervisor
from tailorbird.suite.roster import GATEWAY, SERVICES
from tailorbird.suite.running import LOCK, Running, forget_running, keys_of, write_running

__all__ = ["PROCESSES", "running_suite", "stop_signals"]

PROCESSES = ("gateway", *(name for name in SERVICES if name not in GATEWAY))


@contextlib.asynccontextmanager
async def running_suite(environ: Mapping[str, str], supervisor: Supervisor, *, demo: bool) -> AsyncIterator[Running]:
    """The suite, every process ready; all of them ended on leaving. Raises Fault with what a person can do about it."""
    settings = read_suite_settings(environ, SERVICES)
    settings.home.mkdir(parents=True, exist_ok=True)
    taken = f"A suite runs with the home folder {settings.home} already; end it with `make stop` first."
    with alone(settings.home / LOCK, taken):
        _check_port(settings)
        # Whoever looks for the suite finds it only while every process is ready.
        forget_running(settings.home)
        keys = keys_of(settings)
        supervisor.open()
        try:
            servers = await _servers(settings, supervisor)
            running = Running(
                nats_url=servers.nats_url,
                ledger_url=servers.ledger_url,
                gateway_url=f"http://{settings.host}:{settings.port}",
                server_key=keys.server_key,
                write_key=keys.write_key,
                process_id=os.getpid(),
                seed_file=servers.seeds.get(OPERATOR),
            )
            children = [_child(name, settings, running, servers, environ, demo=demo) for name in PROCESSES]
            for child in children:
                await supervisor.add(child)
            await asyncio.gather(*(supervisor.ready(child) for child in children))
            write_running(settings.home, running)
            yield running
        finally:
            forget_running(settings.home)
            await supervisor.stop()


@contextlib.contextmanager
def stop_signals(stopped: asyncio.Event) -> Iterator[None]:
    """Sets the event on Ctrl-C, SIGTERM, and when the terminal is closed."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, stopped.set)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


class _Servers(Struct, frozen=True):
    """Where NATS and the ledger are, and with which seed each process enters those that were started here."""

    nats_url: str
    ledger_url: str
    seeds: dict[str, Path]


async def _servers(settings: SuiteSettings, supervisor: Supervisor) -> _Servers:
    """The servers of the settings, else two that are started here and let in nobody else."""
    if settings.nats_url and settings.ledger_url:
        return _Servers(settings.nats_url, settings.ledger_url, {})
    if settings.nats_url or settings.ledger_url:
        raise Fault(422, "TAILORBIRD_NATS_URL and TAILORBIRD_LEDGER_URL are given together, or neither of them.")
    seeds, public_keys = seed_files(settings.home.resolve() / "users")
    urls: list[str] = []
    for name, always in (("nats", False), ("ledger", True)):
        broker = Broker(
            name=name,
            folder=settings.home / name,
            port=free_port(),
            sync_always=always,
            authorization=authorization(public_keys),
        )
        log_path = broker.folder / "nats-server.log"
        await supervisor.add(Child(name, broker.environment(), log_path, command=broker.command()))
        await broker.ready()
        urls.append(broker.url)
    return _Servers(urls[0], urls[1], seeds)


def _child(
    name: str, settings: SuiteSettings, running: Running, servers: _Servers, environ: Mapping[str, str], *, demo: bool
) -> Child:
    port = settings.port if name == "gateway" else free_port()
    environment = {
        **(SETTINGS if demo else {}),
        **environ,
        **THREADS,
        f"{PREFIX}NATS_URL": running.nats_url,
        f"{PREFIX}LEDGER_URL": running.ledger_url,
        f"{PREFIX}SERVER_KEY": running.server_key,
        f"{PREFIX}WRITE_KEY": running.write_key,
        f"{PREFIX}HOME": str(settings.home),
        f"{PREFIX}HOST": settings.host if name == "gateway" else "127.0.0.1",
        f"{PREFIX}PORT": str(port),
        f"{PREFIX}PUBLIC_URL": settings.public_url or running.gateway_url,
        f"{PREFIX}DEMO": "true" if demo or settings.demo else "false",
        "PYTHONUNBUFFERED": "1",
    }
    if name in servers.seeds:
        environment[f"{PREFIX}NATS_SEED_FILE"] = str(servers.seeds[name])
        environment[f"{PREFIX}LEDGER_SEED_FILE"] = str(servers.seeds[name])
    return Child(name, environment, settings.home / "logs" / f"{name}.log", port=port)


def _check_port(settings: SuiteSettings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise Fault(
                409,
                f"Port {settings.port} of {settings.host} is in use ({error.strerror}). "
                f"Choose another one: make run PORT={settings.port + 100}",
            ) from error
