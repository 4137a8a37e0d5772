"""What a page costs: against a bare POST of the same bytes, by parts, at three concurrencies and at a steady rate."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from tailorbird.suite.bench.bare import bare_server
from tailorbird.suite.bench.changing import Changes
from tailorbird.suite.bench.cost import Cost, Meter
from tailorbird.suite.bench.load import Result, Target, closed_loop, request_bytes, steady_rate
from tailorbird.suite.bench.table import Figure, median
from tailorbird.suite.running import Running

__all__ = ["measure_cold", "measure_pages", "page_requests"]

COUNTS = {1: 600, 16: 2_000, 64: 2_000}
"""Pages per round by concurrency: no customer comes twice within 2,000."""
BARE_FOR_A_PAGE = 3
"""A bare POST takes a tenth of a page's time, and the system counts CPU time in hundredths of a second."""
RATIO_AT_MOST = {16: 4.0, 64: 3.5}
RATIO_AT_MOST_CHANGED = {16: 6.0, 64: 5.0}
RATE_AT_LEAST = {64: 0.4}
STEADY_RATES = (300.0, 500.0)
STEADY_SECONDS = 8.0
STEADY_P99_MS = 25.0


class _Round(msgspec.Struct, frozen=True):
    pages: Result
    cost: Cost
    bare: Result
    bare_cost: Cost


def page_requests(running: Running, customers: Sequence[str], seed: int) -> Iterator[bytes]:
    """Requests for the home page, every customer once before any comes again."""
    order = list(customers)
    random.Random(seed).shuffle(order)
    headers = {"Authorization": f"Bearer {running.server_key}", "Content-Type": "application/json"}
    for customer in itertools.cycle(order):
        body = msgspec.json.encode({"customer": {"customer_id": customer}})
        yield request_bytes("POST", "/v1/pages/home", body, headers)


async def measure_pages(
    running: Running, processes: dict[str, int], customers: Sequence[str], items: Sequence[str], rounds: int,
    folder: Path, console: Console,
) -> list[Figure]:  # fmt: skip
    """The figures of warm pages. Rounds of pages and of the bare POST alternate, so that both meet the same machine."""
    target = _target(running)
    requests = page_requests(running, customers, seed=1)
    warm = await closed_loop(target, requests, len(customers), 16)
    if warm.failed:
        raise RuntimeError(f"{warm.failed} of {len(customers)} pages were not answered with 200: {warm.statuses}")
    body = b"x" * round(warm.bytes_each)
    figures = [Figure(name="page, bytes", measured=warm.bytes_each, unit="B", at_least=9_000, detail="9-12 KB wanted")]
    seen: dict[int, list[_Round]] = {concurrency: [] for concurrency in COUNTS}
    changed: dict[int, list[_Round]] = {concurrency: [] for concurrency in RATIO_AT_MOST_CHANGED}
    async with Changes(running, customers, items) as changes, bare_server(body, folder) as (bare, bare_process):
        bare_request = itertools.repeat(
            request_bytes("POST", "/page", b'{"customer": {"customer_id": "1"}}', {"Content-Type": "application/json"})
        )
        await closed_loop(bare, bare_request, 500, 16)

        async def one_round(requests: Iterator[bytes], concurrency: int) -> _Round:
            count = COUNTS[concurrency]
            meter = Meter({"bare": bare_process})
            of_bare = await closed_loop(bare, bare_request, count * BARE_FOR_A_PAGE, concurrency)
            bare_cost = meter.cost()
            meter = Meter(processes)
            pages = await closed_loop(target, requests, count, concurrency)
            return _Round(pages, meter.cost(), of_bare, bare_cost)

        for number in range(rounds):
            for concurrency, count in COUNTS.items():
                console.print(f"  round {number + 1} of {rounds}: {count} pages at concurrency {concurrency}")
                await closed_loop(target, requests, len(customers), 16)
                seen[concurrency].append(await one_round(requests, concurrency))
        for rate in STEADY_RATES:
            runs = [await steady_rate(target, requests, rate, STEADY_SECONDS) for _ in range(rounds)]
            figures.append(_of_steady(rate, runs))
        for number in range(rounds):
            for concurrency, measured in changed.items():
                console.print(f"  round {number + 1} of {rounds}: at {concurrency}, all having viewed another item")
                await changes.make()
                measured.append(await one_round(requests, concurrency))
    for concurrency, measured in seen.items():
        figures += _of_concurrency(concurrency, measured)
    for concurrency, measured in changed.items():
        figures += _of_concurrency(concurrency, measured, "history just changed, ")
    figures += _by_parts(seen[16], "")
    figures += _by_parts(changed[16], ", history just changed")
    return figures


