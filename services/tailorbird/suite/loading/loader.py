"""The walk of a load: every table read, checked, handed to the service that owns it, and counted."""

from __future__ import annotations

import asyncio
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from tailorbird.bus import AskingBus
from tailorbird.contracts.documents import Imported, ImportQuery
from tailorbird.contracts.recommender import CATALOGUE_OBJECT
from tailorbird.contracts.wire import Fault
from tailorbird.suite.loading.checking import Checker
from tailorbird.suite.loading.files import TableFile, find_files
from tailorbird.suite.loading.quarantine import Quarantine
from tailorbird.suite.loading.report import LoadReport, TableReport, as_grid

__all__ = ["STAGING", "clean", "load"]

STAGING = "staging"
"""Object bucket through which checked rows reach their owner; an object is gone when it was taken over."""

_SNAPSHOTS = "snapshots"
_ITEM_TABLES = {"items": "item_id", "articles": "article_id"}


async def load(folder: Path, bus: AskingBus, home: Path, console: Console) -> LoadReport:
    """Loads every table of the folder and says what came of it. Loading the same again changes nothing.

    Raises Fault(404, 422) before anything is loaded when a file is no table or lacks a column, and whatever the owner
    of a table raises; tables before it are loaded then. Refused rows lie in `<home>/quarantine/<table>.csv`.
    """
    files = await asyncio.to_thread(find_files, folder)
    reports: list[TableReport] = []
    with (
        tempfile.TemporaryDirectory(dir=_made(home), prefix="load-") as scratch,
        Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[stage]}"), TimeElapsedColumn(),
            console=console,
        ) as progress,
    ):  # fmt: skip
        known = await _known_items(bus, files, Path(scratch))
        for file in files:
            task = progress.add_task(file.table.name, total=max(file.size, 1), stage="checking")

            def told(done: int, task: TaskID = task) -> None:
                progress.update(task, completed=done)

            started = time.monotonic()
            clean_file = Path(scratch) / f"{file.table.name}.parquet"
            with Quarantine(home / "quarantine", file.table.name) as quarantine:
                rows = await asyncio.to_thread(clean, file, clean_file, quarantine, known, told)
            progress.update(task, completed=max(file.size, 1), stage="handing over")
            imported = await _hand_over(bus, file, clean_file) if rows else Imported(stored=0, unchanged=0)
            if imported.stored + imported.unchanged != rows:
                counted = f"stored {imported.stored:,} and found {imported.unchanged:,} unchanged"
                raise Fault(500, f"Of {rows:,} checked rows of {file.table.name} their owner {counted}.")
            clean_file.unlink()
            progress.update(task, stage="done")
            reports.append(_report(file, quarantine, imported, time.monotonic() - started))
    report = LoadReport(tuple(reports))
    console.print(as_grid(report))
    for table in report.tables:
        if table.quarantine:
            console.print(f"{table.refused:,} refused rows of {table.table} lie in {table.quarantine}", soft_wrap=True)
    return report


def clean(
    file: TableFile, into: Path, quarantine: Quarantine, known_items: pa.Array, told: Callable[[int], None]
) -> int:
    """Writes the rows that are right to `into` and returns their number; the others go into quarantine."""
    checker = Checker(file.table, known_items)
    writer: pq.ParquetWriter | None = None
    count = 0
    try:
        for batch in file.batches():
            checked = checker.check(batch)
            quarantine.add(checked.refused)
            if writer is None:
                writer = pq.ParquetWriter(into, checked.rows.schema, compression="zstd")
            writer.write_table(checked.rows)
            count += checked.rows.num_rows
            told(batch.done)
    finally:
        if writer is not None:
            writer.close()
    return count


async def _hand_over(bus: AskingBus, file: TableFile, clean_file: Path) -> Imported:
    """What the owner of the table answered. The staged rows are deleted then: they may name people."""
    objects = await bus.objects(STAGING)
    name = f"{uuid.uuid4().hex}/{file.table.name}.parquet"
    await objects.put(name, clean_file)
    try:
        query = ImportQuery(table=file.table.name, object_name=name)
        imported = await bus.asker.ask(file.table.owner, query)
        for endpoint in file.table.also:
            await bus.asker.ask(endpoint, query)
    finally:
        await objects.delete(name)
    return imported


async def _known_items(bus: AskingBus, files: list[TableFile], scratch: Path) -> pa.Array:
    """The ids of all items and articles of the folder and of the catalogue; none when no table refers to items."""
    if not any(file.table.item_column for file in files):
        return pa.array([], pa.string())
    columns = [
        await asyncio.to_thread(_ids, file, _ITEM_TABLES[file.table.name])
        for file in files
        if file.table.name in _ITEM_TABLES
    ]
    snapshots = await bus.objects(_SNAPSHOTS)
    if await snapshots.info(CATALOGUE_OBJECT) is not None:
        into = scratch / "catalogue.parquet"
        await snapshots.fetch(CATALOGUE_OBJECT, into)
        columns.append(pq.read_table(into, columns=["item_id"])["item_id"].cast(pa.string()))
    chunks = [chunk for column in columns for chunk in (column.chunks if hasattr(column, "chunks") else [column])]
    return pa.chunked_array(chunks, pa.string()).unique() if chunks else pa.array([], pa.string())


def _ids(file: TableFile, column: str) -> pa.Array:
    """The ids of this table's rows that are right."""
    checker = Checker(file.table)
    found = [checker.check(batch).rows[column].cast(pa.string()) for batch in file.batches()]
    return pa.chunked_array([chunk for column_found in found for chunk in column_found.chunks], pa.string())


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _report(file: TableFile, quarantine: Quarantine, imported: Imported, seconds: float) -> TableReport:
    return TableReport(
        table=file.table.name,
        file=file.path,
        read=imported.stored + imported.unchanged + quarantine.count,
        stored=imported.stored,
        unchanged=imported.unchanged,
        refused=quarantine.count,
        reasons=dict(quarantine.reasons.most_common()),
        quarantine=quarantine.path if quarantine.count else None,
        seconds=seconds,
    )
