"""A model is promoted when it is not worse than the best of the last five, on the same validation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tailorbird.contracts.wire import Fault
from tailorbird.recommender.catalogue import promotionstore
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.registry import artifact
from tailorbird.recommender.registry import store as registry
from tailorbird.recommender.registry.promoting import (
    Difference,
    Promotion,
    Registered,
    last_promoted,
    objection,
    previous,
)
from tailorbird.recommender.registry.store import code_version, data_fingerprint, difference_of
from tailorbird.recommender.training.validating import Validation, tune_settings
from tests.unit.recommender.smallshop import SETTINGS, interactions, item_table


def _record(version: str) -> Registered:
    return Registered(
        version=version, object=f"artifacts/{version}.zip", trained_at=1.0, until=1, data="d", interactions=1, items=1,
        settings=TrainingSettings(), code="1", metric="ndcg@10",
    )  # fmt: skip


def _served(*versions: str) -> list[Promotion]:
    return [Promotion(version, float(at)) for at, version in enumerate(versions)]


def test_the_first_model_has_nobody_to_be_compared_with() -> None:
    assert objection(_record("a"), [], {}) is None
    assert objection(_record("a"), ["a"], {}) is None


def test_a_model_that_is_as_good_is_promoted_and_one_that_may_be_worse_is_not() -> None:
    as_good, unsure = Difference(0.0, -0.004, 0.004, 0.1), Difference(0.001, -0.006, 0.008, 0.1)
    assert objection(_record("b"), ["a"], {"a": as_good}) is None
    assert "may be worse than a" in (objection(_record("b"), ["a"], {"a": unsure}) or "")


def test_the_best_of_the_last_is_the_measure_not_the_one_in_use() -> None:
    against = {"use": Difference(0.01, 0.005, 0.015, 0.08), "best": Difference(-0.01, -0.012, -0.008, 0.1)}
    assert "may be worse than best" in (objection(_record("b"), ["use", "best"], against) or "")


def test_a_rival_that_was_not_compared_stands_in_the_way() -> None:
    assert "not compared with z" in (objection(_record("b"), ["z"], {}) or "")


def test_only_the_last_five_that_served_count_each_once() -> None:
    assert last_promoted(_served("a", "b", "c", "b", "d", "e", "f", "g")) == ["g", "f", "e", "d", "b"]


def test_rolling_back_twice_goes_back_two() -> None:
    served = _served("a", "b", "c")
    assert previous(served) == "b"
    served.append(Promotion("b", 9.0, rolled_back=True))
    assert previous(served) == "a"
    served.append(Promotion("a", 10.0, rolled_back=True))
    assert previous(served) is None
    served.append(Promotion("d", 11.0))
    assert previous(served) == "a"


def test_a_difference_is_paired() -> None:
    found = difference_of([0.3, 0.5, 0.1], [0.2, 0.4, 0.0])
    assert (found.mean, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))
    assert found.of == pytest.approx(0.2)


def test_the_same_rows_in_any_order_have_one_fingerprint() -> None:
    frame = interactions()
    assert data_fingerprint(frame) == data_fingerprint(frame.sample(frac=1.0, random_state=1))
    assert data_fingerprint(frame) != data_fingerprint(frame.iloc[1:])
    assert code_version() == code_version()


def test_settings_are_sought_within_the_time_and_the_start_is_among_them() -> None:
    validation = Validation(interactions(), item_table(), days=90.0)
    ticks = iter(range(1_000))
    told: list[float] = []
    trials = tune_settings(validation, SETTINGS, lambda: float(next(ticks)), 8.0, lambda _, __, best: told.append(best))
    assert trials[0].settings == SETTINGS
    assert len(trials) > 2
    assert told == sorted(told)
    assert validation.fingerprint == Validation(interactions(), item_table(), days=90.0).fingerprint
    assert len({len(trial.values) for trial in trials}) == 1
    assert all(np.isfinite(trial.mean) for trial in trials)


def test_data_that_is_too_short_to_validate_on_is_told() -> None:
    frame: pd.DataFrame = interactions()
    with pytest.raises(Fault, match="reaches back no further"):
        Validation(frame, item_table(), days=3_000.0)


def test_what_is_kept_in_one_bucket_has_names_of_its_own() -> None:
    # The week's promotions in stores and a model's promotion are two things in the bucket `models`.
    assert len({artifact.ACTIVE, promotionstore.PROMOTIONS, registry.PROMOTIONS}) == 3
