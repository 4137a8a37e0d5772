"""Customers and audiences out of Parquet, some thousand at a time. Runs in a thread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

__all__ = ["audience_rows", "customer_rows"]

ROWS_AT_ONCE = 2_000


def customer_rows(file: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """Customer id -> the other columns' values, chunk by chunk, in the file's order."""
    for batch in pq.ParquetFile(file).iter_batches(ROWS_AT_ONCE):
        rows = batch.to_pylist()
        yield {str(row.pop("customer_id")): row for row in rows}


def audience_rows(file: Path) -> Iterator[dict[str, tuple[tuple[str, ...], int]]]:
    """Customer id -> (audiences, rows), chunk by chunk."""
    database = duckdb.connect()
    try:
        rows = database.execute(
            "SELECT customer_id::VARCHAR, list(DISTINCT audience_id::VARCHAR), count(*) "
            "FROM read_parquet(?) GROUP BY customer_id",
            [str(file)],
        )
        while part := rows.fetchmany(ROWS_AT_ONCE):
            yield {customer_id: (tuple(audiences), count) for customer_id, audiences, count in part}
    finally:
        database.close()
