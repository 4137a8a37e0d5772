"""What came of a load, table by table: read = stored + unchanged + refused."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from rich.console import Console
from rich.table import Table as Grid

__all__ = ["LoadReport", "TableReport", "show"]


class TableReport(Struct, frozen=True):
    """The counts of one table."""

    table: str
    file: Path
    read: int
    stored: int
    unchanged: int
    refused: int
    reasons: dict[str, int]
    """Why rows were refused, the most frequent reason first."""
    quarantine: Path | None
    """Where the refused rows lie."""
    seconds: float


class LoadReport(Struct, frozen=True):
    """The counts of every table that was loaded."""

    tables: tuple[TableReport, ...]


def show(report: LoadReport, console: Console) -> None:
    """Prints the counts, and of every table with refused rows why and where they lie."""
    grid = Grid()
    grid.add_column("table", no_wrap=True)
    for heading in ("read", "stored", "unchanged", "refused", "seconds"):
        grid.add_column(heading, justify="right", no_wrap=True)
    for table in report.tables:
        counts = (table.read, table.stored, table.unchanged, table.refused)
        grid.add_row(table.table, *(f"{count:,}" for count in counts), f"{table.seconds:.1f}")
    console.print(grid)
    for table in report.tables:
        if table.refused:
            console.print(
                f"{table.table}: {table.refused:,} refused, in {table.quarantine}", markup=False, soft_wrap=True
            )
            for reason, count in table.reasons.items():
                console.print(f"  {count:>9,}  {reason}", markup=False, soft_wrap=True)
