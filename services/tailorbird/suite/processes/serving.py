"""One process of the suite: the services named, on the bus, behind one HTTP port."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence

import uvicorn
from litestar.types import ASGIApp

from tailorbird.bus import AskingBus
from tailorbird.bus.connect import Address, connect
from tailorbird.contracts.wire import Fault
from tailorbird.host import logs
from tailorbird.host.app import build
from tailorbird.host.settings import SuiteSettings, read_suite_settings
from tailorbird.suite.roster import GATEWAY, SERVICES, routes_of, service_of

__all__ = ["application", "serve"]

GRACE_SECONDS = 5


def serve(names: Sequence[str], environ: Mapping[str, str]) -> None:
    """Runs until SIGTERM or SIGINT. `names`: services, or `gateway`, or `all`. Raises Fault(422) for wrong settings."""
    settings = read_suite_settings(environ, SERVICES)
    name = "-".join(names)
    logs.configure(name, settings.log_level)
    config = uvicorn.Config(
        application(names, settings, environ),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        backlog=2048,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        raise Fault(503, f"{name} could not start; its log says why.")


def application(names: Sequence[str], settings: SuiteSettings, environ: Mapping[str, str]) -> ASGIApp:
    """The application of these services. Raises Fault(422) for an unknown name or a wrong setting."""
    if "all" in names:
        running: tuple[str, ...] = SERVICES
    elif "gateway" in names:
        running = tuple(dict.fromkeys([*GATEWAY, *(name for name in names if name != "gateway")]))
    else:
        running = tuple(names)
    mounts = SERVICES if {"all", "gateway"} & set(names) else ()
    if not settings.nats_url or not settings.ledger_url:
        raise Fault(
            422, "TAILORBIRD_NATS_URL and TAILORBIRD_LEDGER_URL say where NATS is; `tailorbird up` starts both itself."
        )
    nats = Address(settings.nats_url, settings.nats_seed_file)
    ledger = Address(settings.ledger_url, settings.ledger_seed_file)

    @contextlib.asynccontextmanager
    async def open_bus() -> AsyncIterator[AskingBus]:
        async with connect("-".join(names), nats, ledger, settings.replicas, settings.ledger_replicas) as bus:
            yield bus

    return build(
        [service_of(name) for name in running],
        {name: routes_of(name) for name in mounts},
        open_bus,
        settings,
        environ,
    )
