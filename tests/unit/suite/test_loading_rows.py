"""What is wrong with a row, and what a right one becomes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tailorbird.suite.loading.checking import Checked, Checker
from tailorbird.suite.loading.columns import ColumnType, Table
from tailorbird.suite.loading.converting import convert
from tailorbird.suite.loading.files import TableFile
from tailorbird.suite.loading.loader import clean
from tailorbird.suite.loading.quarantine import Quarantine
from tailorbird.suite.loading.rows import Batch
from tailorbird.suite.loading.tables import table_named

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "loading.json").read_text(encoding="utf-8"))
KNOWN = frozenset({"known", "1", "2"})


def table(name: str) -> Table:
    found = table_named(name)
    assert found is not None
    return found


def check(name: str, rows: pa.Table, checker: Checker | None = None) -> Checked:
    batch = Batch(rows, np.arange(2, rows.num_rows + 2))
    return (checker or Checker(table(name), KNOWN)).check(batch)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_row_is_taken_over_or_refused(case: dict[str, Any]) -> None:
    row = {name: "x" * 201 if value == "LONG" else value for name, value in case["row"].items()}
    checked = check(case["table"], pa.Table.from_pylist([row]))
    assert [one.reason for one in checked.refused] == ([case["refused"]] if "refused" in case else [])
    found = checked.rows.to_pylist()
    assert [{name: row[name] for name in case["becomes"]} for row in found] == (
        [case["becomes"]] if "becomes" in case else []
    )


def test_a_row_is_refused_for_the_first_reason_and_kept_as_it_was() -> None:
    checked = check("items", pa.table({"item_id": ["1"], "title": [None], "price": ["cheap"]}))
    (refused,) = checked.refused
    assert (refused.line, refused.reason) == (2, "`title` is missing")
    assert json.loads(refused.row) == {"item_id": "1", "price": "cheap"}


def test_parquet_types_are_taken_as_they_are_meant() -> None:
    at = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    rows = pa.table(
        {
            "customer_id": pa.array([1228], pa.int64()),
            "item_id": pa.array([1.0]),
            "time": pa.array([at], pa.timestamp("ns", tz="Europe/Paris")),
            "quantity": pa.array([2], pa.int8()),
            "store_id": pa.array(["s"]).dictionary_encode(),
        }
    )
    (row,) = check("interactions", rows).rows.to_pylist()
    assert (row["customer_id"], row["item_id"], row["time"]) == ("1228", "1", 1_700_000_000)
    assert (row["quantity"], row["store_id"]) == (2.0, "s")


STRANGE: list[pa.Array] = [
    pa.array([b"ab", b"\xff"]),
    pa.array([{"a": 1}, None]),
    pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
    pa.array([[["a"]], None]),
    pa.array([[None, "a"], []]),
    pa.array([2**62, -(2**62)], pa.timestamp("s")),
    pa.array([float("nan"), float("inf")]),
    pa.array([float("nan"), 1.0], pa.float32()).cast(pa.float16()),
    pa.array([1, None], pa.duration("s")),
    pa.array([(1, 2, 3), None], pa.month_day_nano_interval()),
    pa.array(["x", ""]).dictionary_encode(),
    pa.array(["x", None], pa.large_string()),
    pa.nulls(2),
]


@pytest.mark.parametrize("kind", ["id", "text", "number", "count", "time", "list", "any"])
@pytest.mark.parametrize("values", STRANGE, ids=lambda values: str(values.type)[:30])
def test_no_type_of_column_stops_a_load(values: pa.Array, kind: ColumnType) -> None:
    converted, wrong = convert(values, kind)
    assert len(converted) == len(wrong) == len(values)
    assert not (wrong & values.is_null().to_numpy(zero_copy_only=False)).any()


def test_what_is_beyond_the_calendar_is_no_time() -> None:
    times = pa.array([2**62, 0], pa.timestamp("s"))
    checked = check("interactions", pa.table({"customer_id": ["7", "7"], "item_id": ["1", "1"], "time": times}))
    assert [(one.line, json.loads(one.row)["time"]) for one in checked.refused] == [(2, "?")]


def test_a_day_is_a_time_at_its_first_moment() -> None:
    rows = pa.table({"item_id": ["1"], "starts_at": [date(1970, 1, 2)], "ends_at": [date(1970, 1, 3)]})
    (row,) = check("promotions", rows).rows.to_pylist()
    assert (row["starts_at"], row["ends_at"]) == (86_400, 172_800)


def test_a_key_stands_in_one_row_only_across_batches() -> None:
    checker = Checker(table("items"))
    first = check("items", pa.table({"item_id": ["1", "1"], "title": ["Milk", "Milk"]}), checker)
    second = check("items", pa.table({"item_id": ["2", "1"], "title": ["Bread", "Milk"]}), checker)
    assert [one.line for one in first.refused] == [3]
    assert [one.reason for one in second.refused] == ["`item_id` stands in an earlier row too"]


def test_a_refused_row_does_not_use_up_its_key() -> None:
    rows = pa.table({"item_id": ["1", "1"], "title": [None, "Milk"]})
    assert [one.line for one in check("items", rows).refused] == [2]


def test_a_further_column_keeps_the_type_of_its_first_batch() -> None:
    checker = Checker(table("items"))
    check("items", pa.table({"item_id": ["1"], "title": ["Milk"], "attr_organic": ["true"]}), checker)
    later = check("items", pa.table({"item_id": ["2"], "title": ["Milk"], "attr_organic": ["maybe"]}), checker)
    assert [one.reason for one in later.refused] == ["`attr_organic` is no bool, as it is in the rows before"]


def test_counts_add_up_and_refused_rows_lie_in_quarantine(tmp_path: Path) -> None:
    rows = [("7", "1", "1"), ("7", "2", "0"), ("7", "99", "1"), ("", "1", "1")]
    source = tmp_path / "interactions.csv"
    source.write_text(
        "customer_id,item_id,time,quantity\n" + "".join(f"{c},{i},1,{q}\n" for c, i, q in rows) + "broken\n"
    )
    with Quarantine(tmp_path / "quarantine", "interactions") as quarantine:
        count = clean(
            TableFile(table("interactions"), source), tmp_path / "clean.parquet", quarantine, KNOWN, lambda _: None
        )
    assert (count, quarantine.count) == (1, 4)
    assert pq.read_table(tmp_path / "clean.parquet").num_rows == 1
    kept = (tmp_path / "quarantine" / "interactions.csv").read_text().splitlines()
    assert kept[0] == "line,reason,row"
    assert [line.split(",")[0] for line in kept[1:]] == ["3", "4", "5", "6"]


def test_the_quarantine_holds_the_last_load_only(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("line,reason,row\n2,old,{}\n")
    with Quarantine(tmp_path, "items") as quarantine:
        pass
    assert quarantine.count == 0
    assert not (tmp_path / "items.csv").exists()
