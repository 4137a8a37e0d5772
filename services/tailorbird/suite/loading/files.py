"""Which files of a folder hold which table, and their rows in batches."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

from tailorbird.contracts.wire import Fault, Problem
from tailorbird.suite.loading.columns import Table
from tailorbird.suite.loading.csvfile import csv_batches, csv_columns
from tailorbird.suite.loading.rows import Batch
from tailorbird.suite.loading.tables import TABLES, table_named

__all__ = ["TableFile", "find_files"]

_BATCH = 250_000
_SUFFIXES = (".csv", ".parquet")


class TableFile(Struct, frozen=True):
    """A file that holds one table."""

    table: Table
    path: Path

    @property
    def size(self) -> int:
        """What `Batch.done` counts up to: bytes of CSV, rows of Parquet."""
        if self.path.suffix == ".csv":
            return self.path.stat().st_size
        return int(pq.read_metadata(self.path).num_rows)

    def columns(self) -> list[str]:
        """The names of its columns. Raises Fault(422) when the file can't be read at all."""
        if self.path.suffix == ".csv":
            return csv_columns(self.path)
        try:
            return list(pq.read_schema(self.path).names)
        except (pa.ArrowInvalid, OSError) as error:
            raise Fault(422, f"{self.path} is no Parquet file: {error}.") from error

    def batches(self) -> Iterator[Batch]:
        """All of its rows, in order, in memory a batch at a time."""
        if self.path.suffix == ".csv":
            yield from csv_batches(self.path)
            return
        done = 0
        with pq.ParquetFile(self.path, memory_map=True) as file:
            for found in file.iter_batches(_BATCH):
                lines = np.arange(done + 1, done + found.num_rows + 1, dtype=np.int64)
                done += found.num_rows
                yield Batch(pa.Table.from_batches([found]), lines, (), done)
        if not done:
            yield Batch(file.schema_arrow.empty_table(), np.zeros(0, np.int64), (), 0)


def find_files(folder: Path) -> list[TableFile]:
    """The folder's tables in the order in which they are loaded.

    Raises Fault(404) when there is nothing to load and Fault(422) with every file or column that no table has, and
    every required column that is missing: before anything is loaded.
    """
    if not folder.is_dir():
        raise Fault(404, f"There is no folder {folder}.")
    paths = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES and not path.name.startswith("."))
    problems: list[Problem] = []
    files: dict[str, TableFile] = {}
    for path in paths:
        table = table_named(path.stem)
        if table is None:
            problems.append(Problem(path=str(path), sentence=f"is no table; tables are {_listed()}."))
        elif table.name in files:
            problems.append(Problem(path=str(path), sentence=f"holds {table.name}, as {files[table.name].path} does."))
        else:
            files[table.name] = TableFile(table, path)
            problems += _wrong_columns(files[table.name])
    if problems:
        raise Fault(422, "\n".join(f"{problem.path} {problem.sentence}" for problem in problems), tuple(problems))
    if not files:
        raise Fault(404, f"There is nothing to load in {folder}: no <table>.csv or <table>.parquet of {_listed()}.")
    return [files[table.name] for table in TABLES if table.name in files]


def _wrong_columns(file: TableFile) -> list[Problem]:
    names = file.columns()
    columns = [column.name for column in file.table.columns]
    sentences = [
        f"lacks the column `{column.name}`: {column.doc}."
        for column in file.table.columns
        if column.required and column.name not in names
    ]
    for name in names:
        if not file.table.accepts(name):
            near = get_close_matches(name, columns, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"the columns are {', '.join(columns)}."
            sentences.append(f"has a column `{name}` that {file.table.name} do not have; {hint}")
    return [Problem(path=str(file.path), sentence=sentence) for sentence in sentences]


def _listed() -> str:
    return ", ".join(table.name for table in TABLES)
