"""Events sent three times each in random order while services and nats-servers are killed: none is lost, none counts
twice, and every profile is that of a quiet run.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import msgspec
import pytest

from tests.faults.processes import running_process
from tests.faults.traffic import FULL, client_of, until_whole
from tests.runningsuite import RunningSuite

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(7_200 if FULL else 600)]

EVENTS = 200_000 if FULL else 1_200
EVENTS_EACH = 40
KILLS = 20 if FULL else 2
TIMES = 3
BATCH = 50
SENDERS = 4
VICTIMS = ("profiles", "gateway", "nats", "offers", "ledger")
PATIENCE = 1_800.0 if FULL else 240.0
SHOWN = 3
START = int(time.time()) - 3 * 86_400 - 43_200
"""The first event's time: visits are over, and no count of days changes while the test runs."""
OWN = ("customer", "person", "version", "identities", "traits", "first_name")
"""What is a person's own in a profile, or tells how often it was stored."""

Event = dict[str, Any]


def events_of(number: int, run: str) -> list[Event]:
    """What customer `number` does in forty events, always the same but for ids, which name the run."""
    chance = random.Random(number)
    who = f"{run}-{number}"
    found: list[Event] = []
    for place in range(EVENTS_EACH):
        at = START + number % 3_600 + place * 97
        item = f"i-{chance.randrange(1, 60):02}"
        name, properties = chance.choice(
            [
                ("Product Viewed", {"product_id": item}),
                ("Product Added", {"product_id": item, "quantity": 1}),
                ("Item Dwelled", {"product_id": item, "seconds": chance.randrange(5, 60)}),
                ("Promotion Clicked", {"promotion_id": "coupon-1"}),
                ("Order Completed", {"order_id": f"o-{number}-{place}", "total": 7.5,
                                     "products": [{"product_id": item, "price": 7.5, "quantity": 1}]}),
            ]
        )  # fmt: skip
        found.append(
            {
                "type": "track",
                "event": name,
                "messageId": f"{who}-{place}",
                "userId": who,
                "timestamp": at,
                "properties": properties,
            }
        )
    return found


def all_events(run: str) -> list[Event]:
    return [event for number in range(EVENTS // EVENTS_EACH) for event in events_of(number, run)]


async def send(client: httpx.AsyncClient, events: Sequence[Event]) -> None:
    """In batches, each until it is accepted, as every client library of Segment's does."""
    batches = iter([events[start : start + BATCH] for start in range(0, len(events), BATCH)])

    async def sender() -> None:
        for batch in batches:
            body = msgspec.json.encode({"batch": [_timed(event) for event in batch]})
            while True:
                try:
                    response = await client.post("/v1/batch", content=body)
                    if response.status_code == 200:
                        break
                    assert response.status_code in (429, 500, 502, 503, 504), response.text
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)

    await asyncio.gather(*(sender() for _ in range(SENDERS)))


def _timed(event: Event) -> Event:
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(event["timestamp"]))
    return event | {"timestamp": moment}


async def kill_now_and_then(suite: RunningSuite, kills: int) -> None:
    """With kill -9, one after the other, each when the one before is back."""
    for name in itertools.islice(itertools.cycle(VICTIMS), kills):
        killed = await running_process(suite, name)
        killed.kill()
        await running_process(suite, name, other_than=killed.pid)
        await whole_again(suite)


async def whole_again(suite: RunningSuite) -> None:
    """Returns when pages are whole; a gateway that is on its way back refuses connections."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            await until_whole(suite, within=PATIENCE)
        except httpx.TransportError:
            assert time.monotonic() < until, "The gateway did not come back."
            await asyncio.sleep(0.1)
        else:
            return


async def told(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    """The answer; empty while there is none, or while nobody can be asked."""
    try:
        response = await client.get(path)
    except httpx.TransportError:
        return {}
    found: dict[str, Any] = response.json() if response.status_code == 200 else {}
    return found


async def known_of(client: httpx.AsyncClient, run: str, number: int) -> dict[str, Any]:
    """Everything that is known of a customer, but for what names the run; empty while nobody can be asked."""
    profile = await told(client, f"/v1/profiles/{run}-{number}")
    lines = await told(client, f"/v1/profiles/{run}-{number}/timeline")
    if not profile or not lines:
        return {}
    known = {name: value for name, value in profile.items() if name not in OWN}
    known["timeline"] = sorted(map(str, lines["events"]))
    text = msgspec.json.encode(known, order="deterministic").replace(f"{run}-".encode(), b"")
    found: dict[str, Any] = msgspec.json.decode(text)
    return found


async def digests(client: httpx.AsyncClient, run: str) -> dict[int, tuple[int, str]]:
    """Customer -> (orders, digest of everything that is known of them)."""
    found: dict[int, tuple[int, str]] = {}
    for number in range(EVENTS // EVENTS_EACH):
        known = await known_of(client, run, number)
        if known:
            orders = int(known["facts"]["attributes"].get("history.orders", 0))
            found[number] = (orders, hashlib.sha256(msgspec.json.encode(known)).hexdigest())
    return found


async def difference(client: httpx.AsyncClient, number: int) -> dict[str, tuple[Any, Any]]:
    """What of a customer is not the same: path -> (in the quiet run, in the noisy one)."""
    quiet, noisy = [dict(flat("", await known_of(client, run, number))) for run in ("quiet", "noisy")]
    return {
        path: (quiet.get(path), noisy.get(path))
        for path in sorted({*quiet, *noisy})
        if quiet.get(path) != noisy.get(path)
    }


def flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every value within, with the path to it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from flat(f"{path}/{name}", inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from flat(f"{path}/{place}", inner)
    else:
        yield path, value


async def settled(client: httpx.AsyncClient, run: str) -> dict[int, tuple[int, str]]:
    """The digests once they stay as they are: whatever was accepted is in them by then."""
    until = time.monotonic() + PATIENCE
    wanted = {number: sum(one["event"] == "Order Completed" for one in events_of(number, run))
              for number in range(EVENTS // EVENTS_EACH)}  # fmt: skip
    before: dict[int, tuple[int, str]] = {}
    while time.monotonic() < until:
        found = await digests(client, run)
        if found == before and {number: orders for number, (orders, _) in found.items()} == wanted:
            return found
        before = found
        await asyncio.sleep(0.5)
    return before


@pytest.mark.row(111)
async def test_events_sent_three_times_in_disorder_make_the_profiles_of_a_quiet_run(fragile: RunningSuite) -> None:
    await until_whole(fragile)
    async with client_of(fragile) as client:
        await send(client, all_events("quiet"))
        quiet = await settled(client, "quiet")
        disordered = all_events("noisy") * TIMES
        random.Random(1).shuffle(disordered)
        await asyncio.gather(send(client, disordered), kill_now_and_then(fragile, KILLS))
        noisy = await settled(client, "noisy")
        differing = [number for number in quiet if noisy.get(number) != quiet[number]]
        shown = {number: await difference(client, number) for number in differing[:SHOWN]}
    assert len(quiet) == EVENTS // EVENTS_EACH
    assert not differing, f"{len(differing)} profiles differ, such as {shown}"
