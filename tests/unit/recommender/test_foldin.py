"""A customer folded in has the vector that a full least-squares solve would have given them."""

from __future__ import annotations

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse

from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.vectors.foldin import CountedFoldIn, FoldIn, confidence

FACTORS = np.random.default_rng(1).normal(0, 0.3, (500, 16)).astype(np.float32)


@pytest.mark.parametrize("items", [1, 3, 7, 8, 40, 500])
def test_folding_in_few_items_and_many_gives_what_an_exact_solve_gives(items: int) -> None:
    generator = np.random.default_rng(items)
    rows = generator.choice(500, items, replace=False).astype(np.int32)
    confidences = generator.uniform(1.0, 6.0, items).astype(np.float32)
    wide = FACTORS.astype(np.float64)
    weights = np.zeros(500)
    weights[rows] = confidences - 1.0
    system = wide.T @ wide + wide.T @ (wide * weights[:, None]) + 5.0 * np.eye(16)
    exact = np.linalg.solve(system, wide[rows].T @ confidences)
    np.testing.assert_allclose(FoldIn(FACTORS, 5.0).vector(rows, confidences), exact, rtol=2e-3, atol=2e-4)


def test_folding_in_gives_what_implicit_gives_for_the_same_customer() -> None:
    generator = np.random.default_rng(3)
    dense = generator.uniform(1, 4, (60, 80)) * (generator.random((60, 80)) < 0.2)
    matrix = sparse.csr_matrix(dense.astype(np.float32))
    model = AlternatingLeastSquares(
        factors=8, regularization=2.0, iterations=20, use_cg=False, random_state=1, num_threads=1
    )
    model.fit(matrix, show_progress=False)
    wanted = model.recalculate_user(7, matrix[7])
    row = matrix[7]
    found = FoldIn(np.asarray(model.item_factors), 2.0).vector(row.indices.astype(np.int32), row.data)
    np.testing.assert_allclose(found, wanted, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("items", [1, 3, 7, 8, 40, 500])
def test_where_regularization_counts_with_each_item_folding_in_does_the_same(items: int) -> None:
    generator = np.random.default_rng(items)
    rows = generator.choice(500, items, replace=False).astype(np.int32)
    confidences = generator.uniform(1.0, 6.0, items).astype(np.float32)
    # What holds back one item by .5 holds back forty by 20.
    exact = FoldIn(FACTORS, 0.5 * items).vector(rows, confidences)
    np.testing.assert_allclose(CountedFoldIn(FACTORS, 0.5).vector(rows, confidences), exact, rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("kind", [FoldIn, CountedFoldIn])
@pytest.mark.parametrize("further", [0, 5])
def test_from_the_sums_of_a_history_a_visit_leads_to_the_same_vector(kind: type[FoldIn], further: int) -> None:
    generator = np.random.default_rng(further)
    rows = generator.choice(500, 40 + further, replace=False).astype(np.int32)
    confidences = generator.uniform(1.0, 6.0, len(rows)).astype(np.float32)
    foldin = kind(FACTORS, 0.5)
    begun = foldin.begun(rows[:40], confidences[:40])
    assert begun is not None
    # Two of the history go, all of the visit comes.
    changed = np.concatenate([rows[40:], rows[:2]])
    signs = np.array([1.0] * further + [-1.0] * 2, np.float32)
    found = foldin.vector_from(begun, changed, np.concatenate([confidences[40:], confidences[:2]]), signs)
    np.testing.assert_allclose(found, foldin.vector(rows[2:], confidences[2:]), rtol=1e-3, atol=1e-4)


def test_of_a_short_history_no_sums_are_kept() -> None:
    assert FoldIn(FACTORS, 5.0).begun(np.arange(5, dtype=np.int32), np.ones(5, np.float32)) is None


def test_who_touched_nothing_has_a_vector_of_nothing() -> None:
    vector = FoldIn(FACTORS, 5.0).vector(np.empty(0, np.int32), np.empty(0, np.float32))
    np.testing.assert_array_equal(vector, np.zeros(16))


def test_confidence_rises_with_times_fades_with_age_and_never_falls_below_one() -> None:
    once, often = confidence(_floats(1, 9), _floats(0, 0), 120.0)
    fresh, old = confidence(_floats(3, 3), _floats(0, 4000), 120.0)
    assert 1.0 < once < often
    assert fresh > old
    assert old == pytest.approx(1.0)


def _floats(*values: float) -> Floats:
    return np.array(values, np.float32)
