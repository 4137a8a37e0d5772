"""Files on their way in: broken CSV lines, batches, and complaints before anything is loaded."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tailorbird.contracts.wire import Fault
from tailorbird.suite.loading.csvfile import csv_batches
from tailorbird.suite.loading.files import TableFile, find_files
from tailorbird.suite.loading.tables import TABLES, documentation, table_named
from tests.house.tree import ROOT

ITEMS = table_named("items")


def csv(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / f"{name}.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path) -> tuple[list[tuple[int, dict[str, str]]], list[tuple[int, str]]]:
    """The rows with their lines, and the lines that were no rows with the reason."""
    rows: list[tuple[int, dict[str, str]]] = []
    refused: list[tuple[int, str]] = []
    for batch in csv_batches(path):
        rows += zip(batch.lines.tolist(), batch.rows.to_pylist(), strict=True)
        refused += [(one.line, one.reason) for one in batch.unreadable]
    return rows, refused


def test_a_broken_line_costs_that_line_only(tmp_path: Path) -> None:
    path = csv(tmp_path, "items", 'item_id,title\n1,Milk\n2,Bread,extra\n3\n4,"Red ""big"" wine"\n')
    rows, refused = read(path)
    assert [(line, row["item_id"]) for line, row in rows] == [(2, "1"), (5, "4")]
    assert rows[1][1]["title"] == 'Red "big" wine'
    assert refused == [(3, "it has 3 fields, and the header 2"), (4, "it has 1 fields, and the header 2")]


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_the_rest(tmp_path: Path) -> None:
    path = csv(tmp_path, "items", 'item_id,title\n1,"Milk\n2,Bread\n3,"Eggs"\n')
    rows, refused = read(path)
    assert [row["item_id"] for _, row in rows] == ["2", "3"]
    assert refused == [(2, "its quotation marks do not match")]


def test_a_quoted_text_may_run_over_lines(tmp_path: Path) -> None:
    path = csv(tmp_path, "items", 'item_id,title\n1,"Milk,\nfresh"\n2,Bread\n')
    rows, refused = read(path)
    assert rows == [(2, {"item_id": "1", "title": "Milk,\nfresh"}), (4, {"item_id": "2", "title": "Bread"})]
    assert refused == []


def test_what_is_not_utf_8_is_refused_and_shown(tmp_path: Path) -> None:
    path = csv(tmp_path, "items", b"item_id,title\n1,Caf\xe9\n2,Caf\xc3\xa9\n")
    rows, refused = read(path)
    assert [row["title"] for _, row in rows] == ["Café"]
    assert refused == [(2, "it is not UTF-8")]


def test_spreadsheets_write_marks_semicolons_carriage_returns_and_empty_lines(tmp_path: Path) -> None:
    path = csv(tmp_path, "items", b"\xef\xbb\xbfitem_id;title\r\n1;Milk, fresh\r\n\r\n2;Bread\r\n")
    rows, refused = read(path)
    assert rows == [(2, {"item_id": "1", "title": "Milk, fresh"}), (4, {"item_id": "2", "title": "Bread"})]
    assert refused == []


def test_a_line_without_an_end_is_refused_without_being_held(tmp_path: Path) -> None:
    path = csv(tmp_path, "items", b"item_id,title\n1," + b"x" * 3_000_000 + b"\n2,Bread\n")
    rows, refused = read(path)
    assert [row["item_id"] for _, row in rows] == ["2"]
    assert refused == [(2, "it is longer than 1,000,000 bytes")]


def test_a_large_file_comes_in_batches(tmp_path: Path) -> None:
    path = csv(tmp_path, "items", "item_id,title\n" + "".join(f"{number},Item\n" for number in range(120_000)))
    assert [batch.rows.num_rows for batch in csv_batches(path)] == [50_000, 50_000, 20_000]


def test_a_parquet_file_counts_its_rows(tmp_path: Path) -> None:
    assert ITEMS is not None
    path = tmp_path / "items.parquet"
    pq.write_table(pa.table({"item_id": list(map(str, range(300_000))), "title": ["Item"] * 300_000}), path)
    lines = [(int(batch.lines[0]), int(batch.lines[-1])) for batch in TableFile(ITEMS, path).batches()]
    assert lines == [(1, 250_000), (250_001, 300_000)]


def test_tables_are_loaded_in_the_order_in_which_they_refer_to_each_other(tmp_path: Path) -> None:
    csv(tmp_path, "audiences", "audience_id,customer_id\n")
    csv(tmp_path, "items", "item_id,title\n")
    (tmp_path / "prepared.json").write_text("{}")
    assert [file.table.name for file in find_files(tmp_path)] == ["items", "audiences"]


@pytest.mark.parametrize(
    ("name", "header", "sentence"),
    [
        ("items", "item_id,prise,title", "a column `prise` that items do not have; did you mean `price`?"),
        ("items", "item_id,price", "lacks the column `title`"),
        ("itmes", "item_id,title", "is no table; tables are items, articles"),
        ("items", "item_id,title,title", "names the column `title` twice"),
        ("items", "", "is empty; its first line must name the columns"),
    ],
)
def test_a_wrong_file_is_told_before_anything_is_loaded(tmp_path: Path, name: str, header: str, sentence: str) -> None:
    csv(tmp_path, name, header + "\n")
    with pytest.raises(Fault) as refused:
        find_files(tmp_path)
    assert refused.value.code == 422
    assert sentence in refused.value.sentence


def test_a_file_that_only_calls_itself_parquet_is_told(tmp_path: Path) -> None:
    (tmp_path / "items.parquet").write_text("item_id,title\n")
    with pytest.raises(Fault, match="is no Parquet file"):
        find_files(tmp_path)


def test_a_folder_with_nothing_to_load_is_told(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="nothing to load"):
        find_files(tmp_path)
    with pytest.raises(Fault, match="no folder"):
        find_files(tmp_path / "absent")


def test_the_documentation_names_every_column() -> None:
    text = documentation()
    assert text.strip() in (ROOT / "shared" / "docs" / "loading.md").read_text(encoding="utf-8")
    columns = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [column.name for table in TABLES for column in table.columns if f"`{column.name}`" not in columns] == []
    assert all(f"| `{column.name}` |" in text for table in TABLES for column in table.columns)
    assert "| `item_id` | required | id | your own id of the item |" in text
