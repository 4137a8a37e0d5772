"""What makes training cheap changes nothing that it finds: each short cut beside the long way."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace
from scipy import sparse

from tailorbird.recommender.models.als import confidences, fit_factors
from tailorbird.recommender.models.interactions import Interactions
from tailorbird.recommender.models.quadratic import Quadratic, fit_quadratic, thinned
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.models.together import Together
from tests.unit.recommender.test_habits import TABLE

SETTINGS = TrainingSettings(basket_item_minimum=1, basket_regularization=20.0, factors=4, regularization=1.0)


def without(order: int) -> Interactions:
    kept = TABLE.order != order
    names = ("customer", "order", "item", "at", "weight")
    return replace(TABLE, **{name: getattr(TABLE, name)[kept] for name in names})


def test_an_order_left_out_of_the_regression_is_as_if_it_had_never_been() -> None:
    every, fewer = Together.fit(TABLE, SETTINGS), Together.fit(without(100), SETTINGS)
    items = TABLE.item[TABLE.order == 100]
    inside = sparse.csr_matrix(
        (np.ones(len(items), np.float32), (np.zeros(len(items), np.int64), every.rows[items])),
        shape=(1, len(every.inverse)),
    )
    looked = np.ones(len(items), np.bool_)
    looked[0] = False
    weights = every.weights(inside, looked)[0]
    expected = np.zeros_like(weights)
    for item in items[1:].tolist():
        of_item = -fewer.inverse[fewer.rows[item]] / np.diag(fewer.inverse)
        companions = every.companions
        named = every.rows[companions.item[companions.starts[item] : companions.starts[item + 1]]]
        expected[named] += np.maximum(of_item[named], 0.0)
    np.testing.assert_allclose(weights, expected, atol=2e-4)
    assert weights.max() > 0.01


def test_an_item_of_few_customers_stands_where_their_tastes_put_it() -> None:
    pairs = TABLE.pairs()
    matrix = confidences(TABLE, pairs, SETTINGS)
    every, _ = fit_factors(matrix, SETTINGS, lambda _: None)
    buyers = np.bincount(matrix.indices)
    fewest = int(np.sort(buyers)[len(buyers) // 4])
    placed, customers = fit_factors(matrix, replace(SETTINGS, item_customers=fewest), lambda _: None)
    assert placed.shape == every.shape
    rare = np.flatnonzero(buyers < fewest)
    assert len(rare)
    # What their customers are foretold of them is as it is with a fit of every item.
    likeness = np.corrcoef((customers @ placed[rare].T).ravel(), (matrix[:, rare].toarray() > 0).ravel())[0, 1]
    assert likeness > 0.2


def test_of_many_outcomes_that_did_not_come_a_part_says_the_same() -> None:
    generator = np.random.default_rng(2)
    numbers = generator.normal(size=(60_000, 2)).astype(np.float32)
    came = generator.random(60_000) < 1.0 / (1.0 + np.exp(4.0 - numbers[:, 0]))
    thought = Quadratic.linear(-3.0, [0.0, 0.0])
    rows, each = thinned(came, 10)
    assert each > 1
    assert len(rows) < len(came) // 2
    asked = np.array([[-1, 0], [0, 0], [1, 1], [2, 0]], np.float32)
    fewer = fit_quadratic(numbers[rows], came[rows], thought, each).log_odds(asked)
    np.testing.assert_allclose(fewer, fit_quadratic(numbers, came, thought).log_odds(asked), atol=0.25)
