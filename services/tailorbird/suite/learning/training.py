"""`tailorbird train` and `tailorbird evaluate`: from the snapshots that the owners keep to a model in use."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from msgspec import Struct
from msgspec.structs import asdict, replace
from pyarrow import parquet
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tailorbird.bus import AskingBus
from tailorbird.contracts.profiles import GATHER, GatherQuery
from tailorbird.contracts.recommender import CATALOGUE_OBJECT
from tailorbird.contracts.wire import Fault
from tailorbird.recommender.evaluating.report import Report, evaluate
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.registry.artifact import write_artifact
from tailorbird.recommender.registry.store import Registry, difference_of
from tailorbird.recommender.training.train import train
from tailorbird.recommender.training.validating import METRIC, Validation, blend_settings, tune_settings
from tailorbird.suite.learning.comparing import Compared, compared_with, recorded, shown
from tailorbird.suite.learning.counted import counted
from tailorbird.suite.learning.splits import best_so_far

__all__ = ["Trained", "evaluate_command", "read_segments", "read_tables", "train_command"]

INTERACTIONS_OBJECT = "interactions/interactions.parquet"
SEGMENTS_OBJECT = "interactions/segments.parquet"
SETTING = 0.6
"""Of the time that is given: settings are sought; in the rest, what to blend with them."""
_INTERACTIONS = ["person", "item_id", "at", "kind", "quantity", "order_id", "store_id"]
_TEXTS = ["person", "item_id", "kind", "order_id", "store_id"]


class Trained(Struct, frozen=True):
    """What training came to."""

    version: str
    items: int
    interactions: int
    seconds: float
    artifact: Path


async def train_command(
    bus: AskingBus,
    home: Path,
    console: Console,
    settings: TrainingSettings | None = None,
    with_evaluation: bool = False,
    minutes: float = 0.0,
) -> Trained:
    """Trains on what is loaded now and puts the model to work. Raises Fault(422) when nothing was loaded.

    minutes: settings are sought for so long on the last four weeks. From the second model on, and whenever settings
    were sought, the model is compared with those that served: Fault(409) when it may be worse, and they serve on.
    """
    began = time.perf_counter()
    interactions, items = await read_tables(bus, home)
    segments = await read_segments(bus, home)
    registry = Registry(bus)
    rivals = await compared_with(registry, (settings or TrainingSettings()).engine)
    compared: Compared | None = None
    unchecked = ""
    if minutes or rivals:
        try:
            compared = Compared(await asyncio.to_thread(Validation, interactions, items))
        except Fault as fault:
            if minutes:
                raise
            unchecked = f"not compared: {fault.sentence}"
            console.print(f"The model is {unchecked}", markup=False)
        if compared and minutes:
            settings = await asyncio.to_thread(_sought, compared, settings, minutes, console)
            with_evaluation = True
        elif compared:
            console.print("Comparing with the models that served, on the last four weeks ...")
    metrics: dict[str, float] = {}
    if with_evaluation:
        with _bars(console) as tell:
            report = await asyncio.to_thread(evaluate, interactions, items, settings, 28.0, tell)
        print_report(report, console)
        metrics = _figures(report)
    with _bars(console) as tell:
        model: Model = await asyncio.to_thread(train, interactions, items, settings, tell, segments)
    model = replace(model, metrics=metrics)
    artifact = home / "recommender" / "trained" / f"{model.version}.zip"
    await asyncio.to_thread(write_artifact, model, artifact)
    record = await asyncio.to_thread(recorded, model, artifact, interactions, compared, rivals)
    await registry.register(artifact, record)
    await registry.promote(model.version, time.time(), unchecked)
    seconds = time.perf_counter() - began
    console.print(
        f"Model {model.version} is in use: {len(model.item_ids):,} items learned from {len(interactions):,} "
        f"interactions in {seconds:.0f} s."
    )
    return Trained(model.version, len(model.item_ids), len(interactions), seconds, artifact)


def _sought(
    compared: Compared, settings: TrainingSettings | None, minutes: float, console: Console
) -> TrainingSettings:
    """The best settings found within the time, and a table of the best tried."""
    with best_so_far(console) as best:
        start = settings or TrainingSettings()
        clock, seconds = time.monotonic, minutes * 60.0
        compared.trials = tune_settings(compared.validation, start, clock, seconds * SETTING, best.tell)
        leader = max(compared.trials, key=lambda trial: trial.mean)
        compared.trials += blend_settings(compared.validation, leader, clock, seconds * (1.0 - SETTING), best.tell)
    first = compared.trials[0]
    ranked = sorted(compared.trials, key=lambda trial: -trial.mean)
    table = Table("settings", METRIC, "against the settings it began with", title_justify="left")
    for trial in ranked[:5]:
        apart = difference_of(trial.values, first.values)
        shown = f"{apart.mean:+.4f}  {apart.low:+.4f} to {apart.high:+.4f}"
        table.add_row(_changed(trial.settings, start), f"{trial.mean:.4f}", shown)
    console.print(table)
    return ranked[0].settings


def _changed(settings: TrainingSettings, start: TrainingSettings) -> str:
    """What differs from where it began."""
    before = asdict(start)
    changed = [f"{name} {shown(value)}" for name, value in asdict(settings).items() if value != before[name]]
    return ", ".join(changed) or "those it began with"


async def evaluate_command(
    bus: AskingBus, home: Path, console: Console, days: float = 28.0, alone: bool = False
) -> Report:
    """Trains without the last days, looks at them, prints the tables; with `alone` every kind of model has its row.
    Nothing is published.
    """
    interactions, items = await read_tables(bus, home)
    with _bars(console) as tell:
        report = await asyncio.to_thread(evaluate, interactions, items, None, days, tell, alone)
    print_report(report, console)
    return report


async def read_tables(bus: AskingBus, home: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(interactions, items) as the owners' snapshots hold them, customers under their pseudonyms."""
    await bus.asker.ask(GATHER, GatherQuery())
    snapshots = await bus.objects("snapshots")
    folder = home / "recommender" / "snapshots"
    interactions, items = folder / "interactions.parquet", folder / "items.parquet"
    try:
        await snapshots.fetch(CATALOGUE_OBJECT, items)
        await snapshots.fetch(INTERACTIONS_OBJECT, interactions)
    except Fault as fault:
        if fault.code != 404:
            raise
        raise Fault(
            422, "There is nothing to train on: load items and interactions first, with `tailorbird load FOLDER`."
        ) from fault
    try:
        return await asyncio.gather(
            asyncio.to_thread(_read, interactions, _INTERACTIONS, _TEXTS),
            asyncio.to_thread(_read, items, ["item_id", "kind", "title", "department", "category", "price"], []),
        )
    finally:
        # Who bought what stays with its owner; a copy is kept for as long as it is read.
        interactions.unlink(missing_ok=True)


