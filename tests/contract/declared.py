"""Everything that the contracts declare: endpoints, topics, messages, with the module that declares them."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from msgspec import Struct

import tailorbird.contracts
from tailorbird.contracts.wire import Endpoint, Message, Topic


@functools.cache
def modules() -> dict[str, object]:
    """Contract module -> what it holds, by its short name (`offers`)."""
    names = sorted(module.name for module in pkgutil.iter_modules(tailorbird.contracts.__path__))
    return {name: importlib.import_module(f"tailorbird.contracts.{name}") for name in names}


def endpoints() -> dict[str, Endpoint]:
    """`offers.DECIDE` -> the endpoint."""
    return {f"{module}.{name}": value for module, name, value in _values() if isinstance(value, Endpoint)}


def topics() -> dict[str, Topic]:
    """`insights.DECIDED` -> the topic."""
    return {f"{module}.{name}": value for module, name, value in _values() if isinstance(value, Topic)}


def messages() -> dict[str, type[Struct]]:
    """`offers.DecideQuery` -> the message, for each that crosses the bus by itself or within another."""
    found: dict[str, type[Struct]] = {}
    for module, name, value in _values():
        if not isinstance(value, type) or not issubclass(value, Struct) or value in (Message, Endpoint, Topic):
            continue
        if value.__module__.endswith(f".{module}"):
            found[f"{module}.{name}"] = value
    return found


def _values() -> list[tuple[str, str, object]]:
    return [(short, name, value) for short, module in modules().items() for name, value in sorted(vars(module).items())]
