"""A message id counts once however many events lie between, also over a link, a crash, and two processes."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.profiles import Event, EventBatch
from tailorbird.host.broker import Broker
from tailorbird.profiles.keeping.sqlitekeyring import SqliteKeyring
from tailorbird.profiles.person.profile import MARK_BYTES, MARKS_KEPT, StoredProfile
from tests.integration.test_events_count_once import START, Process, die_after

pytestmark = pytest.mark.anyio

CUSTOMER = "c-0"
MANY = 1_500


@pytest.fixture
async def bus(brokers: tuple[Broker, Broker]) -> AsyncIterator[NatsBus]:
    async with connect("back", Address(brokers[0].url), Address(brokers[1].url)) as bus:
        yield bus


def clicks(count: int, whose: dict[str, Any], name: str = "m") -> list[Event]:
    """Each one adds one to a response, so that one counted twice or not at all is seen."""
    return [
        Event(
            message_id=f"{name}-{number}", type="track", event="Promotion Clicked", at=START + number,
            properties={"promotion_id": "p"}, **whose,
        )
        for number in range(count)
    ]  # fmt: skip


def signed_in() -> Event:
    return Event(message_id="l", type="identify", at=START, customer_id=CUSTOMER, anonymous_id="a-1", trusted=True)


def batched(events: list[Event], size: int = 50) -> list[EventBatch]:
    return [EventBatch(events=tuple(events[start : start + size])) for start in range(0, len(events), size)]


def clicked(profile: StoredProfile) -> int:
    return profile.responses[0].times


async def profile_of(process: Process, customer: str = CUSTOMER) -> StoredProfile:
    return (await process.profiles())[f"customer:{customer}"]


async def test_ids_of_long_ago_are_known_still(bus: NatsBus, tmp_path: Path) -> None:
    keyring = SqliteKeyring(tmp_path / "keyring.sqlite")
    bucket = await bus.bucket("long-ago")
    events = clicks(MANY, {"customer_id": CUSTOMER})
    process = Process(bus, bucket, keyring, "first")
    await process.consumer.take(batched(events))
    before = await profile_of(process)
    assert clicked(before) == MANY
    opened = next(iter(process.store._held.values()))
    assert len(opened.stored.marks) <= MARKS_KEPT * MARK_BYTES
    again = [*events]
    random.Random(1).shuffle(again)
    await process.consumer.take(batched(again))
    fresh = Process(bus, bucket, keyring, "second")
    await fresh.consumer.take(batched(again[:200]))
    assert await profile_of(fresh) == before
    keyring.close()


async def test_a_visitors_ids_are_known_when_the_visitor_is_somebody(bus: NatsBus, tmp_path: Path) -> None:
    keyring = SqliteKeyring(tmp_path / "keyring.sqlite")
    process = Process(bus, await bus.bucket("linked"), keyring, "one")
    as_visitor = clicks(450, {"anonymous_id": "a-1"}, "v")
    as_customer = clicks(450, {"customer_id": CUSTOMER}, "c")
    await process.consumer.take(batched([*as_visitor, *as_customer, signed_in()]))
    assert clicked(await profile_of(process)) == 900
    await process.consumer.take(batched([*as_visitor, signed_in(), *as_customer]))
    assert clicked(await profile_of(process)) == 900
    keyring.close()


@pytest.mark.parametrize("seed", range(2))
async def test_ids_are_known_whatever_died_meanwhile(bus: NatsBus, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    keyring = SqliteKeyring(tmp_path / "keyring.sqlite")
    bucket = await bus.bucket(f"died-{seed}")
    sent = [*clicks(250, {"anonymous_id": "a-1"}, "v"), *clicks(250, {"customer_id": CUSTOMER}, "c")] * 2
    chance.shuffle(sent)
    sent.insert(300, signed_in())
    deaths = 0
    for batch in batched(sent, 25):
        steps = chance.randrange(1, 25 + deaths)
        while not await die_after(Process(bus, bucket, keyring, f"{deaths}"), [batch], steps):
            deaths += 1
            steps = chance.randrange(1, 25 + deaths)
    assert deaths > 5
    assert clicked(await profile_of(Process(bus, bucket, keyring, "reader"))) == 500
    keyring.close()
