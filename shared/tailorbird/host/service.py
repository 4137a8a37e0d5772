"""What a service is: a name, its settings, and how it is opened on a bus."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from msgspec import Struct

__all__ = ["Service"]


class Service(Struct, frozen=True):
    """One service as a value: no process, connection or state of its own until it is opened.

    `open(bus, settings)` enters with its answers registered and leaves with its background work ended. A service that
    only answers declares its bus as `AnsweringBus`: asking is then a type error.
    """

    name: str
    settings: type[Any]
    """A frozen Struct; each field is the environment variable TAILORBIRD_<NAME>_<FIELD>."""
    open: Callable[[Any, Any], AbstractAsyncContextManager[None]]
