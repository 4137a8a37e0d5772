"""The studio with ten thousand offers at work: how long each of its pages takes, asked for one after the other."""

from __future__ import annotations

import asyncio
import secrets
import time
from http.client import HTTPConnection
from urllib.parse import urlencode

import msgspec

from tailorbird.bus import Asker
from tailorbird.contracts import offers
from tailorbird.contracts.documents import ApplyQuery, Document
from tailorbird.studio.desk.access import COOKIE
from tailorbird.studio.desk.desk import open_members
from tailorbird.suite.bench.table import Figure
from tailorbird.suite.running import Running, connect_to_running

__all__ = ["measure_studio"]

OFFERS = 10_000
AT_ONCE = 2_000
ROUNDS = 40
P95_MS = 100.0
PAGES = (
    "/studio", "/studio/offers", "/studio/offers?q=number+77", "/studio/offers?state=running&page=150",
    "/studio/offers/bulk-00077", "/studio/offers/come-back", "/studio/offers/come-back/versions",
    "/studio/segments/families", "/studio/layouts/home", "/studio/emails/weekly", "/studio/moments", "/studio/changes",
    "/studio/people", "/studio/customers", "/studio/models", "/studio/reports", "/studio/preview?persona=families",
)  # fmt: skip


async def measure_studio(running: Running, environ: dict[str, str], count: int = OFFERS) -> list[Figure]:
    """p95 of each page, and of them all. Fills the suite with offers: to be run on a copy."""
    name, password = f"bench-{secrets.token_hex(3)}", secrets.token_urlsafe(16)
    async with connect_to_running(environ, "bench") as bus:
        await _fill(bus.asker, count)
        members, _, _ = await open_members(bus)
        await members.add(name, "admin", password)
    took = await asyncio.to_thread(_asked, running, name, password)
    everything = sorted(one for of_page in took.values() for one in of_page)
    slowest = max(took, key=lambda path: _p95(took[path]))
    return [
        Figure(
            name=f"studio page with {count:,} offers, p95", measured=_p95(everything), unit="ms", at_most=P95_MS,
            detail=f"p50 {everything[len(everything) // 2]:.0f} ms; slowest {slowest}",
        ),
        *(
            Figure(name=f"  {path}", measured=_p95(of_page), unit="ms", at_most=P95_MS)
            for path, of_page in took.items()
        ),
    ]  # fmt: skip


async def _fill(asker: Asker, count: int) -> None:
    for start in range(0, count, AT_ONCE):
        documents = tuple(
            Document(kind="offer", id=f"bulk-{number:05d}", body=msgspec.Raw(msgspec.json.encode(_offer(number))))
            for number in range(start, min(start + AT_ONCE, count))
        )
        await asker.ask(offers.APPLY, ApplyQuery(documents=documents))


def _offer(number: int) -> dict[str, object]:
    percent = 5 + number % 20
    rules = [
        {"field": "history.orders", "operator": ">=", "value": 100 + number % 40},
        {"field": "segments", "operator": "contains", "value": "families"},
    ]
    return {
        "kind": "percent_off", "value": percent, "headline": f"{percent} % off number {number}", "priority": 5,
        "text": "Only this week, and only for you.", "rule": {"combinator": "and", "rules": rules},
    }  # fmt: skip


def _asked(running: Running, name: str, password: str) -> dict[str, list[float]]:
    """Page -> milliseconds, the first time left out. In a thread."""
    host, _, port = running.gateway_url.removeprefix("http://").rpartition(":")
    connection = HTTPConnection(host, int(port), timeout=60.0)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/studio/enter", urlencode({"name": name, "password": password}), form)
    answer = connection.getresponse()
    answer.read()
    told = [value.partition(";")[0] for header, value in answer.getheaders() if header.lower() == "set-cookie"]
    session = next(one for one in told if one.startswith(f"{COOKIE}="))
    took: dict[str, list[float]] = {}
    for path in PAGES:
        for again in range(ROUNDS + 1):
            began = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": session, "Accept": "text/html"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}.")
            if again:
                took.setdefault(path, []).append((time.perf_counter() - began) * 1e3)
    connection.close()
    return took


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]
