"""Who learns tastes: implicit, Spark, or the exact answer to what Spark asks; what is said where Spark is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tailorbird.contracts.wire import Fault
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.registry.artifact import read_artifact, write_artifact
from tailorbird.recommender.training.onspark import find_java, spark_session
from tailorbird.recommender.training.train import train
from tests.unit.recommender.smallshop import COOK, SETTINGS, ids, interactions, item_table, query, ranker, shelves

EXACT = msgspec.structs.replace(SETTINGS, engine="exact", regularization=0.02)


def test_a_model_whose_regularization_counts_serves_like_any_other(tmp_path: Path) -> None:
    model = train(interactions(), item_table(), EXACT)
    assert train(interactions(), item_table(), EXACT).version == model.version
    read = read_artifact(write_artifact(model, tmp_path / "model.zip"))
    listed = ids(shelves(ranker(read), query(("for_you", 8), customer=COOK))[0])
    assert sum(item.startswith("cook") for item in listed) > 4


def test_each_engine_has_good_values_of_its_own() -> None:
    assert TrainingSettings.of("implicit") == TrainingSettings()
    assert TrainingSettings.of("spark").regularizations(np.array([1, 100])) == pytest.approx([0.003, 0.3])
    assert TrainingSettings().regularizations(np.array([1, 100])) == pytest.approx([20.0, 20.0])


def test_without_the_library_training_on_spark_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pyspark", "pyspark.errors", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Fault, match=r"pip install 'tailorbird\[spark\]'"), spark_session():
        pass


def test_without_java_training_on_spark_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="none was found: install Java 17"):
        find_java({"PATH": str(tmp_path)})
    with pytest.raises(Fault, match="none was found"):
        find_java({"JAVA_HOME": str(tmp_path), "PATH": "/usr/bin"})


@pytest.mark.parametrize(("said", "found"), [("1.8.0_402", "Java 8"), ("11.0.22", "Java 11"), ("", "no Java")])
def test_a_java_that_is_too_old_is_named(tmp_path: Path, said: str, found: str) -> None:
    _java(tmp_path, said)
    with pytest.raises(Fault, match=f"is {found}: install Java 17"):
        find_java({"PATH": f"{tmp_path}:/usr/bin:/bin"})


def test_java_is_found_on_the_path_and_by_its_home(tmp_path: Path) -> None:
    java = _java(tmp_path / "bin", "21.0.4")
    assert find_java({"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}) == str(java)
    assert find_java({"PATH": "/usr/bin:/bin", "JAVA_HOME": str(tmp_path)}) == str(java)


def _java(folder: Path, version: str) -> Path:
    folder.mkdir(exist_ok=True)
    java = folder / "java"
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026-10-20' >&2\n", encoding="utf-8")
    java.chmod(0o755)
    return java
