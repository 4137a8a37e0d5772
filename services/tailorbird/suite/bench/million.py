"""A million profiles: memory after a restart and at the peak of a load, what a page costs then, and the restart itself.

The profiles are forty invented events each, folded as the service folds them, sealed under keys of their own and put
where profiles keep them; collecting forty million events for it would take hours and end in the same bytes.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import random
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console

from tailorbird.bus.connect import open_client
from tailorbird.bus.ending import ended
from tailorbird.contracts.profiles import Event
from tailorbird.profiles.identity.belonging import customer
from tailorbird.profiles.keeping.sealing import seal
from tailorbird.profiles.keeping.sqlitekeyring import SqliteKeyring
from tailorbird.profiles.person.folding import fold
from tailorbird.profiles.person.profile import StoredProfile, pack
from tailorbird.suite.bench.cost import Cost, Meter, memory_mib
from tailorbird.suite.bench.load import Result, Target, request_bytes, steady_rate
from tailorbird.suite.bench.pages import page_requests
from tailorbird.suite.bench.reach import measure_reach
from tailorbird.suite.bench.table import Figure
from tailorbird.suite.processes.supervisor import Supervisor
from tailorbird.suite.running import Running, connect_to_running

__all__ = ["FEW", "MANY", "copied", "measure_million"]

FEW, MANY = 10_000, 1_000_000
EVENTS_EACH = 40
KINDS = 300
"""Different courses of events among all profiles."""
AT_ONCE = 10_000
RATE = 200.0
SECONDS = 30.0
AFTER_RESTART_MIB, AT_PEAK_MIB = 0.8 * 1024, 2.0 * 1024
CPU_RATIO = 1.2
READY_SECONDS = 10.0

Suite = Callable[[], AbstractAsyncContextManager[tuple[Running, Supervisor]]]


class _Load(Struct, frozen=True):
    cost: Cost
    """Of all processes; `cpu_us` is a page's and an event's."""
    peak_mib: float
    pages: Result
    events: Result

    @property
    def cpu_us(self) -> float:
        return self.cost.per(int(RATE * SECONDS))

    def beyond(self, other: _Load) -> str:
        """By process, how much more it took than another load."""
        more = {name: (spent - other.cost.seconds.get(name, 0.0)) / (RATE * SECONDS) * 1e6
                for name, spent in self.cost.seconds.items()}  # fmt: skip
        return ", ".join(f"{name} {us:+.0f}" for name, us in more.items() if abs(us) >= 10.0)


def copied(home: Path) -> Path:
    """A copy of this stopped suite's home, to be filled up."""
    target = home / "bench" / "million"
    shutil.rmtree(target, ignore_errors=True)
    left_out = shutil.ignore_patterns("bench", "logs", "*.sock", "suite.json", "work")
    shutil.copytree(home, target, ignore=left_out)
    return target


async def measure_million(
    suite: Suite, home: Path, items: Sequence[str], console: Console, few: int = FEW, many: int = MANY
) -> list[Figure]:
    """`suite` starts one with this home folder, as often as it is entered."""
    names = [f"many-{number}" for number in range(many)]
    async with suite() as (running, supervisor):
        await _put(running, home, names[:few], items, console)
        small = await _load(running, supervisor, names[:few], items)
        await _put(running, home, names[few:], items, console)
    began = time.perf_counter()
    async with suite() as (running, supervisor):
        ready = time.perf_counter() - began
        await asyncio.sleep(2.0)
        resting = _memory(_processes(supervisor))
        large = await _load(running, supervisor, names, items)
        async with connect_to_running({"TAILORBIRD_HOME": str(home)}, "bench") as bus:
            reach = await measure_reach(bus.asker)
    at = f"{many:,} profiles of {EVENTS_EACH} events"
    failed = large.pages.failed + large.events.failed
    ratio = large.cpu_us / small.cpu_us
    return [
        Figure(name=f"restart with {at}: ready", measured=ready, unit="s", at_most=READY_SECONDS),
        Figure(
            name="  profiles and nats-server after it", measured=resting, unit="MiB", at_most=AFTER_RESTART_MIB,
        ),
        Figure(
            name=f"  at the peak of {RATE:.0f} pages and events/s", measured=large.peak_mib, unit="MiB",
            at_most=AT_PEAK_MIB, detail=f"p99 of a page {large.pages.quantile(0.99):.0f} ms, {failed} failed",
        ),
        Figure(
            name=f"  CPU per page and event against {few:,} profiles", measured=ratio, unit="times", at_most=CPU_RATIO,
            detail=f"{large.cpu_us:.0f} us against {small.cpu_us:.0f}: {large.beyond(small)}",
        ),
        reach,
    ]  # fmt: skip


