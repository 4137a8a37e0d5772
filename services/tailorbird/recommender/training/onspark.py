"""Item factors learned by Spark's ALS: on a cluster, or on this machine's cores. Everything else is learned as ever.

    with spark_session("spark://host:7077"):       # or nothing: this machine
        train(interactions, items, TrainingSettings.of("spark"))

What goes to Spark are numbers: which customer's number bought which item's number, and how sure that is. What comes
back are the items' factors; customers' stay there and end with the session.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from scipy import sparse

from tailorbird.contracts.wire import Fault
from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.models.als import liking_of
from tailorbird.recommender.models.counted import folded_in
from tailorbird.recommender.models.settings import TrainingSettings

__all__ = ["find_java", "fit_on_spark", "spark_session", "table_of"]

Session: TypeAlias = Any
JAVA = 17
HERE = "local[*]"
QUIET = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}
"""No page that tells everybody on the network what is computed, and a terminal that keeps our own progress bars."""
LOOPBACK = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
"""On one machine nobody else has to reach the driver."""


@contextmanager
def spark_session(master: str = "") -> Iterator[Session]:
    """The session in which `fit_on_spark` computes, ended with the block. Raises Fault(422) without Spark or Java."""
    session = _opened(master)
    try:
        yield session
    finally:
        session.stop()


def fit_on_spark(
    matrix: sparse.csr_matrix, settings: TrainingSettings, step: Callable[[int], None]
) -> tuple[Floats, Floats]:
    """(item factors, customer factors). In the session that is open; without one, on this machine.

    Spark tells nothing between two iterations: `step` is called at the end.
    """
    session = _opened()
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.ml.recommendation import ALS

    solver = ALS(
        rank=settings.factors,
        maxIter=settings.iterations,
        regParam=settings.regularization,
        implicitPrefs=True,
        alpha=1.0,
        userCol="customer",
        itemCol="item",
        ratingCol="rating",
        seed=settings.seed,
    )
    try:
        found = solver.fit(session.createDataFrame(table_of(matrix))).itemFactors.toArrow()
    except (Py4JError, PySparkException) as error:
        reason = str(error).strip().splitlines()[0]
        raise Fault(503, f"Spark could not finish: {reason}") from error
    factors = np.zeros((matrix.shape[1], settings.factors), np.float32)
    features = found["features"].combine_chunks().flatten().to_numpy()
    factors[found["id"].to_numpy()] = features.reshape(-1, settings.factors)
    step(settings.iterations)
    # Spark ends with the customers, so folding in gives the very vectors that stay there.
    return factors, folded_in(liking_of(matrix), factors, settings)


def table_of(confidences: sparse.csr_matrix) -> pa.Table:
    """What Spark is given: customer and item as numbers, and a rating above 0 that says how sure the liking is."""
    ratings = liking_of(confidences)
    customers = np.repeat(np.arange(ratings.shape[0], dtype=np.int32), np.diff(ratings.indptr))
    return pa.table({"customer": customers, "item": ratings.indices.astype(np.int32), "rating": ratings.data})


def _opened(master: str = "") -> Session:
    """The session there is, or a new one."""
    try:
        with warnings.catch_warnings():
            # It says of every new pandas that it does not know it yet; no frame of pandas goes to Spark.
            warnings.simplefilter("ignore", FutureWarning)
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise Fault(
            422,
            f"Training on Spark needs the library '{error.name}'; install the extra: pip install 'tailorbird[spark]'.",
        ) from error
    find_java(os.environ)
    where = master or HERE
    builder: Any = SparkSession.builder.appName("tailorbird train").master(where)
    for key, value in (QUIET | LOOPBACK if where.startswith("local") else QUIET).items():
        builder = builder.config(key, value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise Fault(503, f"Spark did not start at {where}: {str(error).strip().splitlines()[0]}") from error


def find_java(environment: Mapping[str, str]) -> str:
    """The path of a Java that Spark runs on. Raises Fault(422): Spark itself would say so in a page of traces."""
    home = environment.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home, "bin")) if home else environment.get("PATH", ""))
    how = (
        f"install Java {JAVA} (Debian, Ubuntu: apt-get install openjdk-17-jre-headless), "
        "or let JAVA_HOME name the folder where it is."
    )
    if java is None:
        raise Fault(422, f"Training on Spark needs Java {JAVA} or later, and none was found: {how}")
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', told)
    if version is None or int(version[1]) < JAVA:
        found = f"Java {version[1]}" if version else "no Java"
        raise Fault(422, f"Training on Spark needs Java {JAVA} or later, and {java} is {found}: {how}")
    return java
