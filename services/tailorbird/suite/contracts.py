"""The table of every question and announcement, read from the contracts themselves."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import tailorbird.contracts
from tailorbird.contracts.wire import Endpoint, Topic

__all__ = ["endpoints", "lines", "topics"]


def endpoints() -> list[Endpoint]:  # type: ignore[type-arg]
    """Every endpoint that a contract module declares, in the order of their subjects."""
    return sorted((one for one in _declared() if isinstance(one, Endpoint)), key=lambda one: one.subject)


def topics() -> list[Topic]:  # type: ignore[type-arg]
    """Every topic that a contract module declares, in the order of their subjects."""
    return sorted((one for one in _declared() if isinstance(one, Topic)), key=lambda one: one.subject)


def lines() -> list[str]:
    """What a person reads: subject, what is sent, what comes back, how long one waits or where it rests."""
    rows = [
        (one.subject, f"{one.query.__name__} -> {one.answer.__name__}", f"{one.budget_ms} ms") for one in endpoints()
    ] + [(one.subject, one.message.__name__, f"stream {one.stream}" if one.stream else "heard") for one in topics()]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return [f"{subject:<{widths[0]}}  {what:<{widths[1]}}  {how}" for subject, what, how in rows]


def _declared() -> Iterator[object]:
    for module in pkgutil.iter_modules(tailorbird.contracts.__path__):
        yield from vars(importlib.import_module(f"tailorbird.contracts.{module.name}")).values()
