"""Training is pure: the same data and settings give the same model, and nothing of a customer is in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from tailorbird.contracts.wire import Fault
from tailorbird.recommender.models.interactions import Interactions, arranged
from tailorbird.recommender.training.train import train
from tailorbird.recommender.vectors.index import Index, choose_plan
from tests.unit.recommender.smallshop import SETTINGS, interactions, item_table, model


def test_training_twice_is_training_once() -> None:
    again = train(interactions(), item_table(), SETTINGS)
    assert again.version == model().version
    np.testing.assert_array_equal(again.factors, model().factors)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_with_however_many_threads_the_same_model_is_trained(threads: int) -> None:
    with threadpool_limits(threads, "blas"):
        again = train(interactions(), item_table(), SETTINGS)
    assert again.version == model().version


def test_rows_in_another_order_train_the_same_items_and_habits() -> None:
    shuffled = train(interactions().sample(frac=1.0, random_state=3), item_table(), SETTINGS)
    np.testing.assert_array_equal(shuffled.habit, model().habit)
    np.testing.assert_array_equal(shuffled.reach, model().reach)


def test_what_has_no_price_is_not_learned() -> None:
    rows = interactions().assign(item_id=lambda frame: frame["item_id"].replace("cook-0", "priceless"))
    assert "priceless" not in train(rows, item_table(), SETTINGS).item_ids


def test_lines_of_one_order_count_once_and_nothing_of_no_quantity() -> None:
    frame = pd.DataFrame(
        [("p", "a", 100, "purchase", 1, "o1"), ("p", "a", 100, "purchase", 2, "o1"),
         ("p", "a", 900, "purchase", 1, "o2"), ("p", "b", 900, "purchase", 0, "o2"), ("q", "b", 950, "view", 1, None)],
        columns=["person", "item_id", "at", "kind", "quantity", "order_id"],
    )  # fmt: skip
    table = Interactions.of(frame)
    pairs = table.pairs()
    assert table.item_ids == ["a", "b"]
    assert pairs.times.tolist() == [2.0, 0.25]
    assert pairs.last_at.tolist() == [900, 950]


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(Fault, match="nothing to learn from"):
        train(interactions().assign(quantity=0.0), item_table(), SETTINGS)


def test_companions_come_from_the_same_orders() -> None:
    learned = model()
    companions = learned.companions
    row = learned.item_ids.index("cook-1")
    named = [learned.item_ids[other] for other in companions.item[companions.starts[row] : companions.starts[row + 1]]]
    assert named
    assert not [name for name in named if name.startswith("snack-")]


def test_a_sort_of_packed_numbers_is_a_stable_sort() -> None:
    key = np.random.default_rng(2).integers(0, 50, 1_000)
    np.testing.assert_array_equal(arranged(key), np.argsort(key, kind="stable"))
    large = key + (1 << 60)
    np.testing.assert_array_equal(arranged(large), np.argsort(large, kind="stable"))


def test_the_cheapest_index_that_measures_up_is_chosen() -> None:
    generator = np.random.default_rng(4)
    length = np.exp(generator.normal(0, 1.2, (6_000, 1)))
    vectors = (generator.normal(size=(6_000, 16)) * length).astype(np.float32)
    trials = generator.normal(size=(50, 16)).astype(np.float32)
    plan = choose_plan(vectors, trials, 0.99)
    assert plan.kind == "longest"
    assert plan.recall >= 0.99
    scores, rows = Index(vectors, plan).search(trials[:3], 5)
    np.testing.assert_allclose(scores, np.sort(trials[:3] @ vectors.T, axis=1)[:, ::-1][:, :5], rtol=1e-4)
    np.testing.assert_allclose(np.take_along_axis(trials[:3] @ vectors.T, rows, axis=1), scores, rtol=1e-4)


def test_where_all_vectors_are_of_one_length_codes_are_searched_and_the_best_looked_at() -> None:
    generator = np.random.default_rng(6)
    middles = generator.normal(size=(40, 33))
    around = 0.6 * generator.normal(size=(24_000, 33))
    vectors = (middles[generator.integers(0, 40, 24_000)] + around).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    trials = vectors[::800] + vectors[7::800]
    plan = choose_plan(vectors, trials, 0.95)
    assert plan.kind == "coded"
    scores, rows = Index(vectors, plan).search(trials, 20)
    # What is found has its exact score, whatever the codes said of it.
    np.testing.assert_allclose(np.take_along_axis(trials @ vectors.T, rows, axis=1), scores, rtol=1e-4)
    assert (rows[:, 0] == np.argmax(trials @ vectors.T, axis=1)).mean() > 0.9


def test_vectors_of_one_length_are_searched_exactly() -> None:
    generator = np.random.default_rng(4)
    vectors = generator.normal(size=(3_000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert choose_plan(vectors, vectors[:50], 0.99).kind == "flat"
