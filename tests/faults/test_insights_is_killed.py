"""Insights killed again and again while they take in: everything counts once, and the next process goes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from msgspec import Struct

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.insights import DECIDED, Decision, DecisionBatch
from tailorbird.contracts.profiles import Event, EventBatch
from tailorbird.contracts.reports import KPIS, REPORTED, KpiReport, KpisQuery
from tailorbird.contracts.wire import Fault
from tailorbird.host.broker import Broker, die_with_parent, free_port

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(1_800)]

FULL = os.environ.get("FAULTS_SIZE") == "full"


class Size(Struct, frozen=True):
    batches: int
    of: int
    kills: int


SIZE = Size(4_000, 50, 20) if FULL else Size(60, 40, 3)


class Insights:
    """The process; a killed one is started again on the same home."""

    def __init__(self, url: str, home: Path) -> None:
        self._command = [sys.executable, "-m", "tests.faults.insights_process", url, str(home)]
        self._process: subprocess.Popen[bytes] | None = None

    async def run(self) -> None:
        """Started, and taking in when this returns."""
        self._start()
        assert self._process is not None
        assert self._process.stdout is not None
        assert await asyncio.to_thread(self._process.stdout.readline)

    def _start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - nothing else runs in this process's threads
        )  # fmt: skip

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    broker = Broker(name="nats", folder=tmp_path / "nats", port=free_port())
    process = broker.start()
    await broker.ready()
    yield broker
    process.terminate()
    process.wait()


def happened(number: int, at: float) -> tuple[list[Decision], list[Event]]:
    """A batch of decisions, and of each a click; every tenth customer then buys for ten."""
    decisions, events = [], []
    for place in range(SIZE.of):
        name = f"{number}-{place}"
        decision_id = f"{int(at * 1000):012x}7000800000{number * SIZE.of + place:010x}"
        decisions.append(
            Decision(decision_id=decision_id, at=at, subject="page/home", channel="web", person=f"p-{name}")
        )
        told = {"decision_id": decision_id, "slot": "for_you", "product_id": "i-1"}
        events.append(_event(f"click-{name}", "Product Clicked", at, name, told))
        if place % 10 == 0:
            events.append(_event(f"order-{name}", "Order Completed", at, name, {"order_id": name, "total": 10.0}))
    return decisions, events


def _event(message_id: str, name: str, at: float, customer: str, properties: Mapping[str, object]) -> Event:
    return Event(
        message_id=message_id, type="track", event=name, at=at, received_at=at, customer_id=customer,
        properties=dict(properties), trusted=True,
    )  # fmt: skip


async def send(bus: NatsBus, at: float) -> None:
    """Everything, each of it twice: under another message, as after an answer that was lost."""
    for number in range(SIZE.batches):
        decisions, events = happened(number, at)
        for again in (1, 2):
            await bus.announcer.append(DECIDED, DecisionBatch(decisions=tuple(decisions)), f"d-{number}-{again}")
            await bus.announcer.append(REPORTED, EventBatch(events=tuple(events)), f"e-{number}-{again}")


async def counted(bus: NatsBus, by: str = "all") -> KpiReport | None:
    """The KPIs as they are known now; None while nobody answers."""
    with contextlib.suppress(Fault):
        return await bus.asker.ask(KPIS, KpisQuery(by=by))  # type: ignore[arg-type]
    return None


def decisions_in(report: KpiReport | None) -> int:
    return report.rows[0].decisions if report is not None and report.rows else 0


async def until(bus: NatsBus, decisions: int) -> None:
    async with asyncio.timeout(120.0 if not FULL else 900.0):
        while decisions_in(await counted(bus)) < decisions:
            await asyncio.sleep(0.02)


@pytest.mark.row(98)
async def test_killed_in_the_middle_of_taking_in_everything_counts_once(broker: Broker, tmp_path: Path) -> None:
    chance = random.Random(7)
    everything = SIZE.batches * SIZE.of
    insights = Insights(broker.url, tmp_path)
    await insights.run()
    async with connect("asking", Address(broker.url), Address(broker.url)) as bus:
        sending = asyncio.create_task(send(bus, time.time()))
        for share in sorted(chance.random() * 0.8 for _ in range(SIZE.kills)):
            await until(bus, int(everything * share))
            insights.kill()
            await insights.run()
        await sending
        await until(bus, everything)
        async with asyncio.timeout(120.0):
            while (report := await counted(bus)) is None or report.rows[0].kpis["clicks"].value != everything or (
                report.rows[0].kpis["orders"].value != everything / 10
            ):
                await asyncio.sleep(0.05)
        assert decisions_in(report) == everything
        assert report.rows[0].kpis["revenue"].value == everything
        by_page = await counted(bus, "page")
        assert by_page is not None
        assert by_page.rows[0].kpis["clicks"].value == everything
        # Killed once more and read again from what rests: the same.
        insights.kill()
        (tmp_path / "insights" / "facts.duckdb").unlink()
        await insights.run()
        await until(bus, everything)
        assert decisions_in(await counted(bus)) == everything
        insights.kill()
    files = list((tmp_path / "insights" / "decisions").glob("day=*/*.parquet"))
    columns = [pq.ParquetFile(file).read(columns=["decision_id"])["decision_id"] for file in files]
    ids = [one for column in columns for one in column.to_pylist()]
    assert len(ids) == len(set(ids))
