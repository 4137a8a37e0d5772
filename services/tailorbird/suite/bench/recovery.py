"""What pages notice of a service that is killed or hangs, and how soon it is whole again."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Sequence

from tailorbird.suite.bench.load import Page, Result, Target, steady_rate
from tailorbird.suite.bench.pages import page_requests
from tailorbird.suite.bench.table import Figure
from tailorbird.suite.processes.supervisor import Child, Supervisor
from tailorbird.suite.running import Running

__all__ = ["measure_recovery"]

RATE = 100.0
"""Pages a second meanwhile."""
KILLED_AT = 2.0
WATCHED = 12.0
WHOLE_WITHIN = {"recommender": 5.0, "gateway": 3.0}
"""Seconds after a kill; the others: 2."""
P99_MS = 150.0
HUNG_P99_MS = 200.0
HUNG_FOR = 8.0
HUNG_TOUCHED = 1.0
SERVICES = ("profiles", "recommender", "offers", "insights")


async def measure_recovery(running: Running, supervisor: Supervisor, customers: Sequence[str]) -> list[Figure]:
    """Kills each service, then lets each hang, while pages are fetched at a steady rate."""
    children = {child.name: child for child in supervisor.children}
    host, _, port = running.gateway_url.removeprefix("http://").rpartition(":")
    requests = page_requests(running, customers, seed=5)

    async def fetched(seconds: float) -> Result:
        return await steady_rate(Target(host, int(port)), requests, RATE, seconds)

    await fetched(len(customers) / RATE if len(customers) < 3_000 else 30.0)
    figures: list[Figure] = []
    for name in SERVICES:
        figures += await _killed(children[name], supervisor, fetched(WATCHED))
    for name in SERVICES:
        figures += _of_hang(name, await _hung(children[name], fetched(KILLED_AT + HUNG_FOR)))
        await fetched(KILLED_AT)
    # Last, as all that it holds of customers goes with it.
    return figures + await _killed(children["gateway"], supervisor, fetched(WATCHED))


async def _killed(child: Child, supervisor: Supervisor, fetching: Coroutine[None, None, Result]) -> list[Figure]:
    pages = asyncio.create_task(fetching)
    await asyncio.sleep(KILLED_AT)
    child.signal(signal.SIGKILL)
    found = _of_kill(child.name, await pages)
    await supervisor.ready(child)
    return found


async def _hung(child: Child, fetching: Coroutine[None, None, Result]) -> Result:
    pages = asyncio.create_task(fetching)
    await asyncio.sleep(KILLED_AT)
    child.signal(signal.SIGSTOP)
    try:
        return await pages
    finally:
        child.signal(signal.SIGCONT)


def _of_kill(name: str, result: Result) -> list[Figure]:
    after = [page for page in result.pages if page.due >= KILLED_AT]
    whole_from = max((page.due + page.seconds for page in after if page.partial or page.status != 200), default=0.0)
    figures = [
        Figure(
            name=f"{name} killed, until every page is whole", unit="s", at_most=WHOLE_WITHIN.get(name, 2.0),
            measured=max(0.0, whole_from - KILLED_AT), detail=_refused(after),
        )
    ]  # fmt: skip
    if name != "gateway":
        figures.append(Figure(name="  p99 of pages meanwhile", unit="ms", at_most=P99_MS, measured=_p99(after)))
    return figures


def _of_hang(name: str, result: Result) -> list[Figure]:
    after = [page for page in result.pages if page.due >= KILLED_AT]
    later = [page for page in after if page.due >= KILLED_AT + 1.0]
    touched = 100.0 * sum(page.partial for page in later) / len(later)
    return [
        Figure(
            name=f"{name} hangs, p99 of pages", unit="ms", at_most=HUNG_P99_MS, measured=_p99(after),
            detail=_refused(after),
        ),
        Figure(name="  pages with fallbacks after the first second", unit="%", at_most=HUNG_TOUCHED, measured=touched),
    ]  # fmt: skip


def _refused(pages: Sequence[Page]) -> str:
    return f"{sum(page.status != 200 for page in pages)} of {len(pages)} pages not answered with 200"


def _p99(pages: Sequence[Page]) -> float:
    ordered = sorted(page.seconds for page in pages)
    return ordered[int(len(ordered) * 0.99)] * 1e3
