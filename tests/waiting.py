"""Waiting for a condition of another process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def eventually(check: Callable[[], Found], what: str, within: float = 60.0) -> Found:
    """What `check` gives as soon as it is true. Fails with `what` when it never is."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if found := check():
            return found
        time.sleep(0.05)
    raise AssertionError(f"Not within {within:.0f} s: {what}")
