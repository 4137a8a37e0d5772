"""Batches on disk outlive their process, come back in order, and half of one never comes back."""

from __future__ import annotations

from pathlib import Path

from tailorbird.contracts.profiles import EventBatch
from tailorbird.profiles.collecting.spoolfile import Spooled, SpoolFolder
from tests.unit.profiles.events import event


def spooled(number: int) -> Spooled:
    return Spooled(f"b-{number}", EventBatch(events=(event(number, "Product Viewed"),)))


def drained(folder: SpoolFolder) -> list[str]:
    found = []
    while oldest := folder.oldest():
        found.append(oldest.message_id)
        folder.remove_oldest()
    return found


def test_batches_come_back_in_order_in_another_process(tmp_path: Path) -> None:
    first = SpoolFolder(tmp_path)
    for number in range(12):
        first.write(spooled(number))
    assert drained(SpoolFolder(tmp_path)) == [f"b-{number}" for number in range(12)]
    assert drained(SpoolFolder(tmp_path)) == []


def test_a_batch_comes_back_whole(tmp_path: Path) -> None:
    SpoolFolder(tmp_path).write(spooled(1))
    assert SpoolFolder(tmp_path).oldest() == spooled(1)


def test_what_was_half_written_when_the_process_died_is_removed(tmp_path: Path) -> None:
    SpoolFolder(tmp_path).write(spooled(1))
    (tmp_path / "00000000000000000002.tmp").write_bytes(b'{"message_id":"b-2","ba')
    assert drained(SpoolFolder(tmp_path)) == ["b-1"]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_read_is_set_aside_and_holds_up_nobody(tmp_path: Path) -> None:
    folder = SpoolFolder(tmp_path)
    folder.write(spooled(1))
    folder.write(spooled(2))
    (tmp_path / "00000000000000000001.batch").write_bytes(b"\xff\xff")
    assert drained(SpoolFolder(tmp_path)) == ["b-2"]
    assert [file.suffix for file in tmp_path.iterdir()] == [".unreadable"]


def test_the_spool_knows_how_much_waits(tmp_path: Path) -> None:
    folder = SpoolFolder(tmp_path)
    assert (len(folder), folder.bytes) == (0, 0)
    folder.write(spooled(1))
    assert len(folder) == 1
    assert SpoolFolder(tmp_path).bytes == folder.bytes > 0
    folder.remove_oldest()
    assert (len(folder), folder.bytes) == (0, 0)


def test_new_batches_follow_those_of_an_earlier_process(tmp_path: Path) -> None:
    SpoolFolder(tmp_path).write(spooled(1))
    later = SpoolFolder(tmp_path)
    later.write(spooled(2))
    assert drained(later) == ["b-1", "b-2"]
