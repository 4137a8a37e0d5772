"""`tailorbird evaluate --tasks`: every shelf's own task on weeks that training has not seen, printed as a table."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from tailorbird.bus import AskingBus
from tailorbird.recommender.evaluating.tasks import every_task
from tailorbird.suite.training import read_tables

__all__ = ["print_tasks", "tasks_command"]


async def tasks_command(bus: AskingBus, home: Path, console: Console) -> pd.DataFrame:
    """The table, printed: four origins, four weeks each, every one with a model of its own. Nothing is published."""
    interactions, items = await read_tables(bus, home)

    def tell(what: str, share: float) -> None:
        if share == 0.0:
            console.print(f"{what} ...")

    table = await asyncio.to_thread(every_task, interactions, items, progress=tell)
    print_tasks(table, console)
    return table


def print_tasks(table: pd.DataFrame, console: Console) -> None:
    """A line per task: ours, the simple rule, and what lies between them with its 95 % interval."""
    columns = ("task", "metric", "ours", "best simple rule", "", "difference (95 %)", "ceiling", "lists")
    shown = Table(*columns, title="Four origins, four weeks each", title_justify="left")
    for task, row in table.iterrows():
        shown.add_row(
            str(task),
            row["metric"],
            f"{row['ours']:.4f}",
            row["rule"],
            f"{row['of the rule']:.4f}",
            f"{row['low']:+.4f} to {row['high']:+.4f}",
            f"{row['ceiling']:.3f}",
            f"{int(row['lists']):,}",
        )
    console.print(shown)
