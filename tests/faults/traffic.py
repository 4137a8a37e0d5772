"""Pages asked for again and again while something breaks: every answer is kept."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
from msgspec import Struct, field

from tests.runningsuite import RunningSuite
from tests.tinyshop import CUSTOMERS

FULL = os.environ.get("FAULTS_SIZE") == "full"
"""True in `make faults`, where everything runs at full size."""


class Traffic(Struct):
    """What was answered so far."""

    statuses: dict[int, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    fallbacks: set[tuple[str, str]] = field(default_factory=set)
    """(slot, reason) of every fallback seen."""
    latest: dict[str, Any] = field(default_factory=dict)

    @property
    def p99_ms(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[int(len(ordered) * 0.99)] * 1_000 if ordered else 0.0


def client_of(suite: RunningSuite) -> httpx.AsyncClient:
    """The site's server, with patience for a busy machine."""
    return httpx.AsyncClient(base_url=suite.base_url, headers=suite.server_headers, timeout=20.0)


async def home(client: httpx.AsyncClient, customer: str) -> httpx.Response:
    """A home page that nobody was shown before: what was recommended a moment ago would be kept."""
    context = {"referrer": f"https://site-{next(_VISITS)}.example/"}
    return await client.post("/v1/pages/home", json={"customer": {"customer_id": customer}, "context": context})


_VISITS = itertools.count()


@contextlib.asynccontextmanager
async def pages_all_the_while(suite: RunningSuite, clients: int = 4) -> AsyncIterator[Traffic]:
    """Home pages by `clients` visitors at once for as long as the block lasts."""
    traffic = Traffic()
    customers = itertools.cycle(CUSTOMERS)
    async with client_of(suite) as client:

        async def visit() -> None:
            while True:
                began = time.perf_counter()
                response = await home(client, next(customers))
                traffic.seconds.append(time.perf_counter() - began)
                traffic.statuses[response.status_code] = traffic.statuses.get(response.status_code, 0) + 1
                if response.status_code == 200:
                    traffic.latest = response.json()
                    traffic.fallbacks |= {(one["slot"], one["reason"]) for one in traffic.latest["fallbacks"]}

        visitors = [asyncio.create_task(visit()) for _ in range(clients)]
        try:
            yield traffic
        finally:
            for visitor in visitors:
                visitor.cancel()
            outcomes = await asyncio.gather(*visitors, return_exceptions=True)
        broken = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        if broken:
            raise broken[0]


def more_than(traffic: Traffic, answers: int) -> bool:
    return sum(traffic.statuses.values()) > answers


async def until(holds: Callable[[], bool], what: str, within: float = 90.0) -> float:
    """Seconds until it holds. Fails with `what` when it does not."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > within:
            raise AssertionError(f"Not within {within:.0f} s: {what}")
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def until_whole(suite: RunningSuite, within: float = 90.0) -> float:
    """Seconds until ten pages in a row come without any fallback."""
    began = time.monotonic()
    whole = 0
    async with client_of(suite) as client:
        while whole < 10:
            response = await home(client, CUSTOMERS[whole])
            whole = whole + 1 if response.status_code == 200 and not response.json()["fallbacks"] else 0
            if time.monotonic() - began > within:
                raise AssertionError(f"Pages were not whole within {within:.0f} s: {response.text[:500]}")
    return time.monotonic() - began
