"""What is blended with tastes serves as it was tuned: more dimensions to search, and a second look by own history."""

from __future__ import annotations

import functools
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace
from scipy import sparse

from tailorbird.contracts.wire import Fault
from tailorbird.recommender.models.blend import Ingredient, Recipe
from tailorbird.recommender.models.kinds.encoded import Encoded
from tailorbird.recommender.models.kinds.neighbours import Neighbours
from tailorbird.recommender.models.kinds.popular import Popular
from tailorbird.recommender.models.kinds.regressed import Regressed
from tailorbird.recommender.models.kinds.spectral import Spectral
from tailorbird.recommender.models.kinds.tastes import Tastes
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.models.restoring import blend_arrays, blend_of
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.registry.artifact import read_artifact, write_artifact
from tailorbird.recommender.training.blending import BESIDE, ServedPart
from tailorbird.recommender.training.train import train
from tailorbird.recommender.training.validating import Validation, blend_settings
from tests.unit.recommender.smallshop import COOK, SETTINGS, ids, interactions, item_table, query, ranker, shelves

EVERY = Recipe((
    Ingredient(Spectral(factors=6), 0.5, 0.5),
    Ingredient(Neighbours(kept=20), 0.4),
    Ingredient(Encoded(hidden=5, epochs=3), 0.01, 0.25),
    Ingredient(Popular(), 0.02),
    Ingredient(Regressed(), 0.3, -0.25),
    Ingredient(Tastes(factors=4, power=0.5), 0.6),
))  # fmt: skip


@functools.cache
def blended(recipe: Recipe = EVERY) -> Model:
    return train(interactions(), item_table(), replace(SETTINGS, blended=recipe))


def test_one_customer_is_asked_for_as_many_are() -> None:
    blend = blended().blend
    assert blend is not None
    rows, liking = np.array([0, 3, 7, 11], np.int32), np.array([0.5, 1.0, 0.2, 2.0], np.float32)
    history = sparse.csr_matrix((liking, (np.zeros(4, np.int32), rows)), shape=(1, blend.items))
    np.testing.assert_allclose(blend.asked(rows, liking), blend.queries(history)[0], rtol=1e-3, atol=1e-5)
    further = blend.further(rows, liking)
    assert further is not None
    together = blend.asked(rows, liking) @ blend.target.T + further
    np.testing.assert_allclose(together, blend.scores(history)[0], rtol=1e-3, atol=1e-4)


def test_a_page_shows_what_factors_popularity_and_every_part_say_together() -> None:
    model = blended()
    serving = ranker(model)
    listed = shelves(serving, query(("for_you", 8), customer=COOK))[0]
    knowledge = serving.knowledge
    customer = serving._customers.known(query(("for_you", 8), customer=COOK))
    taste = customer.taste
    assert taste.vector is not None
    assert taste.further is not None
    every = knowledge.vectors @ taste.vector
    every[taste.further[0]] += taste.further[1]
    every[knowledge.row_of[customer.past.bought]] = -np.inf
    hidden = knowledge.columns.hidden[knowledge.position_of] | (knowledge.position_of < 0)
    every[hidden] = -np.inf
    best = np.argsort(-every, kind="stable")[:8]
    assert ids(listed) == [model.item_ids[row] for row in best]
    np.testing.assert_allclose([item.score for item in listed.items], every[best], rtol=1e-3, atol=1e-3)


def test_an_artifact_holds_what_is_blended(tmp_path: Path) -> None:
    loaded = read_artifact(write_artifact(blended(), tmp_path / "model.zip"))
    assert loaded.settings.blended == EVERY
    np.testing.assert_array_equal(loaded.vectors, blended().vectors)
    asked = query(("for_you", 8), customer=COOK)
    assert ranker(loaded).rank([asked]) == ranker(blended()).rank([asked])
    with zipfile.ZipFile(tmp_path / "model.zip") as file:
        assert "blend1_weight_indptr.npy" in file.namelist()


def test_what_does_not_fit_the_items_is_refused() -> None:
    arrays = blend_arrays(blended().blend)
    items = len(blended().item_ids)
    assert blend_of(EVERY, arrays, items) is not None
    with pytest.raises(ValueError, match="not of these items"):
        blend_of(EVERY, arrays, items + 1)
    indices = arrays["blend1_weight_indices"].copy()
    indices[0] = items
    with pytest.raises(ValueError, match="do not fit"):
        blend_of(EVERY, arrays | {"blend1_weight_indices": indices}, items)
    with pytest.raises(KeyError):
        blend_of(EVERY, {name: array for name, array in arrays.items() if name != "blend0_target"}, items)


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    model = blended(Recipe((Ingredient(Spectral(factors=6), 0.5),)))
    assert model.blend is not None
    part = model.blend.parts[0]
    part.target[0, 0] = np.nan  # type: ignore[attr-defined]
    with pytest.raises(Fault, match="not finite"):
        read_artifact(write_artifact(model, tmp_path / "model.zip"))


def test_a_recipe_is_a_setting_like_any_other() -> None:
    settings = replace(SETTINGS, blended=EVERY)
    assert msgspec.json.decode(msgspec.json.encode(settings), type=TrainingSettings) == settings
    assert blended().version != blended(Recipe((Ingredient(Popular(), 0.02),))).version


def test_what_is_served_scores_as_the_page_does() -> None:
    model = train(interactions(), item_table(), SETTINGS)
    history = sparse.csr_matrix((np.full(3, 0.7, np.float32), ([0, 0, 0], [1, 4, 6])), shape=(1, len(model.item_ids)))
    knowledge = ranker(model).knowledge
    vector = knowledge.foldin.vector(np.array([1, 4, 6], np.int32), np.full(3, 1.7, np.float32))
    np.testing.assert_allclose(
        ServedPart.of(model).scores(history)[0], knowledge.vectors @ np.append(vector, 1.0), rtol=1e-3, atol=1e-4
    )


def test_blends_are_sought_on_the_validation_and_tried_as_they_would_serve() -> None:
    validation = Validation(interactions(), item_table(), days=90.0)
    leader = validation.measure(SETTINGS)
    ticks = iter(range(10_000))
    found = blend_settings(validation, leader, lambda: float(next(ticks)), 60.0, lambda *_: None)
    assert len(found) <= 1
    for trial in found:
        recipe = trial.settings.blended
        assert recipe is not None
        assert {type(one.model) for one in recipe.ingredients} <= set(BESIDE)
        assert replace(trial.settings, blended=None) == leader.settings
        assert len(trial.values) == len(leader.values)
