"""The table of faults: what pages notice of each service that is killed, hangs, or is half a second slow."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from tailorbird.bus.ending import ended
from tailorbird.suite.bench.load import Result, Target, steady_rate
from tailorbird.suite.bench.pages import page_requests
from tailorbird.suite.bench.table import Figure
from tailorbird.suite.running import Running
from tailorbird.suite.supervisor import Child, Supervisor

__all__ = ["measure_faults"]

RATE = 100.0
"""Pages a second."""
BEGINS = 1.0
P99_MS = 200.0
TOUCHED = 1.0
"""Percent of pages with a slot on its fallback, from the second second of a hang on."""
SLOW_FOR = 0.5
BETWEEN = 0.02
SERVICES = ("profiles", "recommender", "offers", "insights")


async def measure_faults(
    running: Running, supervisor: Supervisor, customers: Sequence[str], pages: int
) -> list[Figure]:
    """So many pages for each service and each fault, of customers who have been there before."""
    children = {child.name: child for child in supervisor.children}
    host, _, port = running.gateway_url.removeprefix("http://").rpartition(":")
    requests = page_requests(running, customers, seed=6)

    async def fetched(seconds: float) -> Result:
        return await steady_rate(Target(host, int(port)), requests, RATE, seconds)

    await fetched(min(len(customers), 3_000) / RATE)
    figures: list[Figure] = []
    for name in SERVICES:
        for fault, happens in _FAULTS.items():
            fetching = asyncio.create_task(fetched(pages / RATE))
            await asyncio.sleep(BEGINS)
            async with happens(children[name]):
                figures += _figures(name, fault, await fetching)
            await supervisor.ready(children[name])
            await fetched(3.0)
    return figures


@contextlib.asynccontextmanager
async def _killed(child: Child) -> AsyncIterator[None]:
    child.signal(signal.SIGKILL)
    yield


@contextlib.asynccontextmanager
async def _hangs(child: Child) -> AsyncIterator[None]:
    """It is stopped, and nobody lets it go on: its supervisor has to notice."""
    child.signal(signal.SIGSTOP)
    yield


@contextlib.asynccontextmanager
async def _is_slow(child: Child) -> AsyncIterator[None]:
    async def stopping() -> None:
        while True:
            child.signal(signal.SIGSTOP)
            await asyncio.sleep(SLOW_FOR)
            child.signal(signal.SIGCONT)
            await asyncio.sleep(BETWEEN)

    task = asyncio.create_task(stopping(), name=f"slow-{child.name}")
    try:
        yield
    finally:
        await ended(task)
        child.signal(signal.SIGCONT)


_FAULTS: Mapping[str, Callable[[Child], AbstractAsyncContextManager[None]]] = {
    "killed": _killed, "hangs": _hangs, "half a second slow": _is_slow,
}  # fmt: skip


def _figures(name: str, fault: str, result: Result) -> list[Figure]:
    after = [page for page in result.pages if page.due >= BEGINS]
    later = [page for page in after if page.due >= BEGINS + 1.0]
    ordered = sorted(page.seconds for page in after)
    p99 = ordered[int(len(ordered) * 0.99)] * 1e3
    refused = sum(page.status != 200 for page in after)
    touched = 100.0 * sum(page.partial for page in later) / len(later)
    figures = [
        Figure(
            name=f"{name}, {fault}: p99 of pages", unit="ms", at_most=P99_MS, measured=p99,
            detail=f"{len(after):,} pages, {touched:.1f} % with a fallback after the first second",
        ),
        Figure(name="  not answered with 200", unit="pages", at_most=0.0, measured=float(refused)),
    ]  # fmt: skip
    if fault == "hangs":
        figures.append(
            Figure(
                name="  pages with fallbacks after the first second", unit="%", at_most=TOUCHED, measured=touched
            )
        )
    return figures