async def measure_cold(running: Running, processes: dict[str, int], customers: Sequence[str]) -> list[Figure]:
    """The cost of pages right after the gateway and profiles were started: no profile is in any cache."""
    requests = page_requests(running, customers, seed=2)
    meter = Meter(processes)
    result = await closed_loop(_target(running), requests, 2_000, 16)
    return [
        Figure(
            name="page CPU, caches cold, concurrency 16", measured=meter.cost().per(2_000), unit="us",
            detail=f"p50 {result.quantile(0.5):.1f}, p99 {result.quantile(0.99):.1f} ms, {result.failed} failed, "
            f"{result.partial} with fallbacks",
        )
    ]


def _of_steady(rate: float, runs: list[Result]) -> Figure:
    return Figure(
        name=f"page, p99 at a steady {rate:.0f} pages/s", unit="ms", at_most=STEADY_P99_MS,
        measured=median([one.quantile(0.99) for one in runs]),
        detail=f"p50 {median([one.quantile(0.5) for one in runs]):.1f} ms, "
        f"{sum(one.failed for one in runs)} failed, {sum(one.partial for one in runs)} with fallbacks",
    )  # fmt: skip


def _of_concurrency(concurrency: int, rounds: list[_Round], whose: str = "") -> list[Figure]:
    count = COUNTS[concurrency]
    at = f"{whose}concurrency {concurrency}"
    at_most = (RATIO_AT_MOST_CHANGED if whose else RATIO_AT_MOST).get(concurrency)
    costs = [(one.cost.per(count), one.bare_cost.per(count * BARE_FOR_A_PAGE)) for one in rounds]
    latency = ", ".join(
        f"{name} {median([one.pages.quantile(share) for one in rounds]):.2f}"
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    )
    return [
        Figure(
            name=f"page CPU / bare POST CPU, {at}", unit="times", at_most=at_most,
            measured=median([page / bare for page, bare in costs]),
            detail=f"page {median([page for page, _ in costs]):.0f} us, "
            f"bare {median([bare for _, bare in costs]):.0f} us",
        ),
        Figure(
            name=f"pages/s, {at}", unit="/s", measured=median([one.pages.per_second for one in rounds]),
            detail=f"{latency} ms, {sum(one.pages.failed for one in rounds)} failed, "
            f"{sum(one.pages.partial for one in rounds)} with fallbacks",
        ),
        Figure(
            name=f"pages/s / bare POSTs/s, {at}", unit="times",
            at_least=None if whose else RATE_AT_LEAST.get(concurrency),
            measured=median([one.pages.per_second / one.bare.per_second for one in rounds]),
        ),
        Figure(
            name=f"page p99, {at}", unit="ms", measured=median([one.pages.quantile(0.99) for one in rounds]),
        ),
    ]


def _by_parts(rounds: list[_Round], whose: str) -> list[Figure]:
    return [
        Figure(
            name=f"  of it {name}", unit="us",
            measured=median([one.cost.seconds[name] / COUNTS[16] * 1e6 for one in rounds]),
            detail=f"CPU per page at concurrency 16{whose}",
        )
        for name in rounds[0].cost.seconds
    ]


def _target(running: Running) -> Target:
    host, _, port = running.gateway_url.removeprefix("http://").rpartition(":")
    return Target(host, int(port))
