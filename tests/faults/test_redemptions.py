"""A budget stays exact while processes of offers are killed: everything sent twice, nothing counted twice or lost."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
from msgspec import Raw, Struct

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.documents import ApplyQuery, Document
from tailorbird.contracts.offers import APPLY, REDEEM, RedeemQuery, Redemption
from tailorbird.contracts.wire import Endpoint, Fault, Message
from tailorbird.host.broker import Broker, die_with_parent, free_port
from tailorbird.offers.redeeming.settling import Entry, Settled
from tailorbird.offers.redeeming.statements import read_pieces

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(1_800)]

FULL = os.environ.get("FAULTS_SIZE") == "full"


class Size(Struct, frozen=True):
    customers: int
    budget: int
    processes: int
    kills: int
    side_by_side: int


SIZE = Size(100_000, 10_000, 8, 20, 256) if FULL else Size(1_500, 150, 2, 3, 64)


class Offers:
    """Processes of offers on their own nats-servers; a killed one is started again."""

    def __init__(self, bus: str, ledger: str) -> None:
        self.addresses = (Address(bus), Address(ledger))
        self._command = [sys.executable, "-m", "tests.faults.offers_process", bus, ledger]
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - nothing else runs in this process's threads
        )  # fmt: skip
        self.running.append(process)

    async def ready(self) -> None:
        for process in self.running:
            assert process.stdout is not None
            assert await asyncio.to_thread(process.stdout.readline)

    async def kill_one(self, chance: random.Random) -> None:
        victim = self.running.pop(chance.randrange(len(self.running)))
        _end(victim)
        self.start()
        assert self.running[-1].stdout is not None
        await asyncio.to_thread(self.running[-1].stdout.readline)


@pytest.fixture
async def offers(tmp_path: Path) -> AsyncIterator[Offers]:
    brokers = [
        Broker(name="nats", folder=tmp_path / "nats", port=free_port()),
        Broker(name="ledger", folder=tmp_path / "ledger", port=free_port(), sync_always=True),
    ]
    servers = [broker.start() for broker in brokers]
    for broker in brokers:
        await broker.ready()
    made = Offers(*(broker.url for broker in brokers))
    for _ in range(SIZE.processes):
        made.start()
    await made.ready()
    yield made
    for process in (*made.running, *servers):
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


Query = TypeVar("Query", bound=Message)
Answer = TypeVar("Answer", bound=Message)


async def answered(bus: NatsBus, endpoint: Endpoint[Query, Answer], query: Query) -> Answer:
    """The answer, asked for until it comes: a till does so with the same key."""
    for _ in range(600):
        try:
            return await bus.asker.ask(endpoint, query)
        except Fault as fault:
            if fault.code not in {503, 504}:
                raise
            await asyncio.sleep(0.05)
    raise AssertionError("No answer came.")


async def the_account_is_right_whoever_states_it(bus: NatsBus) -> None:
    """A statement written meanwhile, and the entries since, come to what the whole journal comes to."""
    entries = await (await bus.journal("offers")).read(0)
    whole = Settled()
    statements = await bus.objects("redemptions")
    name = (await statements.names())[-1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statement"
        await statements.fetch(name, path)
        found = read_pieces(path.read_bytes().splitlines())
    assert found is not None
    head, account = found
    for entry in entries:
        read = msgspec.json.decode(entry.value, type=Entry)
        whole.take(read)
        if entry.sequence > head.sequence:
            account.take(read)
    assert whole.tally("gift").redeemed == len(whole.tally("gift").by_customer) == SIZE.budget
    assert (account.tallies, account.answers) == (whole.tallies, whole.answers)


async def test_a_budget_is_met_exactly_while_processes_are_killed(offers: Offers) -> None:
    async with connect("asking", *offers.addresses) as bus:
        body = {"kind": "gift", "headline": "A gift", "limit": {"total": SIZE.budget, "per_customer": 1}}
        document = Document(kind="offer", id="gift", body=Raw(msgspec.json.encode(body)))
        await answered(bus, APPLY, ApplyQuery(documents=(document,)))
        await asyncio.sleep(1.0)
        chance = random.Random(5)
        asked = [
            RedeemQuery(offer_id="gift", customer=f"c{n}", redemption_id=f"key-{n}")
            for n in range(SIZE.customers)
            for _ in range(2)
        ]
        chance.shuffle(asked)
        waiting = iter(asked)
        answers: dict[str, list[Redemption]] = {}

        async def till() -> None:
            for query in waiting:
                answers.setdefault(query.redemption_id, []).append(await answered(bus, REDEEM, query))

        began = time.perf_counter()
        tills = [asyncio.create_task(till()) for _ in range(SIZE.side_by_side)]
        for _ in range(SIZE.kills):
            await asyncio.sleep(chance.uniform(0.1, 0.6 if not FULL else 6.0))
            await offers.kill_one(chance)
        await asyncio.gather(*tills)
        took = time.perf_counter() - began
        await the_account_is_right_whoever_states_it(bus)
    counted = Counter(one.counted for both in answers.values() for one in both[:1])
    assert len(answers) == SIZE.customers
    assert all(first == second for first, second in answers.values())
    assert counted[True] == SIZE.budget
    print(f"{len(asked) / took:.0f} answers/s, all within {took:.0f} s; {counted[True]} of {SIZE.budget} counted")
