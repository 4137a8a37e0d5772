"""Services made into one application: opened in order, watched, closed in reverse."""

from __future__ import annotations

import contextlib
import functools
import gc
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import prometheus_client
import structlog
from litestar import Litestar, MediaType, Response, get
from litestar.config.cors import CORSConfig
from litestar.config.response_cache import ResponseCacheConfig
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import ASGIApp, ControllerRouterHandler, Message, Receive, Scope, Send
from prometheus_client import Counter

from tailorbird.bus import AskingBus, call
from tailorbird.contracts.wire import Fault
from tailorbird.host import apidocs, metrics
from tailorbird.host.describing import TEXT, described
from tailorbird.host.knownparameters import knows_its_parameters
from tailorbird.host.problems import exception_handlers
from tailorbird.host.service import Routes, Service
from tailorbird.host.settings import SuiteSettings, read_service_settings

__all__ = ["build"]

log = structlog.get_logger(__name__)

COLLECTED_AFTER = (100_000, 50, 50)
"""How many objects more than were let go before the garbage collector looks at them. Almost nothing here is part of a
cycle; with Python's 700 the collector took 28 % of a page's CPU time at concurrency 16 (2,137 us against 1,543)."""

OpenBus = Callable[[], AbstractAsyncContextManager[AskingBus]]


def build(
    services: Sequence[Service],
    routes: Mapping[str, Routes],
    open_bus: OpenBus,
    settings: SuiteSettings,
    environ: Mapping[str, str],
) -> ASGIApp:
    """The application of a process that runs these services and mounts these routes.

    Raises Fault(422) for a setting that is wrong, before anything is opened.
    """
    service_settings = {
        service.name: read_service_settings(service.settings, service.name, environ, settings) for service in services
    }
    route_settings = {
        name: read_service_settings(one.settings, name, environ, settings) if one.settings else None
        for name, one in routes.items()
    }

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        app.state["settings"] = settings
        async with contextlib.AsyncExitStack() as stack:
            bus = await stack.enter_async_context(open_bus())
            app.state["bus"] = bus
            app.state["asker"] = bus.asker
            for service in services:
                began = time.perf_counter()
                await stack.enter_async_context(service.open(bus, service_settings[service.name]))
                log.info("service_open", opened=service.name, seconds=round(time.perf_counter() - began, 2))
            for name, one in routes.items():
                if one.open_state is not None:
                    app.state.update(await stack.enter_async_context(one.open_state(bus, route_settings[name])))
            # What was loaded stays: the garbage collector need not walk over a catalogue with every page (a quarter of
            # a page's time, measured).
            gc.collect()
            gc.freeze()
            gc.set_threshold(*COLLECTED_AFTER)
            app.state["ready"] = True
            yield
            app.state["ready"] = False

    handlers: list[ControllerRouterHandler] = [health, ready, measured, apidocs.asset]
    for one in routes.values():
        handlers.extend(one.handlers)
    app = Litestar(
        route_handlers=handlers,
        lifespan=[lifespan],
        state=State({"ready": False}),
        exception_handlers=exception_handlers,
        before_request=knows_its_parameters,
        request_max_body_size=None,  # Each route says its own limit when it reads the body.
        openapi_config=apidocs.openapi() if routes else None,
        cors_config=_sites(settings) if routes else None,
        response_cache_config=ResponseCacheConfig(),
        debug=False,
        logging_config=None,
    )
    return _at_the_door(app)


def _sites(settings: SuiteSettings) -> CORSConfig:
    """Which sites' pages may read answers. Without cookies: who calls is told by a key, never by the browser alone."""
    return CORSConfig(
        allow_origins=settings.sites.split(),
        allow_credentials=False,
        expose_headers=["Tailorbird-Events-Not-Kept", "Retry-After", "ETag"],
        max_age=7_200,
    )


_STATUS = described({"type": "object", "properties": {"status": TEXT}}, tag="process", keys="anybody")
_COUNTS = described(tag="process", keys="anybody", also={"text/plain": TEXT})


@get("/health", summary="Does it live?", operation_class=_STATUS, media_type=MediaType.JSON, sync_to_thread=False)
def health() -> dict[str, str]:
    """The process lives."""
    return {"status": "alive"}


@get("/ready", summary="Can it work?", operation_class=_STATUS, media_type=MediaType.JSON, sync_to_thread=False)
def ready(state: State) -> dict[str, Any]:
    """The process can do its work: services are open and NATS is connected. Else 503."""
    connected = bool(state.get("ready")) and bool(getattr(state["bus"], "is_connected", True))
    if not connected:
        raise Fault(503, "Not ready: the services are being opened, or there is no connection to NATS.")
    return {"status": "ready"}


@get("/metrics", summary="What it counts", operation_class=_COUNTS, sync_to_thread=False)
def measured(state: State) -> Response[bytes]:
    """What this process counts of itself, in Prometheus' text format."""
    metrics.CONNECTED.set(1 if state.get("ready") and getattr(state["bus"], "is_connected", True) else 0)
    return Response(prometheus_client.generate_latest(), media_type="text/plain; version=1.0.0")


@functools.cache
def _counted(method: str, status: int) -> Counter:
    """The counter of such answers: looked for once."""
    return metrics.REQUESTS.labels(method, str(status))


_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def _at_the_door(app: ASGIApp) -> ASGIApp:
    """Gives each request its trace (W3C traceparent, or a new one), says it in the answer, counts it."""

    async def enter(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else "other"
        given = next((value for key, value in scope["headers"] if key == b"traceparent"), b"")
        traceparent = given.decode("ascii", "ignore") if len(given) == 55 else call.new_traceparent()
        tokens = call.begin(0.0, traceparent)
        began = time.perf_counter()

        async def send_traced(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"traceparent", traceparent.encode())]
                _counted(method, message["status"]).inc()
                metrics.LATENCY.observe(time.perf_counter() - began)
            await send(message)

        try:
            await app(scope, receive, send_traced)
        finally:
            call.end(tokens)

    return enter
