"""Accepted events are safe: with NATS there, gone, killed between, and when the collector itself dies."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.profiles import COLLECTED, Event, EventBatch
from tailorbird.contracts.wire import Fault
from tailorbird.host.broker import Broker, free_port
from tailorbird.profiles.collecting.spool import EventSpool, open_spool
from tailorbird.profiles.collecting.spoolfile import Spooled, SpoolFolder
from tailorbird.profiles.settings import Settings

pytestmark = pytest.mark.anyio


class Stream:
    """A nats-server that is killed and started again, and everything that its stream of events ever handed over."""

    def __init__(self, broker: Broker, bus: NatsBus) -> None:
        self.broker = broker
        self.bus = bus
        self.process: subprocess.Popen[bytes] | None = None
        self.taken: list[str] = []

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    async def start(self) -> None:
        self.process = self.broker.start()
        await self.broker.ready()

    async def holds(self, wanted: set[str]) -> list[str]:
        """Message ids in the order in which they came, once all that are wanted have."""
        async with asyncio.timeout(30):
            for _ in range(3_000):
                if wanted <= set(self.taken):
                    break
                await asyncio.sleep(0.01)
        return self.taken


@pytest.fixture
async def stream(tmp_path: Path) -> AsyncIterator[Stream]:
    broker = Broker(name="nats", folder=tmp_path / "nats", port=free_port())
    process = broker.start()
    await broker.ready()
    address = Address(broker.url)
    async with connect("gateway", address, address) as bus:
        found = Stream(broker, bus)
        found.process = process

        async def take(batches: object) -> None:
            assert isinstance(batches, list)
            for batch in batches:
                found.taken += [event.message_id for event in batch.events]

        await bus.listener.consume(COLLECTED, "spool-test", take)
        yield found
    found.kill()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, stream_seconds=0.5)


def event(number: int, size: int = 0) -> Event:
    properties = {"padding": "x" * size} if size else {}
    return Event(message_id=f"m-{number}", type="track", event="X", at=0.0, customer_id="c", properties=properties)


async def accept(spool: EventSpool, numbers: range) -> set[str]:
    await asyncio.gather(*(spool.accept((event(number),)) for number in numbers))
    return {f"m-{number}" for number in numbers}


async def one_by_one(spool: EventSpool, numbers: range) -> None:
    for number in numbers:
        await spool.accept((event(number),))


async def test_events_of_many_calls_travel_together(stream: Stream, settings: Settings) -> None:
    async with open_spool(stream.bus, settings) as spool:
        wanted = await accept(spool, range(500))
        assert spool.spooled_batches == 0
    assert await stream.holds(wanted) == [f"m-{number}" for number in range(500)]


async def test_a_call_larger_than_a_message_is_divided(stream: Stream, settings: Settings) -> None:
    async with open_spool(stream.bus, settings) as spool:
        await spool.accept([event(number, size=30_000) for number in range(60)])
        assert spool.spooled_batches == 0
    assert len(await stream.holds({f"m-{number}" for number in range(60)})) == 60


async def test_without_nats_events_wait_on_disk_and_arrive_in_order_when_it_is_back(
    stream: Stream, settings: Settings
) -> None:
    async with open_spool(stream.bus, settings) as spool:
        wanted = await accept(spool, range(10))
        await stream.holds(wanted)
        stream.kill()
        for part in range(1, 6):
            wanted |= await accept(spool, range(part * 10, part * 10 + 10))
        assert spool.spooled_batches > 0
        await stream.start()
        wanted |= await accept(spool, range(60, 70))
        taken = await stream.holds(wanted)
        assert list(dict.fromkeys(taken)) == [f"m-{number}" for number in range(70)]
        for _ in range(1_000):
            if not spool.spooled_batches:
                break
            await asyncio.sleep(0.01)
        assert spool.spooled_batches == 0


async def test_what_a_killed_process_left_on_disk_is_sent_by_the_next(stream: Stream, settings: Settings) -> None:
    program = """
