"""Independent parts of one computation on several threads: numpy leaves the interpreter alone for most of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["side_by_side"]

Part = TypeVar("Part")
Made = TypeVar("Made")


def side_by_side(work: Callable[[Part], Made], parts: Iterable[Part], threads: int) -> list[Made]:
    """What `work` makes of each part, in their order, however many threads there are (0: a few more than cores)."""
    with ThreadPoolExecutor(threads or None) as pool:
        return list(pool.map(work, parts))
