"""What the households did: purchases as `interactions`, coupon redemptions as `responses`, and `promotions`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tailorbird.suite.demo.calendar import LOCAL_TIME, WEEK_ONE, Shift
from tailorbird.suite.demo.source import Source

__all__ = ["DISPLAYS", "MAILERS", "write_interactions", "write_promotions", "write_responses"]

DISPLAYS = {
    "0": None,
    "1": "store front",
    "2": "store rear",
    "3": "front end cap",
    "4": "mid-aisle end cap",
    "5": "rear end cap",
    "6": "side-aisle end cap",
    "7": "in aisle",
    "9": "secondary location",
    "A": "in shelf",
}
"""Code of the data's `display_location` -> where the item stood; 0: it stood in its usual place."""

MAILERS = {
    "0": None,
    "A": "interior page feature",
    "C": "interior page line item",
    "D": "front page feature",
    "F": "back page feature",
    "H": "wrap front feature",
    "J": "wrap interior coupon",
    "L": "wrap back feature",
    "P": "interior page coupon",
    "X": "free on interior page",
    "Z": "free on front page",
}
"""Code of the data's `mailer_location` -> where the item stood in the leaflet; 0: it was not in it."""


def write_interactions(source: Source, connection: duckdb.DuckDBPyConnection, shift: Shift, file: Path) -> None:
    """One row a purchase line, all of them: the load refuses those of quantity 0 and of unknown products."""
    _copy(
        connection,
        f"""SELECT household_id::VARCHAR AS customer_id, product_id::VARCHAR AS item_id,
                   transaction_timestamp + {shift.interval} AS time, quantity, sales_value AS value,
                   basket_id::VARCHAR AS order_id, store_id::VARCHAR AS store_id,
                   round(retail_disc + coupon_disc + coupon_match_disc, 2) AS discount
            FROM read_parquet('{source.table("transactions")}')""",
        file,
    )


def write_responses(source: Source, connection: duckdb.DuckDBPyConnection, shift: Shift, file: Path) -> None:
    """One row a redemption. The data knows the local day only: noon stands for it."""
    _copy(
        connection,
        f"""SELECT household_id::VARCHAR AS customer_id, 'coupon-' || campaign_id || '-' || coupon_upc AS offer_id,
                   redemption_date + INTERVAL 17 HOUR + {shift.interval} AS time, 'redeemed' AS kind
            FROM read_parquet('{source.table("coupon_redemptions")}')""",
        file,
    )


def write_promotions(source: Source, shift: Shift, file: Path, told: Callable[[float], None]) -> None:
    """One row a product, store and week in which it stood out, 21 million of them; `told` hears the share done.

    Streamed in batches whose texts are dictionaries from end to end: 5 s and 300 MB, where SQL took up to 28 s and
    4 GB for the same rows in the same order.
    """
    begin = datetime.combine(WEEK_ONE, time(), UTC) + LOCAL_TIME + timedelta(weeks=shift.weeks)
    weeks = pa.array([begin + timedelta(weeks=week) for week in range(_WEEKS + 1)], pa.timestamp("us", tz="UTC"))
    displays, mailers = _meanings(DISPLAYS), _meanings(MAILERS)
    read = pq.ParquetFile(source.table("promotions"))
    unfinished = file.with_suffix(".unfinished")
    with pq.ParquetWriter(unfinished, _PROMOTIONS, compression="zstd") as writer:
        done = 0
        for batch in read.iter_batches(500_000):
            week = pc.subtract(batch["week"], 1)
            columns = [
                _as_text(batch["product_id"]),
                weeks.take(week),
                weeks.take(pc.add(week, 1)),
                _as_text(batch["store_id"]),
                _as_meaning(batch["display_location"], displays),
                _as_meaning(batch["mailer_location"], mailers),
            ]
            writer.write_batch(pa.record_batch(columns, schema=_PROMOTIONS))
            done += batch.num_rows
            told(done / read.metadata.num_rows)
    unfinished.replace(file)


def _copy(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Writes what the query finds; the file appears when it is complete."""
    unfinished = file.with_suffix(".unfinished")
    connection.execute(f"COPY ({query}) TO '{unfinished}' (FORMAT PARQUET, ROW_GROUP_SIZE 500000)")
    unfinished.replace(file)


def _meanings(meanings: dict[str, str | None]) -> tuple[pa.Array, pa.Array]:
    return pa.array(meanings), pa.array(meanings.values(), pa.string())


def _as_text(numbers: pa.Array) -> pa.Array:
    encoded = numbers.dictionary_encode()
    return pa.DictionaryArray.from_arrays(encoded.indices, encoded.dictionary.cast(pa.string()))


def _as_meaning(codes: pa.Array, meanings: tuple[pa.Array, pa.Array]) -> pa.Array:
    """The codes' meanings; null for a code that nobody explained."""
    known, written = meanings
    encoded = codes.cast(pa.string()).dictionary_encode()
    explained = written.take(pc.index_in(encoded.dictionary, known))
    # A dictionary may not hold nulls when written: rows without a meaning become null themselves.
    return explained.take(encoded.indices).dictionary_encode()


_WEEKS = 53
_TEXT = pa.dictionary(pa.int32(), pa.string())
_PROMOTIONS = pa.schema(
    [
        ("item_id", _TEXT),
        ("starts_at", pa.timestamp("us", tz="UTC")),
        ("ends_at", pa.timestamp("us", tz="UTC")),
        ("store_id", _TEXT),
        ("display", _TEXT),
        ("mailer", _TEXT),
    ]
)
