"""Training as `tailorbird train` does it, against nothing but implicit's fit of the same matrix and settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from implicit.cpu.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from tailorbird.recommender.models.als import confidences
from tailorbird.recommender.models.interactions import Interactions
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.training.train import train, trainable
from tailorbird.suite.bench.table import Figure, median
from tailorbird.suite.demo.frames import frames

__all__ = ["measure_training"]

AT_MOST = 1.2


def measure_training(home: Path, rounds: int) -> list[Figure]:
    """Training over the bare fit in wall time and in CPU time; the two alternate."""
    interactions, items = frames(home / "demo")
    settings = TrainingSettings()
    table = Interactions.of(interactions, trainable(items))
    matrix = confidences(table, table.pairs(), settings)

    def bare() -> None:
        with threadpool_limits(1, "blas"):
            AlternatingLeastSquares(
                factors=settings.factors,
                regularization=settings.regularization,
                iterations=settings.iterations,
                random_state=settings.seed,
                num_threads=settings.threads,
            ).fit(matrix, show_progress=False)

    fits: list[tuple[float, float]] = []
    trainings: list[tuple[float, float]] = []
    for _ in range(rounds):
        fits.append(_taken(bare))
        trainings.append(_taken(lambda: train(interactions, items)))
    wall = median([one[0] / other[0] for one, other in zip(trainings, fits, strict=True)])
    processor = median([one[1] / other[1] for one, other in zip(trainings, fits, strict=True)])
    ours, bares = median([one[0] for one in trainings]), median([one[0] for one in fits])
    name = "training / bare implicit fit"
    return [
        Figure(
            name=f"{name}, wall time", measured=wall, unit="times", at_most=AT_MOST,
            detail=f"training {ours:.1f} s, bare fit {bares:.1f} s",
        ),
        Figure(name=f"{name}, CPU time", measured=processor, unit="times", at_most=AT_MOST),
    ]


def _taken(work: Callable[[], object]) -> tuple[float, float]:
    """(wall, CPU) seconds."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor
