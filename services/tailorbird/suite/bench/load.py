"""Requests to one HTTP server: as many as `concurrency` allows, or at a steady rate; with every latency.

A bare asyncio client: a library's would cost more than the pages that are measured.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import cast

import httptools
from msgspec import Struct

__all__ = ["Page", "Result", "Target", "closed_loop", "request_bytes", "steady_rate"]

TAIL = 3_000
"""Bytes of an answer's end in which a page lists its fallbacks."""


class Target(Struct, frozen=True):
    host: str
    port: int


class Page(Struct, frozen=True):
    """One answer of a steady rate."""

    due: float
    """Seconds from the start at which its request was to be sent."""
    seconds: float
    status: int
    partial: bool


class Result(Struct, frozen=True):
    """What came of some requests."""

    latencies: list[float]
    """Seconds, in no order; of a steady rate counted from when the request was due."""
    statuses: dict[int, int]
    bytes_each: float
    seconds: float
    partial: int
    """Answers that were lacking: pages with a slot on its fallback."""
    pages: list[Page] = []
    """Each by itself, of a steady rate."""

    def quantile(self, share: float) -> float:
        """Milliseconds that this share of the requests stayed within."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1_000.0

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def failed(self) -> int:
        return sum(count for status, count in self.statuses.items() if status != 200)


def request_bytes(method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """One HTTP/1.1 request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class _Connection(asyncio.Protocol):
    """One kept-alive connection; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._done: asyncio.Future[tuple[int, int]] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._size = 0
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        self._tail = (self._tail + body)[-TAIL:]

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        self._parser = httptools.HttpResponseParser(self)
        if self._done is not None and not self._done.done():
            self._done.set_result((status, self._size))

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None
        if self._done is not None and not self._done.done():
            self._done.set_result((0, 0))

    @property
    def is_partial(self) -> bool:
        """True when the latest answer is a page that lists fallbacks; they stand near its end."""
        return b'"fallbacks":[{' in self._tail

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    async def send(self, request: bytes) -> tuple[int, int]:
        """Status and bytes of the answer; status 0 when the connection broke."""
        if self._transport is None:
            return 0, 0
        self._size = 0
        self._tail = b""
        self._done = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._done

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def closed_loop(target: Target, requests: Iterator[bytes], count: int, concurrency: int) -> Result:
    """`count` requests by `concurrency` clients, each sending its next when its last was answered."""
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    sizes = partial = 0
    left = count

    async def client() -> None:
        nonlocal left, sizes, partial
        connection = await _open(target)
        while left > 0:
            left -= 1
            began = time.perf_counter()
            status, size = await connection.send(next(requests))
            latencies.append(time.perf_counter() - began)
            statuses[status] = statuses.get(status, 0) + 1
            sizes += size
            partial += connection.is_partial
            if not connection.is_open:
                connection = await _open(target)
        connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(concurrency)))
    return Result(latencies, statuses, sizes / max(1, count), time.perf_counter() - began, partial)


async def steady_rate(target: Target, requests: Iterator[bytes], rate: float, seconds: float) -> Result:
    """`rate` requests a second, each at its time however late the others are (no coordinated omission)."""
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    sizes = partial = 0
    pages: list[Page] = []
    idle: list[_Connection] = [await _open(target) for _ in range(32)]
    under_way: set[asyncio.Task[None]] = set()

    async def one(due: float, request: bytes) -> None:
        nonlocal sizes, partial
        connection = idle.pop() if idle else await _open(target)
        status, size = await connection.send(request)
        latencies.append(time.perf_counter() - due)
        statuses[status] = statuses.get(status, 0) + 1
        sizes += size
        partial += connection.is_partial
        pages.append(Page(due - began, latencies[-1], status, connection.is_partial))
        if connection.is_open:
            idle.append(connection)

    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        pause = due - time.perf_counter()
        if pause > 0:
            await asyncio.sleep(pause)
        task = asyncio.create_task(one(due, next(requests)))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    for connection in idle:
        connection.close()
    return Result(latencies, statuses, sizes / max(1, len(latencies)), time.perf_counter() - began, partial, pages)


async def _open(target: Target) -> _Connection:
    """A connection, tried for as long as a killed server needs to come back."""
    until = time.perf_counter() + 5.0
    while True:
        try:
            _, protocol = await asyncio.get_running_loop().create_connection(_Connection, target.host, target.port)
            return protocol
        except OSError:
            if time.perf_counter() > until:
                raise
            await asyncio.sleep(0.02)
