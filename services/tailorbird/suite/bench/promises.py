"""Several processes of offers on nats-servers of their own: how soon a saved rule counts, redemptions, units held."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Raw

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.documents import ApplyQuery, Document
from tailorbird.contracts.offers import APPLY, DECIDE, REDEEM, DecideQuery, DecisionSlot, RedeemQuery
from tailorbird.contracts.wire import Fault
from tailorbird.host.broker import Broker, die_with_parent, free_port
from tailorbird.offers.service import Settings, open_offers
from tailorbird.suite.bench.table import Figure, median

__all__ = ["measure_promises"]

PROCESSES = 4
SIDE_BY_SIDE = 256
REDEMPTIONS = 5_000
GRANTS = 2_000
PAGES = 16
"""Pages side by side: each waits at most 40 ms for the ledger."""
SAVED_WITHIN_MS, ANSWERS_A_SECOND, GRANTS_A_SECOND = 200.0, 500.0, 250.0


async def measure_promises(rounds: int) -> list[Figure]:
    """Every write of the ledger is synced to the disk that holds the temporary folder."""
    async with _processes() as bus:
        await _saved(bus, -1)  # The very first makes what every further one finds.
        saved = [await _saved(bus, number) for number in range(3 * rounds)]
        answers = await _redemptions(bus)
        grants = await _grants(bus)
    detail = f"{PROCESSES} processes, {SIDE_BY_SIDE} side by side"
    return [
        Figure(
            name="saving a rule -> used by every process", unit="ms", at_most=SAVED_WITHIN_MS, measured=median(saved),
            detail=f"{PROCESSES} processes; longest {max(saved):.0f} ms",
        ),
        Figure(
            name="redemptions, refusals included", unit="1/s", at_least=ANSWERS_A_SECOND, measured=answers,
            detail=f"{REDEMPTIONS:,}, each sent twice, budget {REDEMPTIONS // 10:,}; {detail}",
        ),
        Figure(
            name="decisions that hold a unit for their customer", unit="1/s", at_least=GRANTS_A_SECOND,
            measured=grants, detail=f"{GRANTS:,} customers, {PAGES} side by side",
        ),
    ]  # fmt: skip


async def _saved(bus: NatsBus, number: int) -> float:
    """Milliseconds from asking to save until no process decides by the rules from before any more."""
    began = time.perf_counter()
    version = await _put(bus, "saved", {"kind": "free_shipping", "headline": f"Version {number}"})
    query = DecideQuery(slots=(DecisionSlot(slot="offers"),))
    late = 0.0
    # Sixty questions side by side reach every process; they go on until none answers by old rules.
    while not late or time.perf_counter() - began < late + 0.2:
        answered = await asyncio.gather(*(bus.asker.ask(DECIDE, query) for _ in range(60)), return_exceptions=True)
        rules = [one.rules for one in answered if not isinstance(one, BaseException)]
        if not late or any(one != version for one in rules):
            late = time.perf_counter() - began
    return late * 1e3


async def _redemptions(bus: NatsBus) -> float:
    """Answers a second."""
    await _put(bus, "gift", {"kind": "gift", "headline": "A gift", "limit": {"total": REDEMPTIONS // 10}})
    asked = [
        RedeemQuery(offer_id="gift", customer=f"c{n}", redemption_id=f"k{n}") for n in range(REDEMPTIONS) for _ in "12"
    ]
    return await _rate(asked, lambda query: bus.asker.ask(REDEEM, query))


async def _grants(bus: NatsBus) -> float:
    """Decisions a second, each of which holds a unit on the ledger for another customer."""
    limit = {"total": 2 * GRANTS, "per_customer": 1}
    held = {"kind": "gift", "headline": "Held", "priority": 90, "limit": limit, "reserve_minutes": 30}
    await _put(bus, "held", {**held, "control_share": 0.0})
    slots = (DecisionSlot(slot="offers", count=1),)
    asked = [DecideQuery(slots=slots, customer_id=f"c{n}", person=f"p{n}", decision_id=f"d{n}") for n in range(GRANTS)]

    async def held_for(query: DecideQuery) -> None:
        # Where the ledger was late the page goes without; the next page of the same customer finds it held.
        while not (decided := await bus.asker.ask(DECIDE, query)).slots[0].chosen or (
            decided.slots[0].chosen[0].offer_id != "held"
        ):
            continue

    return await _rate(asked, held_for, PAGES)


async def _put(bus: NatsBus, name: str, body: dict[str, object]) -> str:
    document = Document(kind="offer", id=name, body=Raw(msgspec.json.encode(body)))
    return (await bus.asker.ask(APPLY, ApplyQuery(documents=(document,)))).version


async def _rate(
    queries: Sequence[object], ask: Callable[..., Awaitable[object]], side_by_side: int = SIDE_BY_SIDE
) -> float:
    """Answers a second; what came too late is asked for again."""
    waiting = iter(queries)

    async def till() -> None:
        for query in waiting:
            while True:
                try:
                    await ask(query)
                    break
                except Fault as fault:
                    if fault.code not in {503, 504}:
                        raise

    began = time.perf_counter()
    await asyncio.gather(*(till() for _ in range(side_by_side)))
    return len(queries) / (time.perf_counter() - began)


@contextlib.asynccontextmanager
async def _processes() -> AsyncIterator[NatsBus]:
    with tempfile.TemporaryDirectory(prefix="tailorbird-bench-") as folder:
        brokers = [
            Broker(name="nats", folder=Path(folder) / "nats", port=free_port()),
            Broker(name="ledger", folder=Path(folder) / "ledger", port=free_port(), sync_always=True),
        ]
        running = [broker.start() for broker in brokers]
        try:
            for broker in brokers:
                await broker.ready()
            urls = [broker.url for broker in brokers]
            command = [sys.executable, "-m", "tailorbird.suite.bench.promises", *urls]
            running += [_started(command) for _ in range(PROCESSES)]
            for process in running[2:]:
                if process.stdout is not None:
                    await asyncio.to_thread(process.stdout.readline)
            async with connect("asking", Address(urls[0]), Address(urls[1])) as bus:
                yield bus
        finally:
            for process in reversed(running):
                process.terminate()
                await asyncio.to_thread(process.wait)


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=die_with_parent())  # noqa: PLW1509


async def main(bus_url: str, ledger_url: str) -> None:
    """One process of offers, until it is ended."""
    async with connect("offers", Address(bus_url), Address(ledger_url)) as bus, open_offers(bus, Settings()):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(*sys.argv[1:]))
