"""Log lines: JSON on standard error, each with the service and the trace id of the call; no personal data."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from tailorbird.bus import call

__all__ = ["configure"]


def configure(name: str, level: str) -> None:
    """Sets up logging for this process; libraries that use the standard library's logging come along from warning."""
    chosen = {"debug": 10, "info": 20, "warning": 30, "error": 40}[level]

    def with_trace(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = name
        if trace := call.trace_id():
            event["trace_id"] = trace
        return event

    structlog.configure(
        processors=[
            with_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Of a traceback the places and the error's type, never local variables: they hold personal data.
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(chosen),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
