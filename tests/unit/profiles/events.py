"""Events for tests, made in one line."""

from __future__ import annotations

from typing import Any

from tailorbird.contracts.profiles import Event

START = 1_795_000_000


def event(number: int, name: str = "", *, at: float = 0, kind: str = "track", **rest: Any) -> Event:
    """An event of customer c-1 with a message id of its own, `at` seconds after the start."""
    given: dict[str, Any] = {"customer_id": "c-1"} | rest
    return Event(message_id=f"m-{number}", type=kind, event=name, at=START + at, **given)  # type: ignore[arg-type]
