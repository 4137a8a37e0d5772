"""Orders told as events, among the rows that training reads: each once, and not again when a file tells them too.

Such a row says `live` under `source`, holds digests instead of an order's and a message's id, and gives way to the rows
of a loaded file that name the same order. Everything here runs in a thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tailorbird.contracts.profiles import Purchased
from tailorbird.profiles.person.products import DIGEST_LENGTH

__all__ = ["LIVE", "LIVE_COLUMNS", "digest_of", "write_with_orders"]

LIVE = "live"
LIVE_COLUMNS = ("source", "message")
"""Columns of a snapshot with such rows, beyond those of a loaded file; empty in a file's rows."""
_COLUMNS = ("person", "item_id", "at", "kind", "quantity", "value", "order_id", "store_id", "discount", *LIVE_COLUMNS)
_TYPES = {"at": pa.int64(), "quantity": pa.float64(), "value": pa.float64(), "discount": pa.float64()}


def digest_of(order_id: str) -> str:
    """The SQL expression for the digest of an order's id, as `products.purchased` makes it."""
    return f"substr(sha256('order:' || {order_id}), 1, {DIGEST_LENGTH})"


def write_with_orders(known: Path | None, orders: Iterable[Purchased], into: Path, overflow: Path) -> tuple[int, int]:
    """Writes the snapshot with these orders in it; (rows in all, orders that were new)."""
    rows = [row for order in orders for row in _rows(order)]
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in _COLUMNS])
    told = pa.Table.from_pylist(rows, schema=schema)
    database = duckdb.connect(config={"temp_directory": str(overflow), "memory_limit": "1000MB", "threads": "1"})
    try:
        database.register("told", told)
        if known is None:
            database.execute("CREATE TABLE known AS SELECT * FROM told LIMIT 0")
        else:
            there = set(pq.read_schema(known).names)
            names = ", ".join(f'"{name}"' if name in there else f'NULL::VARCHAR AS "{name}"' for name in _COLUMNS)
            path = str(known).replace("'", "''")
            database.execute(f"CREATE VIEW known AS SELECT {names} FROM read_parquet('{path}')")
        # Of an order told under several message ids the first counts, all its lines together.
        database.execute(f"""
            CREATE TABLE fresh AS
            SELECT told.* FROM told
            JOIN (SELECT order_id, min_by(message, ("at", message)) AS message FROM told GROUP BY order_id) AS first
                USING (order_id, message)
            WHERE order_id NOT IN (
                SELECT CASE source WHEN '{LIVE}' THEN order_id ELSE {digest_of("order_id")} END
                FROM known WHERE order_id IS NOT NULL
            )
        """)
        database.execute(
            'COPY (SELECT * FROM known UNION ALL SELECT * FROM fresh ORDER BY person, "at") '
            f"TO '{str(into).replace(chr(39), chr(39) * 2)}' (FORMAT parquet, COMPRESSION zstd)"
        )
        counted = database.execute(
            "SELECT (SELECT count(*) FROM known) + (SELECT count(*) FROM fresh), count(DISTINCT order_id) FROM fresh"
        ).fetchall()[0]
        return int(counted[0]), int(counted[1])
    finally:
        database.close()


def _rows(order: Purchased) -> Iterable[dict[str, object]]:
    lines: dict[str, tuple[float, float]] = {}
    for line in order.lines:
        known = lines.get(line.item_id)
        lines[line.item_id] = (
            (line.quantity, line.value) if known is None else (known[0] + line.quantity, known[1] + line.value)
        )
    for item_id, (quantity, value) in lines.items():
        yield {
            "person": order.person, "item_id": item_id, "at": int(order.at), "kind": "purchase", "quantity": quantity,
            "value": value or None, "order_id": order.order, "source": LIVE, "message": order.message,
        }  # fmt: skip
