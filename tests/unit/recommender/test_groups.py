"""What one store's customers, or one segment, buy more than others do trends there more than elsewhere."""

from __future__ import annotations

import functools
import hashlib
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

from tailorbird.contracts.words import CustomerFacts
from tailorbird.recommender.models.groups import Groups
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.models.standingout import ASSUMED, MOST, fit_groups, store_counts
from tailorbird.recommender.registry.artifact import read_artifact, write_artifact
from tailorbird.recommender.training.train import train
from tests.unit.recommender.smallshop import DAY, NOW, SETTINGS, ids, interactions, item_table, query, ranker, shelves


def _with_stores() -> pd.DataFrame:
    """Cooks buy in the south, snackers in the north."""
    frame = interactions()
    south = frame["item_id"].str.startswith("cook")
    return frame.assign(store_id=np.where(south, "south", "north"))


@functools.cache
def model() -> Model:
    bought = {"cook-19": 30.0, "snack-19": 1.0}
    segments = pd.DataFrame(
        [("segment gourmets", item, count) for item, count in bought.items()]
        + [("segment others", item, 30.0) for item in ("cook-0", "snack-0", "snack-19")],
        columns=["group", "item_id", "customers"],
    )
    return train(_with_stores(), item_table(), SETTINGS, segments=segments)


def test_each_customer_counts_once_in_a_store_by_their_latest_purchase() -> None:
    rows = [("p1", "a", NOW - 10 * DAY, "s"), ("p1", "a", NOW, "s"), ("p2", "a", NOW - 30 * DAY, "s"),
            ("p2", "a", NOW - 30 * DAY, "t"), ("p3", "b", NOW, ""), ("p3", "b", NOW - 900 * DAY, "t")]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["person", "item_id", "at", "store_id"])
    frame = frame.assign(kind="purchase", quantity=1.0)
    frame.loc[4, "store_id"] = None
    found = store_counts(frame, 30.0)
    counts = {(str(row.group), str(row.item_id)): row.customers for row in found.itertuples()}
    assert counts == {("store s", "a"): pytest.approx(1.5), ("store t", "a"): pytest.approx(0.5)}
    # What was bought up to some week is a part of a longer table, whose rows keep their labels there.
    later = frame.assign(at=NOW + 90 * DAY, store_id="u")
    part = pd.concat([later, frame], ignore_index=True).iloc[len(later) :]
    pd.testing.assert_frame_equal(store_counts(part, 30.0), found)


def test_an_item_is_raised_by_how_much_more_it_is_bought_than_by_all() -> None:
    rows = [("store s", "a", 20.0), ("store s", "b", 20.0), ("store t", "b", 40.0), ("store t", "c", 2.0)]
    found = fit_groups([pd.DataFrame(rows, columns=["group", "item_id", "customers"])], ["a", "b", "d"])
    assert found.names == ["store s", "store t"]
    items, lift = found.of("store s")
    assert items.tolist() == [0]
    # Of 80 that are learned from, 40 are of the store: 10 of the 20 who bought a were to be expected.
    assert lift[0] == pytest.approx((20.0 + ASSUMED) / (10.0 + ASSUMED))
    assert lift[0] < MOST
    assert len(found.of("store elsewhere")[0]) == 0


def test_a_store_has_its_own_trend_and_says_so() -> None:
    serving = ranker(model())
    south = shelves(serving, query(("trending", 6), store_id="south"))[0]
    north = shelves(serving, query(("trending", 6), store_id="north"))[0]
    assert sum(item.startswith("cook") for item in ids(south)) > sum(item.startswith("cook") for item in ids(north))
    assert "Bought more in your store than elsewhere" in {reason for item in south.items for reason in item.reasons}


def test_a_segment_has_its_own_trend() -> None:
    serving = ranker(model())
    gourmet = msgspec.Raw(msgspec.json.encode(CustomerFacts(segments=("gourmets", "unheard of"))))
    theirs = ids(shelves(serving, query(("trending", 40), customer=gourmet))[0])
    everybodys = ids(shelves(serving, query(("trending", 40)))[0])
    assert theirs.index("cook-19") < everybodys.index("cook-19")
    assert set(theirs) == set(everybodys)


def test_an_artifact_holds_the_groups(tmp_path: Path) -> None:
    loaded = read_artifact(write_artifact(model(), tmp_path / "model.zip")).groups
    assert loaded.names == ["segment gourmets", "segment others", "store north", "store south"]
    for name in loaded.names:
        for mine, theirs in zip(loaded.of(name), model().groups.of(name), strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_an_artifact_from_before_groups_is_read(tmp_path: Path) -> None:
    of = train(interactions(), item_table(), SETTINGS)
    write_artifact(of, tmp_path / "new.zip")
    with zipfile.ZipFile(tmp_path / "new.zip") as file:
        members = {name: file.read(name) for name in file.namelist() if not name.startswith("group")}
    manifest = msgspec.json.decode(members["manifest.json"])
    digests = {name: digest for name, digest in manifest["sha256"].items() if not name.startswith("group")}
    members["manifest.json"] = msgspec.json.encode(manifest | {"format": 2, "sha256": digests})
    old = tmp_path / "old.zip"
    with zipfile.ZipFile(old, "w", zipfile.ZIP_STORED) as file:
        for name, content in members.items():
            file.writestr(name, content)
        file.comment = b"0" * 64
    content = old.read_bytes()[:-64]
    old.write_bytes(content + hashlib.sha256(content).hexdigest().encode())
    assert read_artifact(old).groups.names == []
    np.testing.assert_array_equal(read_artifact(old).factors, of.factors)


def test_without_stores_there_is_one_trend_for_all() -> None:
    assert train(interactions(), item_table(), SETTINGS).groups.names == Groups.none().names == []