async def read_segments(bus: AskingBus, home: Path) -> pd.DataFrame | None:
    """What each segment buys (group, item_id, customers), where the owner of segments has counted it."""
    path = home / "recommender" / "snapshots" / "segments.parquet"
    try:
        await (await bus.objects("snapshots")).fetch(SEGMENTS_OBJECT, path)
    except Fault as fault:
        if fault.code != 404:
            raise
        return None
    return await asyncio.to_thread(_read, path, ["group", "item_id", "customers"], [])


def print_report(report: Report, console: Console) -> None:
    """The tables, and in a sentence each what must hold."""
    console.print(_table("New to the customer", report.discovery))
    console.print(_table("Bought before", report.repeat))
    mean, low, high = report.gain
    verdict = "better than" if low > 0 else "not surely better than"
    console.print(f"for_you is {verdict} popularity: ndcg@10 {mean:+.4f} (95 % interval {low:+.4f} to {high:+.4f}).")
    if report.left_out:
        console.print(f"Not for data of this size: {', '.join(report.left_out)}.", markup=False)
    known = counted(report.customers, "customer")
    console.print(f"Two customers share {report.overlap:.0%} of their for_you list. {known}.")


def _figures(report: Report) -> dict[str, float]:
    mean, low, high = report.gain
    return {
        "for_you ndcg@10": float(report.discovery.loc["for_you", "ndcg@10"]),
        "buy_again ndcg@10": float(report.repeat.loc["buy_again", "ndcg@10"]),
        "gain": mean,
        "gain low": low,
        "gain high": high,
        "overlap": report.overlap,
    }


def _table(title: str, frame: pd.DataFrame) -> Table:
    shown = [name for name in frame.columns if "@" in name]
    table = Table("", *shown, title=title, title_justify="left")
    for name, row in frame.iterrows():
        cells = [f"{row[metric]:.4f}" for metric in shown]
        cells[0] += f"  {row['ndcg low']:.4f}-{row['ndcg high']:.4f}"
        table.add_row(str(name), *cells)
    return table


def _read(path: Path, columns: list[str], texts: list[str]) -> pd.DataFrame:
    present = [name for name in columns if name in parquet.read_schema(path).names]
    table = parquet.read_table(path, columns=present, read_dictionary=[name for name in texts if name in present])
    frame: pd.DataFrame = table.to_pandas()
    return frame


@contextmanager
def _bars(console: Console) -> Iterator[Callable[[str, float], None]]:
    """A bar per thing that is done, in the order in which they begin."""
    with Progress(
        SpinnerColumn(), TextColumn("{task.description:<28}"), BarColumn(), TimeElapsedColumn(), console=console
    ) as progress:
        tasks: dict[str, Any] = {}

        def tell(what: str, share: float) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=1.0)
            progress.update(tasks[what], completed=share)

        yield tell
