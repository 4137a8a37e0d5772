"""A budget stays exact while processes of offers are killed: everything sent twice, nothing counted twice or lost."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
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
from tailorbird.offers.documents.offer import Offer
from tailorbird.offers.redeeming.lines import Entry, Keep, terms_of
from tailorbird.offers.redeeming.settling import Settled
from tailorbird.offers.redeeming.statements import read_pieces

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(1_800)]

FULL = os.environ.get("FAULTS_SIZE") == "full"


class Size(Struct, frozen=True):
    customers: int
    budget: int
    processes: int
    kills: int
    side_by_side: int
    held: int
    """Units that a process held for customers who never come, before it died."""
    held_seconds: float


SIZE = Size(100_000, 10_000, 8, 20, 256, 500, 45.0) if FULL else Size(1_500, 150, 2, 3, 64, 15, 4.0)
FOUND_WITHIN = 60.0
"""Seconds after the end of what was held until its units are somebody's."""


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


async def units_are_held_by_a_process_that_dies(bus: NatsBus, document: Document) -> float:
    """Until when: what a process of offers leaves in the journal that held units for its pages and was killed."""
    until = time.time() + SIZE.held_seconds
    terms = terms_of(msgspec.json.decode(bytes(document.body), type=Offer))
    lines = tuple(Keep("gift", f"nobody-{n}", until, terms) for n in range(SIZE.held))
    await (await bus.journal("offers")).append(msgspec.json.encode(Entry(time.time(), lines)), "the last of it")
    return until


async def the_rest_is_redeemed(bus: NatsBus, granted: dict[str, float]) -> None:
    """By customers who were refused, with new keys, until the budget is spent: not one more."""
    others = (f"c{n}" for n in range(SIZE.customers) if f"c{n}" not in granted)
    tries = 0
    while len(granted) < SIZE.budget:
        customer = next(others)
        while True:
            tries += 1
            query = RedeemQuery(offer_id="gift", customer=customer, redemption_id=f"again-{tries}")
            if (await answered(bus, REDEEM, query)).counted:
                break
            await asyncio.sleep(0.1)
        granted[customer] = time.time()
    one_more = RedeemQuery(offer_id="gift", customer="one more", redemption_id="one more")
    assert not (await answered(bus, REDEEM, one_more)).counted


async def test_a_budget_is_met_exactly_while_processes_are_killed(offers: Offers) -> None:
    async with connect("asking", *offers.addresses) as bus:
        body = {"kind": "gift", "headline": "A gift", "limit": {"total": SIZE.budget, "per_customer": 1}}
        document = Document(kind="offer", id="gift", body=Raw(msgspec.json.encode(body)))
        await answered(bus, APPLY, ApplyQuery(documents=(document,)))
        await asyncio.sleep(1.0)
        chance = random.Random(5)
        until = await units_are_held_by_a_process_that_dies(bus, document)
        asked = [
            RedeemQuery(offer_id="gift", customer=f"c{n}", redemption_id=f"key-{n}")
            for n in range(SIZE.customers)
            for _ in range(2)
        ]
        chance.shuffle(asked)
        waiting = iter(asked)
        answers: dict[str, list[Redemption]] = {}
        granted: dict[str, float] = {}

        async def till() -> None:
            for query in waiting:
                answer = await answered(bus, REDEEM, query)
                answers.setdefault(query.redemption_id, []).append(answer)
                if answer.counted:
                    granted.setdefault(query.customer, time.time())

        began = time.time()
        tills = [asyncio.create_task(till()) for _ in range(SIZE.side_by_side)]
        for _ in range(SIZE.kills):
            await asyncio.sleep(chance.uniform(0.1, 0.6 if not FULL else 6.0))
            await offers.kill_one(chance)
        await asyncio.gather(*tills)
        took = time.time() - began
        await the_rest_is_redeemed(bus, granted)
        await the_account_is_right_whoever_states_it(bus)
    assert len(answers) == SIZE.customers
    assert all(first == second for first, second in answers.values())
    assert len(granted) == SIZE.budget
    at = sorted(granted.values())
    free = SIZE.budget - SIZE.held
    found = max(at[-1] - until, 0.0)
    grants = free / (at[free - 1] - began)
    assert found < FOUND_WITHIN
    print(
        f"{len(asked) / took:.0f} answers/s, all within {took:.0f} s; {grants:.0f} grants/s while there was budget; "
        f"{SIZE.held} units held by the dead were somebody's {found:.1f} s after their end; {len(granted)} customers"
    )
