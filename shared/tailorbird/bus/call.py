"""The deadline and trace of the call in progress, carried by context variables from the door to the last answer."""

from __future__ import annotations

import random
import time
from contextvars import ContextVar, Token

__all__ = ["begin", "deadline", "end", "new_traceparent", "remaining_ms", "trace_id", "traceparent"]

_chance = random.Random()
_deadline: ContextVar[float] = ContextVar("tailorbird_deadline", default=0.0)
_traceparent: ContextVar[str] = ContextVar("tailorbird_traceparent", default="")


def begin(deadline_at: float, traceparent_value: str) -> tuple[Token[float], Token[str]]:
    """Set both for this task and those it starts; give the result to `end`.

    `deadline_at`: seconds since 1970 (0: none). `traceparent_value`: W3C's header, made when empty.
    """
    return _deadline.set(deadline_at), _traceparent.set(traceparent_value or new_traceparent())


def end(tokens: tuple[Token[float], Token[str]]) -> None:
    _deadline.reset(tokens[0])
    _traceparent.reset(tokens[1])


def deadline() -> float:
    """Seconds since 1970 at which the caller stops waiting; 0 when nobody set one."""
    return _deadline.get()


def remaining_ms(budget_ms: float) -> float:
    """Milliseconds left: the lesser of the budget and what the caller still has. Not above zero: too late."""
    at = _deadline.get()
    return budget_ms if at == 0.0 else min(budget_ms, (at - time.time()) * 1000.0)


def traceparent() -> str:
    """W3C traceparent of the call in progress, empty outside of one."""
    return _traceparent.get()


def trace_id() -> str:
    """The 32 hex digits that every log line of this call carries; empty outside of one."""
    return _traceparent.get()[3:35]


def new_traceparent() -> str:
    """A trace of its own. Ids need to differ, not to be secret: no system call for each request."""
    return f"00-{_chance.getrandbits(128) | 1:032x}-{_chance.getrandbits(64) | 1:016x}-01"
