"""The walk of a load: every table read, checked, handed to the service that owns it, and counted."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tailorbird.bus import AskingBus
from tailorbird.contracts.documents import Imported
from tailorbird.suite.loading.checking import Checker
from tailorbird.suite.loading.files import TableFile, find_files
from tailorbird.suite.loading.handing import hand_over, known_items
from tailorbird.suite.loading.quarantine import Quarantine
from tailorbird.suite.loading.report import LoadReport, TableReport, show
from tailorbird.suite.loading.tables import TABLES

__all__ = ["clean", "load"]


async def load(folder: Path, bus: AskingBus, home: Path, console: Console) -> LoadReport:
    """Loads every table of the folder and says what came of it. Loading the same again changes nothing.

    Raises Fault(404, 422) before anything is loaded when a file is no table or lacks a column, and whatever the owner
    of a table raises; what was loaded before that stays. Refused rows lie in `<home>/quarantine/<table>.csv`.
    """
    files = await asyncio.to_thread(find_files, folder)
    await asyncio.to_thread(home.mkdir, parents=True, exist_ok=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[stage]}"), TimeElapsedColumn())
    with (
        tempfile.TemporaryDirectory(dir=home, prefix="load-") as scratch,
        Progress(*columns, console=console) as progress,
    ):
        known = await known_items(bus, files, Path(scratch))
        walk = _Walk(bus, home, Path(scratch), progress, known)
        for file in files:
            if file.table.referred:
                await walk.table(file)
        # The rest side by side, one table at a time for each owner: their owners are different processes.
        lanes: dict[str, list[TableFile]] = defaultdict(list)
        for file in files:
            if not file.table.referred:
                lanes[file.table.owner.subject].append(file)
        await _together(walk.tables(lane) for lane in lanes.values())
    order = [table.name for table in TABLES]
    report = LoadReport(tuple(sorted(walk.reports, key=lambda one: order.index(one.table))))
    show(report, console)
    return report


def clean(
    file: TableFile, into: Path, quarantine: Quarantine, known_items: Collection[str], told: Callable[[int], None]
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
                writer = pq.ParquetWriter(into, checked.rows.schema, compression="lz4")
            writer.write_table(checked.rows)
            count += checked.rows.num_rows
            told(batch.done)
    finally:
        if writer is not None:
            writer.close()
    return count


class _Walk:
    """One load in progress."""

    def __init__(self, bus: AskingBus, home: Path, scratch: Path, progress: Progress, known: Collection[str]) -> None:
        self.reports: list[TableReport] = []
        self._bus = bus
        self._quarantine = home / "quarantine"
        self._scratch = scratch
        self._progress = progress
        self._known = known

    async def tables(self, files: Iterable[TableFile]) -> None:
        for file in files:
            await self.table(file)

    async def table(self, file: TableFile) -> None:
        """Loads one table and keeps its report."""
        name = file.table.name
        task = self._progress.add_task(name, total=file.size + 1, stage="checking")

        def told(done: int) -> None:
            self._progress.update(task, completed=done)

        started = time.monotonic()
        checked = self._scratch / f"{name}.parquet"
        with Quarantine(self._quarantine, name) as quarantine:
            rows = await asyncio.to_thread(clean, file, checked, quarantine, self._known, told)
        self._progress.update(task, completed=file.size, stage="handing over")
        imported = Imported(stored=0, unchanged=0)
        if rows:
            imported = await hand_over(self._bus, file.table, checked, rows)
        checked.unlink()
        self._progress.update(task, completed=file.size + 1, stage="done")
        self.reports.append(
            TableReport(
                table=name,
                file=file.path,
                read=rows + quarantine.count,
                stored=imported.stored,
                unchanged=imported.unchanged,
                refused=quarantine.count,
                reasons=dict(quarantine.reasons.most_common()),
                quarantine=quarantine.path if quarantine.count else None,
                seconds=time.monotonic() - started,
            )
        )


async def _together(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All at once; when one fails the others are called off, and its error is raised as it is."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
