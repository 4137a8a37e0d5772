"""An artifact gives back the very model, and is refused when a byte of it is not what was written."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tailorbird.contracts.wire import Fault
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.registry.artifact import read_artifact, write_artifact
from tests.unit.recommender.smallshop import COOK, model, query, ranker


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    return write_artifact(model(), tmp_path / "model.zip")


def test_saving_and_loading_changes_nothing(artifact: Path) -> None:
    loaded = read_artifact(artifact)
    assert loaded.version == model().version
    np.testing.assert_array_equal(loaded.factors, model().factors)
    asked = query(("for_you", 5), ("complements", 5), customer=COOK)
    assert ranker(loaded).rank([asked]) == ranker().rank([asked])


def test_the_same_model_is_the_same_bytes(artifact: Path, tmp_path: Path) -> None:
    assert write_artifact(model(), tmp_path / "again.zip").read_bytes() == artifact.read_bytes()


def test_a_model_of_nothing_can_be_kept_too(tmp_path: Path) -> None:
    assert read_artifact(write_artifact(Model.empty(), tmp_path / "empty.zip")).item_ids == []


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_flipped_byte_is_refused(artifact: Path, share: float) -> None:
    content = bytearray(artifact.read_bytes())
    content[int(len(content) * share)] ^= 0x01
    artifact.write_bytes(bytes(content))
    with pytest.raises(Fault) as refused:
        read_artifact(artifact)
    assert refused.value.code == 422


def test_a_file_cut_short_is_refused(artifact: Path) -> None:
    artifact.write_bytes(artifact.read_bytes()[:-200])
    with pytest.raises(Fault, match="cannot be read"):
        read_artifact(artifact)


def test_a_member_put_in_another_ones_place_is_refused(artifact: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(artifact) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read("trend.npy" if name == "reach.npy" else name))
    shutil.move(changed, artifact)
    with pytest.raises(Fault, match="was changed"):
        read_artifact(artifact)


def test_nothing_of_a_customer_is_in_the_file(artifact: Path) -> None:
    with zipfile.ZipFile(artifact) as file:
        arrays = [name for name in file.namelist() if name.endswith(".npy")]
        lengths = {len(np.load(file.open(name), allow_pickle=False)) for name in arrays}
    assert 90 not in lengths
    assert b"p17" not in artifact.read_bytes()
