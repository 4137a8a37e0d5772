"""Cards that were made once are read again as they were; what cannot be read is made anew."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tailorbird.assembler.items.cardfile import CardFile
from tailorbird.assembler.items.cards import Card
from tailorbird.assembler.items.catalogue import Catalogue

ITEMS: list[dict[str, object]] = [
    {"item_id": "1", "title": "Milk", "department": "Dairy", "category": "Milk", "price": 2.5, "stock": 3,
     "stock_at": 17.0, "attributes": '{"rating": 4.5, "sensitive": false}'},
    {"item_id": "2", "title": "Käse", "department": "Dairy", "category": "", "price": None, "attributes": None},
    {"item_id": "3", "title": "Read me", "kind": "article", "body": "Long."},
]  # fmt: skip


def snapshot(folder: Path, items: list[dict[str, object]]) -> Path:
    path = folder / "items.parquet"
    parquet.write_table(pa.Table.from_pylist(items), path)
    return path


def read(folder: Path, path: Path) -> dict[str, Card]:
    return Catalogue(lambda _: None, lambda *_: None, CardFile(folder)).read(path)


def test_cards_are_read_as_they_were_made(tmp_path: Path) -> None:
    path = snapshot(tmp_path, ITEMS)
    made = read(tmp_path / "cards", path)
    assert CardFile(tmp_path / "cards").read(path) == made == read(tmp_path / "other", path)
    assert made["1"].details == {"rating": 4.5}


def test_another_snapshot_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    read(tmp_path / "cards", snapshot(tmp_path, ITEMS))
    assert set(read(tmp_path / "cards", snapshot(tmp_path, ITEMS[:1]))) == {"1"}
    assert len(list((tmp_path / "cards").iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"\x93\x90\x90\x90", b"no", b"\x93\x91\xa11\x90\x91\x91\xa11"])
def test_a_broken_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = snapshot(tmp_path, ITEMS)
    made = read(tmp_path / "cards", path)
    (kept,) = (tmp_path / "cards").iterdir()
    kept.write_bytes(content)
    assert read(tmp_path / "cards", path) == made


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    path = snapshot(tmp_path, ITEMS)
    (tmp_path / "cards").write_bytes(b"a file where a folder should be")
    assert set(read(tmp_path / "cards", path)) == {"1", "2", "3"}
