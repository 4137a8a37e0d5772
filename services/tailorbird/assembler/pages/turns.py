"""A few pages begin in each turn of the event loop, so that answers from other processes are read in between.

A page for which everything is at hand is made without waiting for anybody. Sixty-four of them in one turn take twenty
milliseconds, in which nobody reads what offers answered to the sixty-fifth; that one needs four turns (asked, sent,
read, resumed), and in a crowd it missed its deadline: p99 at 64 callers was 124 ms beside a median of 18.
"""

from __future__ import annotations

import asyncio
from collections import deque

__all__ = ["Turns"]


class Turns:
    """Lets `size` begin in each turn, in the order in which they came."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._left = size
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._turning = False

    async def begin(self) -> None:
        """Returns when it is the caller's turn: at once, unless many others have begun in this one."""
        if not self._turning:
            self._turning = True
            asyncio.get_running_loop().call_soon(self._next)
        if self._left and not self._waiting:
            self._left -= 1
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    def _next(self) -> None:
        self._left = self._size
        while self._left and self._waiting:
            future = self._waiting.popleft()
            if not future.done():  # Who was cancelled meanwhile takes no place.
                future.set_result(None)
                self._left -= 1
        self._turning = bool(self._waiting)
        if self._turning:
            asyncio.get_running_loop().call_soon(self._next)
