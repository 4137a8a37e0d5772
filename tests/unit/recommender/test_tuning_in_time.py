"""What tuning costs: nothing is learned twice, what is to come is planned for, and lists are found by groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pytest
from scipy import sparse

from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.evaluating.splitfiles import hold_back
from tailorbird.recommender.models.blend import GROUP, best, masked
from tailorbird.recommender.models.kinds import KINDS
from tailorbird.recommender.models.kinds.alike import Alike
from tailorbird.recommender.models.kinds.popular import Popular
from tailorbird.recommender.models.kinds.spectral import Spectral
from tailorbird.recommender.models.part import Kind, Part, Step
from tailorbird.recommender.training.blending import BESIDE
from tailorbird.recommender.training.mixing import Candidates, mix
from tailorbird.recommender.training.searching import HeldBack, Search
from tailorbird.recommender.training.tuning import tune
from tests.unit.recommender.smallsplit import liking

FIT, ASK, SECONDS, MORE = 7.0, 2.0, 400.0, 10.0


class Watch:
    """Seconds that pass only where something costs them."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


WATCH = Watch()


class SlowPart(Part, frozen=True):
    """Popularity, at leisure."""

    scored: Floats

    def scores(self, history: sparse.csr_matrix) -> Floats:
        WATCH.now += ASK
        return np.tile(self.scored, (history.shape[0], 1))


class Slow(Kind, frozen=True, kw_only=True):
    """A kind of many settings, each fit of which takes its time and gains a little."""

    choices: ClassVar[Mapping[str, Sequence[Any]]] = {"power": tuple(float(one) for one in range(100))}
    power: float = 0.0

    def fit(self, liking: sparse.csr_matrix, step: Step) -> Part:
        WATCH.now += FIT
        counts = np.bincount(liking.indices, minlength=liking.shape[1]) + 1.0
        return SlowPart((np.log(counts) * self.power - np.arange(len(counts)) % 7).astype(np.float32))


def _held(seed: int = 7) -> HeldBack:
    left, asked, truth = hold_back(liking(), None, seed)
    return HeldBack(left, sparse.csr_matrix(left[asked]), truth)


@pytest.mark.parametrize("seconds", [60.0, 90.0, SECONDS])
def test_the_search_leaves_time_for_the_fits_and_lists_that_follow(seconds: float) -> None:
    WATCH.now = 0.0
    tuned = tune([_held(seed) for seed in (7, 8, 9)], WATCH, seconds, lambda *_: None, [Popular, Slow], asked=MORE)
    assert len(tuned.trials) >= 2
    assert WATCH.now + FIT + MORE * ASK <= seconds


def test_a_search_that_has_no_time_for_another_fit_makes_none() -> None:
    WATCH.now = 0.0
    search = Search(_held(), WATCH, SECONDS, lambda *_: None)
    search.climb(Slow, FIT + ASK)
    assert len(search.trials) == 1


def test_settings_that_are_free_are_tried_on_what_was_learned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    learned: list[float] = []
    real: Callable[..., Any] = Spectral.learned

    def counted(self: Spectral, matrix: sparse.csr_matrix, step: Step) -> Any:
        learned.append(self.damping)
        return real(self, matrix, step)

    monkeypatch.setattr(Spectral, "learned", counted)
    search = Search(_held(), lambda: 0.0, 1.0, lambda *_: None)
    for model in (Spectral(factors=4), Spectral(factors=9, reach=0.3), Spectral(factors=9, sharpness=0.7)):
        search.attempt(model)
    assert learned == [0.5]
    search.attempt(Spectral(factors=4, damping=0.4))
    assert learned == [0.5, 0.4]


def test_what_is_to_serve_has_no_more_factors_than_it_may() -> None:
    search = Search(_held(), lambda: 0.0, 1.0, lambda *_: None, factors_at_most=48)
    search.climb(Spectral, until=1.0)
    assert {trial.model.factors for trial in search.trials if isinstance(trial.model, Spectral)} <= {32, 48}
    assert search.trials[0].model == Spectral(factors=48)


def test_fewer_vectors_are_the_first_of_more() -> None:
    matrix = liking()
    few, many = Spectral(factors=3, sharpness=0.7), Spectral(factors=40, damping=0.5)
    cut = few.finished(many.learned(matrix, lambda _: None), matrix)
    np.testing.assert_allclose(cut.scores(matrix), few.fit(matrix, lambda _: None).scores(matrix), rtol=0.1, atol=0.05)


@pytest.mark.parametrize("columns", [7, 20, 4 * 20 * GROUP - 1, 4 * 20 * GROUP, 4 * 20 * GROUP + 29])
def test_the_best_are_the_highest_however_many_columns_there_are(columns: int) -> None:
    scores = np.random.default_rng(columns).permutation(9 * columns).reshape(9, columns).astype(np.float32)
    history = sparse.random(9, columns, 0.4, "csr", np.float32, np.random.default_rng(2))
    masked(scores, history)
    ranked = np.sort(scores, axis=1)[:, ::-1][:, :20]
    np.testing.assert_array_equal(np.take_along_axis(scores, best(scores, 20), axis=1), ranked)


def test_customers_alike_weigh_as_their_formula_says() -> None:
    # The first shares a with the second (who has b, too) and nothing with the third.
    matrix = sparse.csr_matrix(np.array([[1, 0, 0], [1, 1, 0], [0, 0, 1]], np.float32))
    part = Alike(kept=5, nearer=2.0, had=0.5, reached=0.5).fit(matrix, lambda _: None)
    # a was had by two, so it counts 2^-.5 in a history; beside b, which counts 1, it is 2^-.5 / (1.5)^.5 of it.
    cosine = 2**-0.5 / 1.5**0.5
    np.testing.assert_allclose(part.scores(matrix)[0, 1:], [cosine**2, 0.0], rtol=1e-5)
    assert part.scores(sparse.csr_matrix((1, 3), dtype=np.float32)).sum() == 0.0


def test_what_needs_rows_of_customers_is_never_served() -> None:
    assert not Alike.serves
    assert all(kind.serves for kind in BESIDE)
    assert Alike in KINDS


def test_a_part_may_count_against_an_item() -> None:
    held = _held()
    good = Spectral(factors=8).fit(held.liking, lambda _: None)
    worse = Spectral(factors=1).fit(held.liking, lambda _: None)
    candidates = Candidates.of((good, worse), held.history, held.truth, 10)
    none = np.zeros(2, np.float32)
    assert all(np.isfinite(candidates.measured(np.array([1.0, -0.3], np.float32), none)))
    models = (Spectral(factors=8), Spectral(factors=1))
    found = mix(candidates, models)
    assert found.recall + found.ndcg >= sum(candidates.measured(np.array([1.0, 0.0], np.float32), none)) - 1e-3
    assert len(mix(candidates, models, more=lambda: False).recipe.ingredients) >= 1
