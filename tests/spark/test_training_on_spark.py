"""Tastes learned by Spark's ALS on a local session: the same kind of model, kept, compared and served as any other."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import msgspec
import numpy as np
import pytest
from rich.console import Console
from scipy import sparse

from tailorbird.bus.connect import NatsBus
from tailorbird.recommender.models.counted import fit_counted
from tailorbird.recommender.registry.artifact import read_artifact, write_artifact
from tailorbird.recommender.registry.store import Registry
from tailorbird.recommender.training.onspark import fit_on_spark, spark_session
from tailorbird.recommender.training.train import train
from tailorbird.recommender.vectors.foldin import CountedFoldIn
from tailorbird.suite.learning.training import train_command
from tests.integration.test_models_of_a_shop import bus
from tests.unit.recommender.smallshop import COOK, SETTINGS, ids, interactions, item_table, query, ranker, shelves

__all__ = ["bus"]

ON_SPARK = msgspec.structs.replace(SETTINGS, engine="spark", regularization=0.02)


@pytest.fixture(scope="module", autouse=True)
def session() -> Iterator[object]:
    """One for all tests: a Java machine takes seconds to start."""
    with spark_session("local[2]") as opened:
        yield opened


def test_a_model_of_spark_serves_from_an_artifact_like_any_other(tmp_path: Path) -> None:
    model = train(interactions(), item_table(), ON_SPARK)
    artifact = write_artifact(model, tmp_path / "model.zip")
    read = read_artifact(artifact)
    assert read.version == model.version
    assert read.settings.engine == "spark"
    assert len(read.companions.item) > 0
    listed = ids(shelves(ranker(read), query(("for_you", 8), customer=COOK))[0])
    assert len(listed) == 8
    assert sum(item.startswith("cook") for item in listed) > 4
    ordinary = write_artifact(train(interactions(), item_table(), SETTINGS), tmp_path / "ordinary.zip")
    with zipfile.ZipFile(artifact) as ours, zipfile.ZipFile(ordinary) as other:
        assert ours.namelist() == other.namelist()


def test_training_twice_on_spark_is_training_once() -> None:
    first, second = (train(interactions(), item_table(), ON_SPARK) for _ in range(2))
    assert first.version == second.version


def test_folding_in_gives_the_vectors_that_spark_itself_has_for_its_customers() -> None:
    from pyspark.ml.recommendation import ALS
    from pyspark.sql import SparkSession

    from tailorbird.recommender.training.onspark import table_of

    matrix = _confidences()
    settings = msgspec.structs.replace(ON_SPARK, iterations=4)
    factors, customers = fit_on_spark(matrix, settings, lambda _: None)
    spark = SparkSession.builder.getOrCreate()
    found = ALS(
        rank=settings.factors, maxIter=4, regParam=settings.regularization, implicitPrefs=True, alpha=1.0,
        userCol="customer", itemCol="item", ratingCol="rating", seed=settings.seed,
    ).fit(spark.createDataFrame(table_of(matrix))).userFactors.toArrow().to_pylist()  # fmt: skip
    theirs = {row["id"]: np.array(row["features"], np.float32) for row in found}
    folded = CountedFoldIn(factors, settings.regularization)
    for number in range(matrix.shape[0]):
        row = matrix[number]
        mine = folded.vector(row.indices.astype(np.int32), row.data)
        np.testing.assert_allclose(mine, theirs[number], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(customers[number], theirs[number], rtol=1e-3, atol=1e-4)


def test_what_is_found_without_spark_is_as_good_by_sparks_own_measure() -> None:
    matrix = _confidences()
    settings = msgspec.structs.replace(ON_SPARK, iterations=15)
    losses = [
        _loss(matrix, *fit(matrix, settings, lambda _: None), settings.regularization)
        for fit in (fit_on_spark, fit_counted)
    ]
    assert losses[1] == pytest.approx(losses[0], rel=0.02)


@pytest.mark.anyio
async def test_a_model_of_spark_is_compared_promoted_and_followed_without_spark(bus: NatsBus, tmp_path: Path) -> None:
    said = StringIO()
    console = Console(file=said, width=200, highlight=False)
    first = await train_command(bus, tmp_path, console, ON_SPARK)
    assert await Registry(bus).active() == first.version
    # On another machine: Spark's model is compared by what is found here for the same measure.
    exact = msgspec.structs.replace(ON_SPARK, engine="exact")
    second = await train_command(bus, tmp_path, console, exact)
    record = await Registry(bus).record(second.version)
    assert set(record.against) == {first.version}
    assert await Registry(bus).active() == second.version


def _confidences() -> sparse.csr_matrix:
    generator = np.random.default_rng(3)
    dense = generator.uniform(1.1, 4, (90, 60)) * (generator.random((90, 60)) < 0.15)
    dense[:, 0] = 1.5
    return sparse.csr_matrix(dense.astype(np.float32))


def _loss(matrix: sparse.csr_matrix, factors: np.ndarray, customers: np.ndarray, regularization: float) -> float:
    """As `models/counted.py` says what Spark makes least."""
    dense = matrix.toarray()
    had = dense > 0
    apart = (had - customers @ factors.T) ** 2 * np.where(had, dense, 1.0)
    held = (had.sum(1) * (customers**2).sum(1)).sum() + (had.sum(0) * (factors**2).sum(1)).sum()
    return float(apart.sum() + regularization * held)