import asyncio, os, sys
from pathlib import Path
from tailorbird.bus.connect import Address, connect
from tailorbird.contracts.profiles import Event
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.settings import Settings
from tailorbird.profiles.collecting.spool import EventSpool
from tailorbird.profiles.collecting.spoolfile import SpoolFolder

class Gone:
    async def announce(self, topic, message): raise Fault(503, "gone")
    async def append(self, topic, message, message_id): raise Fault(503, "gone")

async def main():
    async with EventSpool(Gone(), SpoolFolder(Path(sys.argv[1])), 1_000_000, 1.0) as spool:
        for number in range(20):
            event = Event(message_id=f"m-{number}", type="track", event="X", at=0.0, customer_id="c")
            await spool.accept((event,))
        os.kill(os.getpid(), 9)

asyncio.run(main())
"""
    command = [sys.executable, "-c", program, str(settings.spool_folder)]
    child = await asyncio.create_subprocess_exec(*command, env=_environ())
    assert await child.wait() == -9
    async with open_spool(stream.bus, settings):
        assert await stream.holds({f"m-{number}" for number in range(20)}) == [f"m-{number}" for number in range(20)]


async def test_a_batch_that_reached_the_stream_before_the_crash_comes_once(stream: Stream, settings: Settings) -> None:
    batch = EventBatch(events=(event(1),))
    await stream.bus.announcer.append(COLLECTED, batch, "the-same-id")
    SpoolFolder(settings.spool_folder).write(Spooled("the-same-id", batch))
    async with open_spool(stream.bus, settings) as spool:
        await accept(spool, range(2, 3))
        assert await stream.holds({"m-1", "m-2"}) == ["m-1", "m-2"]


async def test_a_full_spool_says_so_and_is_of_use_again_when_it_has_drained(stream: Stream, settings: Settings) -> None:
    async with open_spool(stream.bus, Settings(home=settings.home, spool_bytes=200, stream_seconds=0.5)) as spool:
        await accept(spool, range(1))
        await stream.holds({"m-0"})
        stream.kill()
        with pytest.raises(Fault) as refused:
            await one_by_one(spool, range(1, 50))
        assert refused.value.code == 503
        await stream.start()
        await stream.holds({"m-1"})
        wanted = await accept(spool, range(100, 101))
        assert await stream.holds(wanted)


async def test_a_full_disk_is_told_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    program = """
import asyncio, resource, sys
from pathlib import Path
from tailorbird.contracts.profiles import Event
from tailorbird.contracts.wire import Fault
from tailorbird.host import metrics
from tailorbird.profiles.collecting.spool import EventSpool
from tailorbird.profiles.collecting.spoolfile import SpoolFolder

class Gone:
    async def announce(self, topic, message): raise Fault(503, "gone")
    async def append(self, topic, message, message_id): raise Fault(503, "gone")

async def main():
    # As on a full disk: what is written beyond this many bytes of a file is refused by the system.
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
    async with EventSpool(Gone(), SpoolFolder(Path(sys.argv[1])), 1_000_000, 1.0) as spool:
        for padding in ("x", "x" * 5_000, "x"):
            properties = {"padding": padding}
            event = Event(message_id=padding[:9], type="track", at=0.0, customer_id="c", properties=properties)
            try:
                await spool.accept((event,))
                print(200, metrics.COLLECTOR_REFUSES._value.get(), file=sys.stderr)
            except Fault as fault:
                print(fault.code, metrics.COLLECTOR_REFUSES._value.get(), file=sys.stderr)

asyncio.run(main())
"""
    command = [sys.executable, "-c", program, str(tmp_path / "spool")]
    child = await asyncio.create_subprocess_exec(*command, env=_environ(), stderr=asyncio.subprocess.PIPE)
    _, told = await child.communicate()
    assert told.decode().splitlines() == ["200 0.0", "503 1.0", "200 0.0"]
    assert [path.suffix for path in sorted((tmp_path / "spool").iterdir())] == [".batch", ".batch"]


def _environ() -> dict[str, str]:
    roots = Path(__file__).resolve().parents[2]
    return {"PYTHONPATH": f"{roots / 'services'}:{roots / 'shared'}"}
