"""Tasks that run until they are told to end."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["ended"]

AGAIN_AFTER = 1.0


async def ended(*tasks: asyncio.Task[Any] | None) -> None:
    """Returns when all of them have ended.

    Told again and again: in Python 3.11 a task that waits with a time limit loses the cancellation that comes in the
    very moment in which its wait ends.
    """
    left = {task for task in tasks if task is not None}
    while left:
        for task in left:
            task.cancel()
        done, left = await asyncio.wait(left, timeout=AGAIN_AFTER)
        for task in done:
            if not task.cancelled():
                task.exception()
