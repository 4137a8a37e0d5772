"""Every kind of model: what it learns from a small matrix is what its formula says, and is the same each time."""

from __future__ import annotations

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse

from tailorbird.recommender.evaluating.splitfiles import hold_back
from tailorbird.recommender.models.blend import Blend, best, masked
from tailorbird.recommender.models.kinds import KINDS
from tailorbird.recommender.models.kinds.encoded import Encoded, EncodedPart
from tailorbird.recommender.models.kinds.neighbours import Neighbours, heaviest
from tailorbird.recommender.models.kinds.plain import Plain
from tailorbird.recommender.models.kinds.popular import Popular
from tailorbird.recommender.models.kinds.regressed import Regressed
from tailorbird.recommender.models.kinds.spectral import Spectral
from tailorbird.recommender.models.kinds.tastes import Tastes
from tailorbird.recommender.models.leastsquares import regularizations, solve_rows
from tailorbird.recommender.models.part import Kind
from tests.unit.recommender.smallsplit import liking


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_a_kind_scores_every_item_and_does_better_than_chance(kind: type[Kind]) -> None:
    known, asked, truth = hold_back(liking(), None)
    model = kind(**{name: 8 for name in ("factors", "hidden", "epochs") if name in kind.__struct_fields__})
    scores = model.fit(known, lambda _: None).scores(known)
    again = model.fit(known, lambda _: None).scores(known)
    assert scores.shape == known.shape
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(scores, again, atol=1e-5)
    found = best(masked(scores, known), 10)[asked]
    hits = np.take_along_axis(truth.toarray() > 0, found, axis=1).sum()
    by_chance = truth.nnz * 10 / (known.shape[1] - known.nnz / known.shape[0])
    assert hits > 1.2 * by_chance


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_every_setting_that_may_be_tried_is_one_of_the_kind(kind: type[Kind]) -> None:
    assert set(kind.choices) <= set(kind.__struct_fields__)
    for setting, values in kind.choices.items():
        assert list(values) == sorted(values)
        assert type(values[0]) is type(getattr(kind(), setting))


@pytest.mark.parametrize("width", [4, 40], ids=["fewer factors than items", "more factors than items"])
def test_rows_are_solved_as_a_plain_solve_solves_them(width: int) -> None:
    generator = np.random.default_rng(3)
    factors = generator.normal(size=(60, width)).astype(np.float32)
    weights = sparse.random(30, 60, 0.2, "csr", np.float32, np.random.default_rng(4))
    strength = np.linspace(1.0, 9.0, 30).astype(np.float32)
    found = solve_rows(weights, factors, strength)
    for row in range(30):
        weight = weights[row].toarray()[0]
        system = factors.T @ factors + strength[row] * np.eye(width) + factors.T @ (factors * weight[:, None])
        exact = np.linalg.solve(system, factors.T @ np.where(weight > 0, 1.0 + weight, 0.0))
        np.testing.assert_allclose(found[row], exact, rtol=2e-3, atol=2e-4)


def test_without_scaling_a_step_is_that_of_implicit() -> None:
    matrix = liking()
    model = AlternatingLeastSquares(
        factors=8, regularization=3.0, alpha=1.0, iterations=3, random_state=1, num_threads=1, use_cg=False
    )
    confidences = matrix.copy()
    confidences.data[:] = 1.0 + 2.0
    model.fit(confidences, show_progress=False)
    weights = matrix.copy()
    weights.data[:] = 2.0
    each = regularizations(np.diff(matrix.indptr), matrix.shape[1], 2.0, 3.0, 0.0, 5.0)
    ours = solve_rows(weights, np.asarray(model.item_factors), each)
    theirs = model.recalculate_user(np.arange(matrix.shape[0]), confidences)
    np.testing.assert_allclose(ours, np.asarray(theirs), rtol=5e-3, atol=5e-4)


def test_a_usual_row_has_the_stated_strength_and_one_of_much_evidence_more() -> None:
    found = regularizations(np.array([10, 100]), 1_000, 2.0, 5.0, 1.0, 10.0)
    assert found[0] == pytest.approx(5.0)
    assert found[1] == pytest.approx(5.0 * 1_200 / 1_020)


def test_neighbours_weigh_as_their_formula_says() -> None:
    # Two customers: one had a and b, the other a, b and c.
    matrix = sparse.csr_matrix(np.array([[1, 1, 0], [1, 1, 1]], np.float32))
    part = Neighbours(had=1.0, between=0.5, reached=0.5).fit(matrix, lambda _: None)
    of_c = part.scores(sparse.csr_matrix(np.array([[0, 0, 1]], np.float32)))[0]
    np.testing.assert_allclose(of_c, [3**-0.5 / 2**0.5, 3**-0.5 / 2**0.5, 0.0], rtol=1e-5)


