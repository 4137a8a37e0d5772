"""What came of a load, table by table: read = stored + unchanged + refused."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from rich.table import Table as Grid

__all__ = ["LoadReport", "TableReport", "as_grid"]


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
    """The counts of every table that was loaded, in the order of loading."""

    tables: tuple[TableReport, ...]


def as_grid(report: LoadReport) -> Grid:
    """The report for a terminal, with each reason for which rows were refused."""
    grid = Grid(title="Loaded", title_justify="left")
    grid.add_column("table")
    for heading in ("read", "stored", "unchanged", "refused", "seconds"):
        grid.add_column(heading, justify="right")
    grid.add_column("why refused")
    for table in report.tables:
        why = "\n".join(f"{count:,}  {reason}" for reason, count in table.reasons.items())
        counts = (table.read, table.stored, table.unchanged, table.refused)
        grid.add_row(table.table, *(f"{count:,}" for count in counts), f"{table.seconds:.1f}", why)
    return grid
