"""How long a process of offers reads when it starts, after a million redemptions: the journal, or what states it."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import sys
import tempfile
import time
from pathlib import Path

import msgspec
from msgspec import Raw

from tailorbird.bus.connect import Address, connect, open_client
from tailorbird.contracts.documents import ApplyQuery, Document
from tailorbird.contracts.offers import APPLY, REDEEM, RedeemQuery
from tailorbird.contracts.wire import Fault
from tailorbird.host.broker import Broker, die_with_parent, free_port
from tailorbird.offers.documents.offer import Limit, Offer
from tailorbird.offers.redeeming.lines import Entry, redeeming
from tailorbird.offers.service import Settings, open_offers
from tailorbird.suite.bench.table import Figure

__all__ = ["measure_ledger_start"]

ENTRIES = 1_000_000
SENT_AT_ONCE = 5_000
LIMIT = Limit(total=2 * ENTRIES, per_customer=1)


async def measure_ledger_start(entries: int = ENTRIES) -> list[Figure]:
    """Each entry holds one redemption, the most that a redemption can take of a journal."""
    with tempfile.TemporaryDirectory(prefix="tailorbird-bench-") as folder:
        # The disk need not be waited for here: what is measured is reading.
        brokers = [Broker(name=name, folder=Path(folder) / name, port=free_port()) for name in ("nats", "ledger")]
        running = [broker.start() for broker in brokers]
        try:
            for broker in brokers:
                await broker.ready()
            urls = [broker.url for broker in brokers]
            await _fill(urls, entries)
            anew, stated = await _started(urls), await _started(urls)
            data = Path(folder) / "ledger" / "data"
            disk = sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
        finally:
            for process in reversed(running):
                process.terminate()
                await asyncio.to_thread(process.wait)
    what = f"{entries:,} redemptions, each an entry of its own"
    return [
        Figure(
            name="a start with a statement: until the first redemption is answered", unit="s", measured=stated[0],
            detail=f"{what}; {stated[1]:.1f} s of CPU, {stated[2]:.0f} MiB",
        ),
        Figure(
            name="a start without one", unit="s", measured=anew[0],
            detail=f"{anew[1]:.1f} s of CPU, {anew[2]:.0f} MiB",
        ),
        Figure(name="the journal on the disk", unit="MiB", measured=disk / 2**20, detail=what),
    ]  # fmt: skip


async def _fill(urls: list[str], entries: int) -> None:
    body = {"kind": "gift", "headline": "A gift", "limit": msgspec.to_builtins(LIMIT)}
    async with connect("offers", Address(urls[0]), Address(urls[1])) as bus, open_offers(bus, Settings()):
        document = Document(kind="offer", id="gift", body=Raw(msgspec.json.encode(body)))
        await bus.asker.ask(APPLY, ApplyQuery(documents=(document,)))
        await bus.asker.ask(REDEEM, _query(0))
    offer = msgspec.json.decode(msgspec.json.encode(body), type=Offer)
    client = await open_client(Address(urls[1]), "filling")
    try:
        context = client.jetstream(timeout=60.0)
        now = time.time()
        for start in range(1, entries, SENT_AT_ONCE):
            for number in range(start, min(start + SENT_AT_ONCE, entries)):
                entry = msgspec.json.encode(Entry(now, (redeeming(_query(number), offer),)))
                await client.publish("journal.offers", entry, headers={"Nats-Msg-Id": f"{number:032x}"})
            await client.flush(60)
        while (await context.stream_info("JOURNAL_offers")).state.messages < entries:  # noqa: ASYNC110 - a server's
            await asyncio.sleep(0.1)
    finally:
        await client.close()


def _query(number: int) -> RedeemQuery:
    return RedeemQuery(offer_id="gift", customer=f"c{number}", redemption_id=f"key-{number}")


async def _started(urls: list[str]) -> tuple[float, float, float]:
    """(seconds, seconds of CPU, MiB) of a process of offers until it has answered a redemption and stated the account
    where that was due.
    """
    command = [sys.executable, "-m", "tailorbird.suite.bench.ledgerstart", *urls]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, preexec_fn=die_with_parent()
    )
    said = (await process.communicate())[0]  # Log lines, then the answer.
    found: tuple[float, float, float] = msgspec.json.decode(said.splitlines()[-1], type=tuple[float, float, float])
    return found


async def main(bus_url: str, ledger_url: str) -> None:
    """One process of offers, until it has answered."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    async with connect("offers", Address(bus_url), Address(ledger_url)) as bus, open_offers(bus, Settings()):
        while True:
            with contextlib.suppress(Fault):
                await bus.asker.ask(REDEEM, _query(0))
                break
        seconds = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_SELF)
        statements = await bus.objects("redemptions")
        while not await statements.names():  # noqa: ASYNC110 - another task writes it, on the server
            await asyncio.sleep(0.1)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(msgspec.json.encode((seconds, cpu, after.ru_maxrss / 1024)).decode(), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