def test_only_the_heaviest_weights_are_kept_whatever_their_sign() -> None:
    matrix = sparse.csr_matrix(np.array([[0.1, -3.0, 2.0, 0.0], [1.0, 0.0, 0.0, 0.0]], np.float32))
    kept = heaviest(matrix, 2).toarray()
    np.testing.assert_allclose(kept, [[0.0, -3.0, 2.0, 0.0], [1.0, 0.0, 0.0, 0.0]])


def test_the_regression_is_ease() -> None:
    matrix = liking()
    part = Regressed(regularization=20.0, dropout=0.0, between=0.0).fit(matrix, lambda _: None)
    inverse = np.linalg.inv((matrix.T @ matrix).toarray() + 20.0 * np.eye(matrix.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    np.testing.assert_allclose(part.scores(matrix), matrix @ weights, rtol=1e-2, atol=1e-3)


def test_spectral_vectors_are_those_of_the_damped_matrix() -> None:
    matrix = liking()
    rows, columns = np.diff(matrix.indptr), np.bincount(matrix.indices, minlength=matrix.shape[1])
    damped = matrix.toarray() / np.sqrt(np.maximum(rows, 1))[:, None] / np.sqrt(np.maximum(columns, 1))
    _, _, right = np.linalg.svd(damped)
    history = matrix.toarray() / np.sqrt(np.maximum(columns, 1))
    wanted = history @ right[:2].T @ right[:2] * np.sqrt(np.maximum(columns, 1))
    part = Spectral(factors=2, damping=0.5, reach=0.5).fit(matrix, lambda _: None)
    np.testing.assert_allclose(part.scores(matrix), wanted, rtol=2e-2, atol=2e-2)


def test_tastes_are_least_where_more_regularization_is() -> None:
    matrix = liking()
    small, large = (
        np.linalg.norm(Tastes(factors=8, regularization=strength).fit(matrix, lambda _: None).scores(matrix))
        for strength in (1.0, 100.0)
    )
    assert large < small


def test_an_autoencoder_is_asked_by_one_inner_product_and_looks_at_no_weight() -> None:
    matrix = liking()
    part = Encoded(hidden=12, epochs=5).fit(matrix, lambda _: None)
    assert isinstance(part, EncodedPart)
    heavier = matrix.copy()
    heavier.data[:] = 3.0
    np.testing.assert_allclose(part.query(heavier), part.query(matrix))
    history = matrix[:1].toarray()[0] / np.sqrt(matrix[:1].nnz)
    hidden = np.tanh(history @ part.base[:-1] + part.base[-1])
    np.testing.assert_allclose(part.scores(matrix[:1])[0], part.target @ np.append(hidden, 1.0), rtol=1e-4, atol=1e-4)


def test_more_rounds_foretell_better_what_was_left_out() -> None:
    matrix = liking()
    counts = np.diff(matrix.indptr)

    def surprise(epochs: int) -> float:
        scores = Encoded(hidden=12, epochs=epochs).fit(matrix, lambda _: None).scores(matrix)
        chances = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return -float(chances[matrix.nonzero()].sum() / counts.sum())

    assert surprise(20) < surprise(1)


def test_members_of_an_autoencoder_are_its_mean() -> None:
    matrix = liking()
    one, two = (Encoded(hidden=6, epochs=4, members=count).fit(matrix, lambda _: None) for count in (1, 2))
    assert isinstance(one, EncodedPart)
    assert isinstance(two, EncodedPart)
    assert two.target.shape == (60, 13)
    # The first member is the same; the second began elsewhere.
    np.testing.assert_allclose(two.base[:, :6], one.base, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(two.target[:, :6] * 2.0, one.target[:, :6], rtol=1e-5, atol=1e-6)
    assert not np.allclose(two.base[:, 6:], one.base, atol=0.01)


def test_plain_als_is_tastes_without_scaling() -> None:
    matrix = liking()
    plain = Plain(factors=8, regularization=3.0, surer=2.0).fit(matrix, lambda _: None).scores(matrix)
    same = Tastes(factors=8, regularization=3.0, surer=2.0, power=0.0).fit(matrix, lambda _: None).scores(matrix)
    np.testing.assert_allclose(plain, same)
    assert not Plain.blends


def test_who_has_no_history_is_listed_what_is_popular() -> None:
    matrix = liking()
    parts = (Popular().fit(matrix, lambda _: None), Neighbours().fit(matrix, lambda _: None))
    blend = Blend(parts, (1e-4, 1.0), (0.0, 0.5))
    nobody = sparse.csr_matrix((1, matrix.shape[1]), dtype=np.float32)
    most = np.argsort(-np.bincount(matrix.indices, minlength=matrix.shape[1]), kind="stable")[:5]
    counts = np.bincount(matrix.indices, minlength=matrix.shape[1])
    np.testing.assert_array_equal(counts[best(blend.scores(nobody), 5)[0]], counts[most])
