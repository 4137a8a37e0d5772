from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from tailorbird.contracts.insights import Decision
from tailorbird.insights.arriving.decisionstore import DecisionStore

pytestmark = pytest.mark.anyio

MIDNIGHT = 1_763_769_600.0


def body_of(number: int, at: float = MIDNIGHT) -> bytes:
    decision_id = f"{int(at * 1000) + number:012x}7000800000{number:010x}"
    return msgspec.json.encode(
        Decision(decision_id=decision_id, at=at + number / 1000, subject="page/home", channel="web")
    )


def id_of(body: bytes) -> str:
    return msgspec.json.decode(body, type=Decision).decision_id


def written_ids(folder: Path) -> list[str]:
    files = sorted((folder / "decisions").glob("day=*/*.parquet"))
    return sorted(one for file in files for one in pq.read_table(file)["decision_id"].to_pylist())


async def test_a_decision_is_found_at_once_and_after_it_was_written(tmp_path: Path) -> None:
    store = DecisionStore(tmp_path)
    bodies = [body_of(number) for number in range(20)]
    await store.keep(bodies)
    assert await store.find(id_of(bodies[7])) == bodies[7]
    assert await store.flush() == 20
    assert store.find_young(id_of(bodies[7])) is None
    assert await store.find(id_of(bodies[7])) == bodies[7]
    assert await store.find("0" * 32) is None


async def test_a_decision_of_another_kind_of_id_is_found_too(tmp_path: Path) -> None:
    store = DecisionStore(tmp_path)
    body = msgspec.json.encode(Decision(decision_id="hand-made", at=MIDNIGHT, subject="page/home", channel="web"))
    await store.keep([body])
    await store.flush()
    assert await store.find("hand-made") == body


async def test_delivered_twice_is_kept_once(tmp_path: Path) -> None:
    store = DecisionStore(tmp_path)
    bodies = [body_of(number) for number in range(5)]
    await store.keep([*bodies, *bodies[:2]])
    await store.keep(bodies[2:4])
    await store.flush()
    await store.keep(bodies)
    assert store.young_count == 0
    assert len(written_ids(tmp_path)) == 5


async def test_a_new_process_writes_what_the_killed_one_had_acknowledged(tmp_path: Path) -> None:
    killed = DecisionStore(tmp_path)
    bodies = [body_of(number) for number in range(6)]
    await killed.keep(bodies[:3])
    await killed.keep(bodies[3:])
    [segment] = (tmp_path / "journal").glob("*.ndjson")
    with segment.open("ab") as file:
        file.write(body_of(99)[:30])
    store = DecisionStore(tmp_path)
    assert store.recover() == 6
    assert written_ids(tmp_path) == sorted(id_of(body) for body in bodies)
    assert not list((tmp_path / "journal").glob("*.ndjson"))
    await store.keep(bodies[4:])
    assert store.young_count == 0, "what is delivered again after the restart is known"


async def test_killed_between_writing_and_forgetting_nothing_is_doubled(tmp_path: Path) -> None:
    killed = DecisionStore(tmp_path)
    bodies = [body_of(number, at) for at in (MIDNIGHT - 3_600, MIDNIGHT) for number in range(3)]
    await killed.keep(bodies)
    [segment] = (tmp_path / "journal").glob("*.ndjson")
    shutil.copy(segment, tmp_path / "segment")
    await killed.flush()
    shutil.move(tmp_path / "segment", segment)
    store = DecisionStore(tmp_path)
    assert store.recover() == 6
    assert written_ids(tmp_path) == sorted(id_of(body) for body in bodies)


async def test_what_could_not_be_written_is_written_later(tmp_path: Path) -> None:
    store = DecisionStore(tmp_path)
    body = body_of(1)
    await store.keep([body])
    in_the_way = tmp_path / "decisions" / "day=2025-11-22"
    in_the_way.write_text("a file where the folder of the day belongs")
    with pytest.raises(OSError, match="day=2025-11-22"):
        await store.flush()
    assert await store.find(id_of(body)) == body
    in_the_way.unlink()
    await store.keep([body_of(2)])
    assert await store.flush() == 2
    again = DecisionStore(tmp_path)
    assert again.recover() == 0
    assert len(written_ids(tmp_path)) == 2


async def test_what_is_no_decision_is_told_and_does_not_stop_the_others(tmp_path: Path) -> None:
    store = DecisionStore(tmp_path)
    assert await store.keep([b'{"decision_id":17}', body_of(1)]) == 1
    assert store.young_count == 1


async def test_totals_count_each_decision_once_before_and_after_it_is_written(tmp_path: Path) -> None:
    store = DecisionStore(tmp_path)
    await store.keep([body_of(number) for number in range(4)])
    await store.flush()
    await store.keep([body_of(number) for number in range(4, 6)])
    [total] = await store.totals("2025-11-22")
    assert (total.day, total.subject, total.decisions) == ("2025-11-22", "page/home", 6)
    assert await store.totals("2025-11-23") == []


KEEP_UNTIL_KILLED = """
import asyncio, itertools, sys
from pathlib import Path
sys.path[:0] = sys.argv[2].split(":")
import msgspec
from tailorbird.contracts.insights import Decision
from tailorbird.insights.arriving.decisionstore import DecisionStore

async def main():
    store = DecisionStore(Path(sys.argv[1]))
    for number in itertools.count():
        decision_id = f"{1763769600000 + number:012x}7000800000{number:010x}"
        decision = Decision(decision_id=decision_id, at=1763769600.0, subject="page/home", channel="web")
        await store.keep([msgspec.json.encode(decision)])
        print(decision_id, flush=True)
        if number % 50 == 49:
            await store.flush()

asyncio.run(main())
"""


def test_nothing_acknowledged_is_lost_or_doubled_when_killed(tmp_path: Path) -> None:
    roots = ":".join(str(Path(__file__).parents[3] / root) for root in ("services", "shared"))
    process = subprocess.Popen(
        [sys.executable, "-c", KEEP_UNTIL_KILLED, str(tmp_path), roots], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(180)]
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = process.communicate()
    acknowledged += rest.splitlines()[:-1]
    DecisionStore(tmp_path).recover()
    found = written_ids(tmp_path)
    assert set(acknowledged) <= set(found)
    assert len(found) == len(set(found))
