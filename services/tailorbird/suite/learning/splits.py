"""`tailorbird evaluate --train A --test B`: a fixed split from two files, as a table or as JSON."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tailorbird.contracts.wire import Fault
from tailorbird.recommender.evaluating.fixedsplit import ASKING, FITTING, Figures, Outcome, evaluate_split
from tailorbird.recommender.evaluating.splitfiles import read_split
from tailorbird.suite.learning.counted import counted

__all__ = ["TellBest", "best_so_far", "evaluate_files", "print_json", "print_outcome"]


NAMES = {"plain": "plain ALS, tuned"}
STAGES = ("settings sought", "weights sought on further folds", "fits on everything", "lists for every customer")
WEIGHING = ("weights", "blended")


def evaluate_files(train: Path, test: Path, k: int, minutes: float, errors: Console) -> Outcome:
    """What was measured; progress goes to `errors`, so that output stays what was asked for."""
    if not math.isfinite(minutes) or minutes <= 0 or k <= 0:
        raise Fault(422, "--minutes and --k are numbers above 0.")
    begun = time.monotonic()
    split = read_split(train, test)
    if not split.history.shape[0]:
        raise Fault(422, f"{test} names nobody to recommend for.")
    customers, items = split.liking.shape
    errors.print(
        f"{counted(customers, 'customer')}, {counted(items, 'item')}, {counted(split.liking.nnz, 'pair')} to learn "
        f"from; {counted(split.history.shape[0], 'customer')} to foretell. Done within {minutes:g} minutes: "
        f"{', '.join(STAGES)}."
    )
    seconds = minutes * 60.0
    with best_so_far(errors) as bar:
        stages = Stages(bar, errors, lambda: time.monotonic() - begun, seconds)
        return evaluate_split(split, k, seconds - (time.monotonic() - begun), time.monotonic, stages.tell)


class Stages:
    """Says beside the bar what is done, when each stage ended, and about how much time is left."""

    def __init__(self, bar: TellBest, console: Console, spent: Callable[[], float], seconds: float) -> None:
        self._bar = bar
        self._console = console
        self._spent = spent
        self._seconds = seconds
        self._stage = 0

    def tell(self, what: str, share: float, best: float) -> None:
        """As tuning tells."""
        stage = 2 if what == FITTING else 3 if what == ASKING else 1 if what in WEIGHING or "fold" in what else 0
        spent = self._spent()
        if stage > self._stage:
            done, following = STAGES[self._stage : stage], STAGES[stage:]
            self._console.print(f"{spent / 60.0:5.1f} min: {', '.join(done)} done; to come: {', '.join(following)}.")
            self._stage = stage
        left = max(0.0, self._seconds - spent) / 60.0
        self._bar.tell(f"{what}, at most {left:.0f} min left", share, best)


def print_outcome(outcome: Outcome, console: Console) -> None:
    """The blend, plain ALS and each part of the blend, a row each; and how far the first two lie apart."""
    k = outcome.k
    table = Table("", f"recall@{k}", f"ndcg@{k}", f"hit rate@{k}", "coverage", "novelty", title_justify="left")
    beside = {model.name: outcome.alone[model.name] for model in outcome.beside}
    for name, figures in ({"tailorbird": outcome.blend} | beside | outcome.alone).items():
        table.add_row(NAMES.get(name, name), *_cells(figures))
    console.print(table)
    for model in outcome.beside:
        console.print(f"Above {NAMES.get(model.name, model.name)}: {_above(outcome.blend, beside[model.name], k)}.")
    held_back = Table(
        "alone, on what was held back", f"recall@{k}", f"ndcg@{k}", "settings tried", title_justify="left"
    )
    for one in outcome.tried:
        name = NAMES.get(one.model.name, one.model.name)
        held_back.add_row(name, f"{one.recall:.4f}", f"{one.ndcg:.4f}", str(one.trials))
    console.print(held_back)
    console.print(
        f"{counted(outcome.customers, 'customer')}; {outcome.trials} settings tried on a part of the training file, "
        f"where the blend reached recall {outcome.validation['recall']:.4f} and ndcg {outcome.validation['ndcg']:.4f}; "
        f"{outcome.seconds:.0f} s in all."
    )
    for part in outcome.recipe.ingredients:
        alone = "" if part.model.serves else " (for evaluations alone)"
        console.print(f"  {part.model} x {part.weight:.4g}, fading {part.fading:g}{alone}", markup=False)
    for model in outcome.beside:
        console.print(f"  beside: {model}", markup=False)


def print_json(outcome: Outcome) -> None:
    """One line of JSON on standard output: the blend's figures first."""
    figures = {**msgspec.to_builtins(outcome.blend), **msgspec.to_builtins(outcome)}
    figures.pop("blend")
    sys.stdout.write(msgspec.json.encode(figures).decode() + "\n")


class TellBest:
    """Shows what is tried and the best value so far, as a bar on a terminal and as few lines in a log."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("looking at the data", total=1.0, best="")
        self._best = 0.0

    def tell(self, what: str, share: float, best: float) -> None:
        """The share is that of the current stage."""
        self._best = max(self._best, best)
        shown = f"best so far {self._best:.4f}" if self._best else ""
        self._progress.update(self._task, description=what, completed=share, best=shown)

    def __enter__(self) -> Self:
        self._progress.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._progress.__exit__(None, None, None)


def best_so_far(console: Console) -> TellBest:
    """A bar with the best so far beside it."""
    return TellBest(
        Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<26}"),
            BarColumn(),
            TextColumn("{task.fields[best]}"),
            TimeElapsedColumn(),
            console=console,
        )
    )


def _above(ours: Figures, theirs: Figures, k: int) -> str:
    """By how much of itself each metric is higher."""
    gains = [
        (f"{name}@{k}", getattr(ours, name) / max(getattr(theirs, name), 1e-9) - 1.0) for name in ("recall", "ndcg")
    ]
    return ", ".join(f"{name} {gain:+.1%}" for name, gain in gains)


def _cells(figures: Figures) -> list[str]:
    cells = []
    for name in ("recall", "ndcg", "hit_rate"):
        low, high = figures.intervals[name]
        cells.append(f"{getattr(figures, name):.4f}  {low:.4f}-{high:.4f}")
    return [*cells, f"{figures.coverage:.1%}", f"{figures.novelty:.2f}"]
