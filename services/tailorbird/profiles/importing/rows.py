"""Rows out of Parquet, some thousand at a time. Runs in a thread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

__all__ = ["audience_rows", "customer_rows", "plain_rows"]

ROWS_AT_ONCE = 2_000


def customer_rows(file: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """Customer id -> the other columns' values, chunk by chunk, in the file's order."""
    for batch in pq.ParquetFile(file).iter_batches(ROWS_AT_ONCE):
        rows = batch.to_pylist()
        yield {str(row.pop("customer_id")): row for row in rows}


def plain_rows(file: Path) -> Iterator[list[dict[str, Any]]]:
    """Rows with their columns' names, chunk by chunk, in the file's order; without the values that are absent."""
    for batch in pq.ParquetFile(file).iter_batches(ROWS_AT_ONCE):
        yield [{name: value for name, value in row.items() if value is not None} for row in batch.to_pylist()]


def audience_rows(file: Path) -> Iterator[dict[str, tuple[tuple[str, ...], tuple[str, ...], int]]]:
    """Customer id -> (audiences they are in, audiences they are not in, rows), chunk by chunk."""
    database = duckdb.connect()
    try:
        described = database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(file)]).fetchall()
        names = {column[0] for column in described}
        left = "coalesce(member, 'yes') = 'no'" if "member" in names else "false"
        rows = database.execute(
            f"SELECT customer_id::VARCHAR, list(DISTINCT audience_id::VARCHAR) FILTER (NOT {left}), "
            f"list(DISTINCT audience_id::VARCHAR) FILTER ({left}), count(*) "
            "FROM read_parquet(?) GROUP BY customer_id",
            [str(file)],
        )
        while part := rows.fetchmany(ROWS_AT_ONCE):
            yield {
                customer_id: (tuple(joined or ()), tuple(gone or ()), count)
                for customer_id, joined, gone, count in part
            }
    finally:
        database.close()