async def _load(running: Running, supervisor: Supervisor, names: Sequence[str], items: Sequence[str]) -> _Load:
    """So many pages and events a second over all of these customers."""
    host, _, port = running.gateway_url.removeprefix("http://").rpartition(":")
    target, processes = Target(host, int(port)), _processes(supervisor)
    pages, events = page_requests(running, names, seed=5), _events(running, names, items)
    await asyncio.gather(steady_rate(target, pages, RATE / 4, 4.0), steady_rate(target, events, RATE / 4, 4.0))
    meter = Meter(processes)
    async with _watched(processes) as peak:
        told = await asyncio.gather(
            steady_rate(target, pages, RATE, SECONDS), steady_rate(target, events, RATE, SECONDS)
        )
    return _Load(meter.cost(), max(peak), told[0], told[1])


async def _put(running: Running, home: Path, names: Sequence[str], items: Sequence[str], console: Console) -> None:
    """Puts a profile for each of these customers where profiles keep them."""
    courses = [_course(number, items) for number in range(KINDS)]
    keyring = SqliteKeyring(home / "profiles" / "keyring.sqlite")
    client = await open_client(running.nats, "bench")
    try:
        for start in range(0, len(names), AT_ONCE):
            part = names[start : start + AT_ONCE]
            persons = await keyring.ensure(map(customer, part))
            for number, name in enumerate(part, start):
                person = persons[customer(name)]
                plain = pack(replace(courses[number % KINDS], customer_id=name))
                await client.publish(f"$KV.profiles.{person.pseudonym}", seal(person, plain))
            await client.flush(60)
            if (start // AT_ONCE) % 10 == 0:
                console.print(f"  {start + len(part):,} of {len(names):,} profiles put")
    finally:
        await client.close()
        keyring.close()


def _course(number: int, items: Sequence[str]) -> StoredProfile:
    """What forty events make of somebody."""
    chance = random.Random(number)
    profile = StoredProfile(customer_id="many")
    at = time.time() - 40 * 86_400
    for place in range(EVENTS_EACH):
        at += chance.randrange(600, 2 * 43_200)
        item = chance.choice(items)
        line = {"product_id": item, "price": 3, "quantity": 1}
        courses: list[tuple[str, dict[str, Any]]] = [
            ("Product Viewed", {"product_id": item}),
            ("Product Viewed", {"product_id": item}),
            ("Product Added", {"product_id": item}),
            ("Promotion Viewed", {"promotion_id": f"p-{place}"}),
            ("Order Completed", {"order_id": f"o-{place}", "total": 9, "products": [line]}),
        ]
        name, properties = chance.choice(courses)
        told = Event(
            message_id=f"{number}-{place}", type="track", event=name, at=at, customer_id="many", properties=properties
        )
        profile = fold(profile, told)
    return profile


def _events(running: Running, names: Sequence[str], items: Sequence[str]) -> Iterator[bytes]:
    chance = random.Random(11)
    key = base64.b64encode(f"{running.write_key}:".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
    for _ in itertools.count():
        told = {
            "type": "track",
            "event": "Product Viewed",
            "messageId": str(uuid.uuid4()),
            "userId": chance.choice(names),
            "properties": {"product_id": chance.choice(items)},
        }
        yield request_bytes("POST", "/v1/track", msgspec.json.encode(told), headers)


def _processes(supervisor: Supervisor) -> dict[str, int]:
    return {child.name: child.process.pid for child in supervisor.children if child.process}


def _memory(processes: Mapping[str, int]) -> float:
    return memory_mib(processes["profiles"]) + memory_mib(processes["nats"])


@contextlib.asynccontextmanager
async def _watched(processes: Mapping[str, int]) -> AsyncIterator[list[float]]:
    """The memory of profiles and nats-server together, looked at every second."""
    seen = [_memory(processes)]

    async def watch() -> None:
        while True:
            await asyncio.sleep(1.0)
            seen.append(_memory(processes))

    watching = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        await ended(watching)
