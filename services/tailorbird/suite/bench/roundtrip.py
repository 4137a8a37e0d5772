"""The NATS round trip: a request of a page's size to an answerer in another process, one at a time."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import nats.errors
from nats.aio.msg import Msg

from tailorbird.bus.connect import Address, open_client
from tailorbird.host.broker import die_with_parent
from tailorbird.suite.bench.table import Figure, median

__all__ = ["measure_roundtrip"]

SUBJECT = "tailorbird.bench.v1.echo"
COUNT = 2_000
PAYLOAD = b"x" * 3_000


async def measure_roundtrip(address: Address, rounds: int) -> list[Figure]:
    """p50 and p99 over several rounds."""
    halves: list[float] = []
    tails: list[float] = []
    async with _echo(address):
        client = await open_client(address, "bench")
        try:
            for _ in range(rounds):
                taken: list[float] = []
                for _ in range(COUNT):
                    began = time.perf_counter()
                    await client.request(SUBJECT, PAYLOAD, timeout=2)
                    taken.append(time.perf_counter() - began)
                taken.sort()
                halves.append(taken[COUNT // 2] * 1e3)
                tails.append(taken[int(COUNT * 0.99)] * 1e3)
        finally:
            await client.close()
    detail = f"p50 {median(halves):.2f} ms, 3 KB"
    return [Figure(name="NATS round trip, p99", measured=median(tails), unit="ms", detail=detail)]


@contextlib.asynccontextmanager
async def _echo(address: Address) -> AsyncIterator[None]:
    process = subprocess.Popen(  # noqa: ASYNC220 - starting one takes a millisecond
        [sys.executable, "-m", "tailorbird.suite.bench.roundtrip", address.url, str(address.seed_file or "")],
        stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent(),  # noqa: PLW1509 - it only calls prctl
    )
    client = await open_client(address, "bench")
    try:
        async with asyncio.timeout(20):
            while True:
                try:
                    await client.request(SUBJECT, b"", timeout=1)
                    break
                except nats.errors.Error:
                    await asyncio.sleep(0.05)
        yield
    finally:
        await client.close()
        process.terminate()
        await asyncio.to_thread(process.wait)


async def main(url: str, seed_file: str) -> None:
    """Answers with what was sent until it is ended."""
    client = await open_client(Address(url, Path(seed_file) if seed_file else None), "bench")

    async def echo(message: Msg) -> None:
        await message.respond(message.data)

    await client.subscribe(SUBJECT, cb=echo)
    await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(*sys.argv[1:]))
