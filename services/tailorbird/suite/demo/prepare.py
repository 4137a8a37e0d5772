"""The demonstration shop as files that `tailorbird load` reads: one real year, moved to end in the past seven days."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tailorbird.host.folderlock import in_turn
from tailorbird.suite.demo.articles import articles_table
from tailorbird.suite.demo.calendar import Shift
from tailorbird.suite.demo.coupons import offers_table
from tailorbird.suite.demo.history import write_interactions, write_promotions, write_responses
from tailorbird.suite.demo.households import audiences_table, customers_table
from tailorbird.suite.demo.items import items_table
from tailorbird.suite.demo.shelves import Shelves
from tailorbird.suite.demo.source import Source
from tailorbird.suite.demo.standing import contacts_table, loyalty_table
from tailorbird.suite.demo.titles import Titles

__all__ = ["Progress", "prepare"]

Progress = Callable[[str, float], None]
"""Called with what is being done and how much of the whole is done, 0 to 1."""

_VERSION = 6
"""Raised when the files come out differently, so that those of an older Tailorbird are made again."""


def prepare(folder: Path, today: date, progress: Progress, source: Source | None = None) -> Path:
    """The folder with one Parquet file for each table; made once, kept until the demo changes.

    By how many weeks dates are moved is decided at the first time and kept in `shift.json` beside the data.
    Raises Fault(503) when the package with the data is not installed.
    """
    source = source or Source.installed()
    with in_turn(folder / "preparing.lock"):
        return _prepared(folder, today, progress, source)


def _prepared(folder: Path, today: date, progress: Progress, source: Source) -> Path:
    done = folder / "prepared.json"
    mark = {"version": _VERSION, "data": source.version}
    if done.exists() and json.loads(done.read_text()) == mark:
        progress("the demonstration shop is prepared", 1.0)
        return folder
    done.unlink(missing_ok=True)
    shift = Shift.fixed(folder / "shift.json", today)
    for step, share in _steps(folder, shift, source):
        progress(step, share)
    moving = "moving 20.9 million promotions"
    write_promotions(source, shift, folder / "promotions.parquet", lambda share: progress(moving, 0.5 + share / 2))
    done.write_text(json.dumps(mark) + "\n")
    progress("the demonstration shop is prepared", 1.0)
    return folder


def _steps(folder: Path, shift: Shift, source: Source) -> Iterator[tuple[str, float]]:
    """Does the work and says before each step what comes, and which share of the time is behind."""
    with duckdb.connect() as connection:
        # Two threads are what a small machine has; more memory than this is never needed.
        connection.execute("SET threads = 2")
        yield "naming 92,331 products and finding their prices", 0.0
        shelves = Shelves.of_the_demo()
        items, names = items_table(source, connection, shelves, Titles.of_the_demo())
        _write(items, folder / "items.parquet")
        _write(articles_table(), folder / "articles.parquet")
        yield "inventing names for 2,469 households", 0.25
        _write(customers_table(source, connection), folder / "customers.parquet")
        _write(audiences_table(source, connection), folder / "audiences.parquet")
        _write(loyalty_table(source, connection, shift), folder / "loyalty_cards.parquet")
        _write(contacts_table(source, connection, shift), folder / "contacts.parquet")
        yield "writing 1,197 coupons", 0.28
        _write(offers_table(source, connection, shift, items, names), folder / "offers.parquet")
        yield "moving 1.5 million purchase lines", 0.4
        write_interactions(source, connection, shift, folder / "interactions.parquet")
        write_responses(source, connection, shift, folder / "responses.parquet")


def _write(table: pa.Table, file: Path) -> None:
    """Writes the table; the file appears when it is complete."""
    unfinished = file.with_suffix(".unfinished")
    pq.write_table(table, unfinished, compression="zstd")
    unfinished.replace(file)
