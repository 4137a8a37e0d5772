"""Everybody's attributes as columns to count in: typed, with nothing where nothing is known, and there at once."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from tailorbird.profiles.segments.people import table_of

NAME = "O'Hara\n\"Jo\" \U0001f426"
ROWS: list[dict[str, Any]] = [
    {"history.orders": 3, "segments": ["families"], "customer.first_name": NAME, "unheard.of": 1},
    {"history.orders": 2.5, "segments": [], "customer.first_name": ""},
    {"segments": ["newcomers", "families"]},
]


def test_each_attribute_is_a_column_of_its_type_and_what_nobody_declared_is_left_out() -> None:
    table = table_of(ROWS)
    assert table.column("history.orders").to_pylist() == [3.0, 2.5, None]
    assert table.column("segments").to_pylist() == [["families"], [], ["newcomers", "families"]]
    assert table.column("customer.first_name").to_pylist() == [NAME, None, None]
    assert "unheard.of" not in table.column_names
    assert table.num_rows == 3


def test_of_nobody_it_is_empty() -> None:
    assert table_of([]).num_rows == 0


def test_a_long_list_of_one_customer_is_one_value() -> None:
    many = [f"segment-{number}" for number in range(200_000)]
    assert table_of([{"segments": many}, {"segments": ["one"]}]).column("segments").to_pylist() == [many, ["one"]]


def test_who_counts_first_does_not_wait_for_an_import() -> None:
    code = (
        "import sys; from tailorbird.profiles.segments.people import table_of; "
        "from tailorbird.profiles.segments.counting import _count, _opened; "
        "table = table_of([{'history.orders': 3}, {'segments': ['families']}]); "
        "assert _count(_opened(table), '\"history.orders\" > ?', [1]) == 1; "
        "assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
