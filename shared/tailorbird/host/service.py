"""What a service is: a name, its settings, how it is opened on a bus; and the HTTP routes that reach it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from msgspec import Struct

__all__ = ["Routes", "Service"]


class Service(Struct, frozen=True):
    """One service as a value: no process, connection or state of its own until it is opened.

    `open(bus, settings)` enters with its answers registered and leaves with its background work ended. A service that
    only answers declares its bus as `AnsweringBus`: asking is then a type error.
    """

    name: str
    settings: type[Any]
    """A frozen Struct; each field is the environment variable TAILORBIRD_<NAME>_<FIELD>."""
    open: Callable[[Any, Any], AbstractAsyncContextManager[None]]


class Routes(Struct, frozen=True):
    """A service's HTTP: thin handlers that reach it over the bus, so that any process can mount them."""

    handlers: Sequence[Any]
    open_state: Callable[[Any, Any], AbstractAsyncContextManager[dict[str, Any]]] | None = None
    """Opens what these routes keep in the process that mounts them (the collector's spool); entered with the bus and
    the service's settings, it gives entries for `app.state`."""
    settings: type[Any] | None = None
