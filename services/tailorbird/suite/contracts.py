"""The table of every question and announcement, read from the contracts themselves."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from rich.table import Table

import tailorbird.contracts
from tailorbird.contracts.wire import Endpoint, Topic

__all__ = ["endpoints", "table", "topics"]


def endpoints() -> list[Endpoint]:  # type: ignore[type-arg]
    """Every endpoint that a contract module declares, in the order of their subjects."""
    return sorted((one for one in _declared() if isinstance(one, Endpoint)), key=lambda one: one.subject)


def topics() -> list[Topic]:  # type: ignore[type-arg]
    """Every topic that a contract module declares, in the order of their subjects."""
    return sorted((one for one in _declared() if isinstance(one, Topic)), key=lambda one: one.subject)


def table() -> Table:
    """What a person reads: subject, what is sent, what comes back, how long one waits."""
    made = Table("subject", "query or message", "answer", "budget or stream")
    for endpoint in endpoints():
        made.add_row(endpoint.subject, endpoint.query.__name__, endpoint.answer.__name__, f"{endpoint.budget_ms} ms")
    for topic in topics():
        made.add_row(topic.subject, topic.message.__name__, "", f"stream {topic.stream}" if topic.stream else "heard")
    return made


def _declared() -> Iterator[object]:
    for module in pkgutil.iter_modules(tailorbird.contracts.__path__):
        yield from vars(importlib.import_module(f"tailorbird.contracts.{module.name}")).values()
