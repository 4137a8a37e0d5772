"""Events taken in pieces, three times each, out of order, by processes that die at any moment: each counts once."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.profiles import Event, EventBatch
from tailorbird.host.broker import Broker
from tailorbird.profiles.answering.answers import ProfileAnswers
from tailorbird.profiles.answering.describing import Knowledge
from tailorbird.profiles.collecting.consuming import EventConsumer
from tailorbird.profiles.identity.directory import Directory
from tailorbird.profiles.keeping.markpages import MarkPages
from tailorbird.profiles.keeping.sqlitekeyring import SqliteKeyring
from tailorbird.profiles.keeping.store import ProfileStore
from tailorbird.profiles.keeping.timelinepages import TimelinePages
from tailorbird.profiles.moments.acting import Moments
from tailorbird.profiles.moments.outgoing import Outgoing
from tailorbird.profiles.person.profile import StoredProfile

pytestmark = pytest.mark.anyio

CUSTOMERS = tuple(f"c-{number}" for number in range(6))
START = 1_795_000_000


class Process:
    """What a process of profiles holds: its own memory over the same bucket and keyring."""

    def __init__(self, bus: NatsBus, bucket: Any, keyring: SqliteKeyring, name: str) -> None:
        self.directory = Directory(keyring, 100)
        self.store = ProfileStore(
            bucket, MarkPages(bucket, keyring.person), TimelinePages(bucket, keyring.person), 100
        )
        knowledge = Knowledge()
        answers = ProfileAnswers(self.directory, self.store, knowledge)
        moments = Moments(knowledge, self.directory, self.store, answers, bus.announcer, time.time, Outgoing())
        self.consumer = EventConsumer(self.directory, self.store, answers, bus.announcer, name, moments)

    async def profiles(self) -> dict[str, StoredProfile]:
        """Every customer's profile but for what depends on the order of arrival."""
        persons = await self.directory.find([f"customer:{customer}" for customer in CUSTOMERS])
        opened = await self.store.load(persons.values())
        return {
            identity: msgspec.structs.replace(opened[person.pseudonym].stored, marks=b"", version=0, anonymous_ids=())
            for identity, person in persons.items()
        }


@pytest.fixture
async def bus(brokers: tuple[Broker, Broker]) -> AsyncIterator[NatsBus]:
    async with connect("once", Address(brokers[0].url), Address(brokers[1].url)) as bus:
        yield bus


def events_of(customer: str) -> list[Event]:
    """What a customer did, part of it before anybody knew who it was."""
    items = [f"{customer}-{number}" for number in range(4)]

    def event(number: int, name: str, *, known: bool, **properties: Any) -> Event:
        who = {"customer_id": customer} if known else {"anonymous_id": f"device-of-{customer}"}
        at = START + 60 * number
        return Event(message_id=f"{customer}-{number}", type="track", event=name, at=at, properties=properties, **who)  # type: ignore[arg-type]

    products = [{"product_id": item, "price": 2} for item in items[:2]]
    return [
        event(1, "Product Viewed", known=False, product_id=items[0]),
        event(2, "Product Added", known=False, product_id=items[0]),
        Event(
            message_id=f"{customer}-3",
            type="identify",
            at=START + 180,
            customer_id=customer,
            anonymous_id=f"device-of-{customer}",
            traits={"firstName": customer},
            trusted=True,
        ),
        event(4, "Product Viewed", known=False, product_id=items[1]),
        event(5, "Order Completed", known=True, order_id=f"o-{customer}", total=4, products=products),
        event(6, "Product Added", known=True, product_id=items[2]),
        event(7, "Product Viewed", known=True, product_id=items[3]),
        event(8, "Promotion Clicked", known=True, promotion_id="p-1"),
    ]


async def quiet_run(bus: NatsBus, folder: Path) -> dict[str, StoredProfile]:
    keyring = SqliteKeyring(folder / "quiet.sqlite")
    process = Process(bus, await bus.bucket("quiet"), keyring, "quiet")
    for customer in CUSTOMERS:
        await process.consumer.take([EventBatch(events=tuple(events_of(customer)))])
    found = await process.profiles()
    keyring.close()
    return found


async def die_after(process: Process, batches: list[EventBatch], steps: int) -> bool:
    """Whether all was taken before the process died, so many turns of its loop after it began."""
    taking = asyncio.create_task(process.consumer.take(batches))
    for _ in range(steps):
        if taking.done():
            break
        await asyncio.sleep(0)
    taking.cancel()
    outcome = (await asyncio.gather(taking, return_exceptions=True))[0]
    if isinstance(outcome, Exception):
        raise outcome
    return not isinstance(outcome, asyncio.CancelledError)


@pytest.mark.parametrize("seed", range(4))
async def test_every_event_counts_once_whatever_dies(bus: NatsBus, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    sent = [event for customer in CUSTOMERS for event in events_of(customer)] * 3
    chance.shuffle(sent)
    batches = [EventBatch(events=tuple(sent[start : start + 12])) for start in range(0, len(sent), 12)]
    keyring = SqliteKeyring(tmp_path / "keyring.sqlite")
    bucket = await bus.bucket(f"once-{seed}")
    deaths = 0
    for start in range(0, len(batches), 4):
        # At first so soon that nothing can be stored by then, however slow the machine's turns are.
        turns = 4
        while not await die_after(
            process := Process(bus, bucket, keyring, f"{seed}-{start}-{deaths}"),
            batches[start : start + 4],
            steps=chance.randrange(1, turns),
        ):
            deaths += 1
            turns = 20 + 5 * deaths
            del process
    assert deaths > 2
    found = await Process(bus, bucket, keyring, "reader").profiles()
    assert found == await quiet_run(bus, tmp_path)
    keyring.close()


async def test_two_processes_that_change_one_profile_lose_nothing(bus: NatsBus, tmp_path: Path) -> None:
    keyring = SqliteKeyring(tmp_path / "keyring.sqlite")
    bucket = await bus.bucket("two")
    processes = [Process(bus, bucket, keyring, name) for name in ("one", "two")]
    events = events_of(CUSTOMERS[0])
    halves = [[EventBatch(events=tuple(events[place::2]))] for place in (0, 1)]
    for _ in range(3):
        await asyncio.gather(*(process.consumer.take(half) for process, half in zip(processes, halves, strict=True)))
    found = await Process(bus, bucket, keyring, "reader").profiles()
    assert found == {f"customer:{CUSTOMERS[0]}": (await quiet_run(bus, tmp_path))[f"customer:{CUSTOMERS[0]}"]}
    keyring.close()
