"""The commands that make models and judge them: train, evaluate, models."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.console import Console

from tailorbird.host.settings import read_suite_settings
from tailorbird.suite.roster import SERVICES

if TYPE_CHECKING:
    from tailorbird.bus import AskingBus
    from tailorbird.recommender.models.settings import Engine

__all__ = ["evaluate", "models", "train"]

_FILE = click.Path(path_type=Path)
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


@click.command()
@click.argument("what", type=click.Choice(["model", "segments"]), default="model")
@click.option("--evaluate", "with_evaluation", is_flag=True, help="First train without the last four weeks and look.")
@click.option("--minutes", default=0.0, help="Seek better settings for so long first, on the last four weeks.")
@click.option(
    "--engine",
    type=click.Choice(["implicit", "exact", "spark"]),
    default="implicit",
    show_default=True,
    help="Who learns tastes: implicit, Spark's ALS (extra `spark`, Java 17), or exactly what that looks for.",
)
@click.option("--spark-master", default="", help="With --engine spark: spark://HOST:7077; else this machine's cores.")
def train(what: str, with_evaluation: bool, minutes: float, engine: Engine, spark_master: str) -> None:
    """Train a model from what was loaded and put it to work, unless it may be worse than those that served.

    `train segments` finds segments among the customers instead: K-means and a self-organizing map.
    """
    from tailorbird.recommender.models.settings import TrainingSettings
    from tailorbird.recommender.training.onspark import spark_session
    from tailorbird.suite.learning.training import train_command
    from tailorbird.suite.running import connect_to_running

    if spark_master and engine != "spark":
        raise click.UsageError("--spark-master goes with --engine spark.")

    async def run() -> None:
        settings = read_suite_settings(os.environ, SERVICES)
        async with connect_to_running(os.environ, "train") as bus:
            if what == "segments":
                from tailorbird.suite.learning.segmenting import train_segments

                await train_segments(bus, settings.home, console)
                return
            with spark_session(spark_master) if engine == "spark" else nullcontext():
                await train_command(
                    bus, settings.home, console, TrainingSettings.of(engine), with_evaluation, minutes
                )

    asyncio.run(run())


@click.command()
@click.option("--days", default=28.0, show_default=True, help="Length of the test period at the end of the data.")
@click.option("--train", "train_file", type=_FILE, help="Instead: a file of customer, item[, time, weight],")
@click.option("--test", "test_file", type=_FILE, help="and one of what came true.")
@click.option("--k", default=20, show_default=True, help="Length of the lists (with --train and --test).")
@click.option("--minutes", default=17.0, show_default=True, help="Time for all of it (with --train and --test).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (with --train and --test).")
@click.option("--tasks", is_flag=True, help="Instead: every shelf's own task at four origins, beside a simple rule.")
@click.option("--models", "alone", is_flag=True, help="With a row for every kind of model alone (some minutes).")
def evaluate(
    *, days: float, train_file: Path | None, test_file: Path | None, k: int, minutes: float, as_json: bool, tasks: bool,
    alone: bool,
) -> None:
    """Train without the last days, predict them, and print the model beside the simple rules. Nothing is published.

    With --train and --test: tune, train and predict on a fixed split from two files; needs no running suite.
    """
    if train_file is not None or test_file is not None:
        from tailorbird.suite.learning.splits import evaluate_files, print_json, print_outcome

        if train_file is None or test_file is None:
            raise click.UsageError("--train and --test go together.")
        outcome = evaluate_files(train_file, test_file, k, minutes, errors)
        print_json(outcome) if as_json else print_outcome(outcome, console)
        return

    from tailorbird.suite.learning.tasks import tasks_command
    from tailorbird.suite.learning.training import evaluate_command
    from tailorbird.suite.running import connect_to_running

    async def run() -> None:
        settings = read_suite_settings(os.environ, SERVICES)
        async with connect_to_running(os.environ, "evaluate") as bus:
            if tasks:
                await tasks_command(bus, settings.home, console)
            else:
                await evaluate_command(bus, settings.home, console, days, alone)

    asyncio.run(run())


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List the models that were trained; compare, promote, roll back."""
    from tailorbird.suite.learning.registered import list_models

    if context.invoked_subcommand is None:
        _with_bus("models", lambda bus: list_models(bus, console))


@models.command()
@click.argument("first")
@click.argument("second")
def compare(first: str, second: str) -> None:
    """Two models side by side, and their difference on the same validation."""
    from tailorbird.suite.learning.registered import compare_models

    _with_bus("models", lambda bus: compare_models(bus, console, first, second))


@models.command()
@click.argument("version")
@click.option("--force", metavar="REASON", help="Promote although it may be worse; the reason is kept.")
def promote(version: str, force: str | None) -> None:
    """Put a model to work, unless it may be worse than the best of the last five."""
    from tailorbird.suite.learning.registered import promote_model

    _with_bus("models", lambda bus: promote_model(bus, console, version, force))


@models.command("rollback")
def roll_back() -> None:
    """Put the model that served before to work again."""
    from tailorbird.suite.learning.registered import roll_back_model

    _with_bus("models", lambda bus: roll_back_model(bus, console))


def _with_bus(name: str, work: Callable[[AskingBus], Coroutine[Any, Any, None]]) -> None:
    from tailorbird.suite.running import connect_to_running

    async def run() -> None:
        async with connect_to_running(os.environ, name) as bus:
            await work(bus)

    asyncio.run(run())
