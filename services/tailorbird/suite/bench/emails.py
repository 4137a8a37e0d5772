"""E-mail bodies: decided, rendered and handed over one recipient at a time, as an e-mail system pulls them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence

import msgspec

from tailorbird.suite.bench.cost import Meter
from tailorbird.suite.bench.load import Target, closed_loop, request_bytes
from tailorbird.suite.bench.table import Figure, median
from tailorbird.suite.running import Running

__all__ = ["measure_emails"]

COUNT = 1_000
PULLED_MS = 300.0
"""Callers allow about two seconds for everything."""


async def measure_emails(
    running: Running, processes: dict[str, int], customers: Sequence[str], rounds: int
) -> list[Figure]:
    """E-mails a second at concurrency 16, and CPU per e-mail over all processes."""
    host, _, port = running.gateway_url.removeprefix("http://").rpartition(":")
    requests = _requests(running, customers)
    rates: list[float] = []
    costs: list[float] = []
    sizes: list[float] = []
    latest: list[float] = []
    failed = 0
    for _ in range(rounds):
        meter = Meter(processes)
        result = await closed_loop(Target(host, int(port)), requests, COUNT, 16)
        rates.append(result.per_second)
        costs.append(meter.cost().per(COUNT))
        sizes.append(result.bytes_each)
        latest.append(result.quantile(0.99))
        failed += result.failed
    return [
        Figure(
            name="pulled e-mail p99, concurrency 16", measured=median(latest), unit="ms", at_most=PULLED_MS,
            detail="each fetched for the first time",
        ),
        Figure(
            name="e-mails/s, concurrency 16", measured=median(rates), unit="/s",
            detail=f"{median(costs):.0f} us CPU each, {median(sizes) / 1024:.0f} KB of JSON, {failed} failed",
        )
    ]


def _requests(running: Running, customers: Sequence[str]) -> Iterator[bytes]:
    headers = {"Authorization": f"Bearer {running.server_key}", "Content-Type": "application/json"}
    for number, customer in enumerate(itertools.cycle(customers)):
        query = {"customer": {"customer_id": customer}, "message_id": f"bench-{time.time_ns()}-{number}"}
        yield request_bytes("POST", "/v1/emails/weekly", msgspec.json.encode(query), headers)
