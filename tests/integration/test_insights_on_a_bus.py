"""Insights on a real nats-server: every announced decision once, found at once, over restarts and nats' absence."""

from __future__ import annotations

import asyncio
import itertools
import time
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.insights import (
    DECIDED,
    DECISION_TOTALS,
    TRACE,
    Decision,
    DecisionBatch,
    DecisionFallback,
    DecisionTotalsQuery,
    TraceQuery,
)
from tailorbird.contracts.wire import Fault
from tailorbird.host.broker import Broker
from tailorbird.insights.service import Settings, open_insights
from tests.runningsuite import RunningSuite

pytestmark = pytest.mark.anyio

_numbers = itertools.count()


def decided(count: int, fell: bool = False) -> list[Decision]:
    """So many decisions, made now."""
    fallbacks = (DecisionFallback(slot="offers", reason="offers did not answer"),) if fell else ()
    now = time.time()
    return [
        Decision(
            decision_id=f"{int(now * 1000):012x}7000800000{next(_numbers):010x}",
            at=now,
            subject="page/home",
            channel="web",
            fallbacks=fallbacks,
        )
        for _ in range(count)
    ]


async def announce(bus: NatsBus, decisions: list[Decision]) -> None:
    message = DecisionBatch(decisions=tuple(decisions))
    await bus.announcer.append(DECIDED, message, f"decided-{decisions[0].decision_id}")


def address(brokers: tuple[Broker, Broker]) -> tuple[Address, Address]:
    return Address(brokers[0].url), Address(brokers[1].url)


async def totals(bus: NatsBus, at_least: int) -> int:
    """Decisions counted, as soon as there are at least so many."""
    for _ in range(200):
        counted = (await bus.asker.ask(DECISION_TOTALS, DecisionTotalsQuery(days=1))).decisions
        if counted >= at_least:
            return counted
        await asyncio.sleep(0.05)
    pytest.fail(f"{counted} decisions were counted in ten seconds, not {at_least}.")


async def test_a_decision_is_traced_from_the_first_moment_and_after_it_was_written(
    brokers: tuple[Broker, Broker], tmp_path: Path
) -> None:
    async with (
        connect("insights", *address(brokers)) as bus,
        connect("asking", *address(brokers)) as asking,
        open_insights(bus, Settings(home=tmp_path, flush_decisions=40)),
    ):
        before = (await asking.asker.ask(DECISION_TOTALS, DecisionTotalsQuery(days=1))).decisions
        first = decided(20, fell=True)
        await announce(asking, first)
        trace = await asking.asker.ask(TRACE, TraceQuery(decision_id=first[3].decision_id))
        assert trace == first[3]
        await announce(asking, decided(30))
        await totals(asking, before + 50)
        files = tmp_path / "insights" / "decisions"
        for _ in range(200):
            if list(files.glob("day=*/*.parquet")):
                break
            await asyncio.sleep(0.05)
        assert await asking.asker.ask(TRACE, TraceQuery(decision_id=first[3].decision_id)) == first[3]
        report = await asking.asker.ask(DECISION_TOTALS, DecisionTotalsQuery(days=1))
        assert report.decisions == before + 50
        with pytest.raises(Fault, match="There is no decision 'nope'") as unknown:
            await asking.asker.ask(TRACE, TraceQuery(decision_id="nope"))
        assert unknown.value.code == 404


async def test_what_was_announced_while_insights_were_away_is_kept_once(
    brokers: tuple[Broker, Broker], tmp_path: Path
) -> None:
    async with connect("asking", *address(brokers)) as asking:
        async with connect("insights", *address(brokers)) as bus, open_insights(bus, Settings(home=tmp_path)):
            before = (await asking.asker.ask(DECISION_TOTALS, DecisionTotalsQuery(days=1))).decisions
            await announce(asking, decided(10))
            await totals(asking, before + 10)
        missed = decided(10)
        await announce(asking, missed)
        async with connect("insights", *address(brokers)) as bus, open_insights(bus, Settings(home=tmp_path)):
            assert await totals(asking, before + 20) == before + 20
            assert await asking.asker.ask(TRACE, TraceQuery(decision_id=missed[9].decision_id)) == missed[9]
    written = [
        one
        for file in sorted((tmp_path / "insights" / "decisions").glob("day=*/*.parquet"))
        for one in pq.read_table(file)["decision_id"].to_pylist()
    ]
    assert len(written) == len(set(written)) > 0, "the second start wrote what the first had in its journal"


def test_the_report_is_served_to_whoever_has_the_server_key(suite: RunningSuite, server: httpx.Client) -> None:
    assert httpx.get(f"{suite.base_url}/v1/reports/decisions").status_code == 401
    report = server.get("/v1/reports/decisions", params={"days": 2})
    assert report.status_code == 200
    assert report.json().keys() == {"totals", "decisions", "with_fallback", "fallback_share"}
    wrong = server.get("/v1/reports/decisions", params={"days": 0})
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (400, "$.days")
