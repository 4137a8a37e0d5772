"""An evaluation on a fixed split: definitions as everybody uses them, tuned without a look at what came true."""

from __future__ import annotations

import itertools
from pathlib import Path

import ir_measures
import numpy as np
import pandas as pd
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from implicit.evaluation import ranking_metrics_at_k
from msgspec import structs
from scipy import sparse

from tailorbird.contracts.wire import Fault
from tailorbird.recommender.evaluating.fixedsplit import evaluate_split, figures_of
from tailorbird.recommender.evaluating.splitfiles import Split, hold_back, read_split
from tailorbird.recommender.models.blend import best, masked
from tailorbird.recommender.models.kinds.plain import Plain
from tailorbird.recommender.models.kinds.popular import Popular
from tailorbird.recommender.models.kinds.spectral import Spectral
from tailorbird.recommender.models.kinds.tastes import Tastes
from tailorbird.recommender.training.mixing import Candidates
from tailorbird.recommender.training.searching import HeldBack, Search, Trial
from tests.unit.recommender.smallsplit import liking, split_frames, write_split

K = 20


@pytest.fixture
def split(tmp_path: Path) -> Split:
    return read_split(*write_split(tmp_path))


def _listed(split: Split) -> tuple[AlternatingLeastSquares, np.ndarray]:
    """Implicit's model of the training file, and its lists for all asked customers."""
    model = AlternatingLeastSquares(factors=8, regularization=1.0, iterations=5, random_state=2, num_threads=1)
    model.fit(split.liking, show_progress=False)
    scores = (model.user_factors @ model.item_factors.T)[split.rows].astype(np.float32)
    return model, best(masked(scores, split.history), K)


def test_the_figures_are_those_of_ir_measures(split: Split) -> None:
    _, places = _listed(split)
    found = figures_of(places, split.truth, split.relevant, np.full(len(split.item_ids), 0.1))
    qrels = {f"q{row}": {f"i{item}": 1 for item in split.truth[row].indices} for row in range(len(places))}
    run = {f"q{row}": {f"i{item}": float(K - at) for at, item in enumerate(places[row])} for row in range(len(places))}
    measures = [ir_measures.nDCG @ K, ir_measures.R @ K, ir_measures.Success @ K]
    wanted = ir_measures.calc_aggregate(measures, qrels, run)
    assert [found.ndcg, found.recall, found.hit_rate] == pytest.approx([wanted[one] for one in measures], abs=1e-6)


def test_ndcg_is_that_of_implicit(split: Split) -> None:
    model, places = _listed(split)
    found = figures_of(places, split.truth, split.relevant, np.full(len(split.item_ids), 0.1))
    turned = sparse.lil_matrix(split.liking.shape, dtype=np.float32)
    turned[split.rows] = split.truth
    theirs = ranking_metrics_at_k(model, split.liking, turned.tocsr(), K=K, show_progress=False, num_threads=1)
    assert found.ndcg == pytest.approx(theirs["ndcg"], abs=1e-4)


def test_items_that_training_never_saw_count_as_missed(tmp_path: Path) -> None:
    train, test = split_frames()
    train.to_csv(tmp_path / "a.csv", index=False)
    unseen = pd.DataFrame([("c0", "never seen")], columns=test.columns)
    pd.concat([test, unseen]).to_csv(tmp_path / "b.csv", index=False)
    split = read_split(tmp_path / "a.csv", tmp_path / "b.csv")
    assert split.relevant.sum() == len(test) + 1
    assert split.truth.nnz == len(test)


def test_customers_that_training_never_saw_are_asked_for_too(tmp_path: Path) -> None:
    train, test = split_frames()
    train[train["customer"] != "c3"].to_csv(tmp_path / "a.csv", index=False)
    test.to_csv(tmp_path / "b.csv", index=False)
    split = read_split(tmp_path / "a.csv", tmp_path / "b.csv")
    assert split.history.shape[0] == test["customer"].nunique()
    assert (np.diff(split.history.indptr) == 0).sum() == 1


def test_files_may_have_no_header_other_names_or_another_form(tmp_path: Path) -> None:
    train, test = split_frames()
    train.to_csv(tmp_path / "a.tsv", sep="\t", index=False, header=False)
    test.rename(columns={"customer": "user_id", "item": "item_id"}).to_parquet(tmp_path / "b.parquet")
    split = read_split(tmp_path / "a.tsv", tmp_path / "b.parquet")
    assert (split.liking.nnz, split.truth.nnz) == (len(train), len(test))


def test_a_file_that_does_not_do_is_named_with_what_is_wrong(tmp_path: Path) -> None:
    train, test = write_split(tmp_path)
    (tmp_path / "bad.csv").write_text("item,colour\nx,red\n")
    with pytest.raises(Fault, match=r"bad\.csv needs a column customer"):
        read_split(tmp_path / "bad.csv", test)
    with pytest.raises(Fault, match=r"missing\.csv cannot be read"):
        read_split(train, tmp_path / "missing.csv")
    (tmp_path / "empty.csv").write_text("customer,item\nu1,a\nu1,\n")
    with pytest.raises(Fault, match=r"empty\.csv, row 2: the item is empty"):
        read_split(train, tmp_path / "empty.csv")


def test_what_is_held_back_is_taken_out_and_is_the_latest_where_times_are_known() -> None:
    matrix = liking()
    times = matrix.copy()
    times.data = np.random.default_rng(1).permutation(matrix.nnz).astype(np.float64)
    left, asked, truth = hold_back(matrix, times)
    assert left.nnz + truth.nnz == matrix.nnz
    for row, customer in enumerate(asked):
        held, kept = set(truth[row].indices), set(left[customer].indices)
        assert held | kept == set(matrix[customer].indices)
        assert min(times[customer, item] for item in held) > max(times[customer, item] for item in kept)


def test_the_pipeline_beats_popularity_and_says_what_it_did(split: Split) -> None:
    ticks = itertools.count()
    told: list[str] = []
    outcome = evaluate_split(split, K, 300.0, lambda: next(ticks), lambda what, _, __: told.append(what))
    assert outcome.customers == split.history.shape[0]
    assert outcome.blend.ndcg > 1.1 * outcome.alone["popular"].ndcg
    assert {"neighbours", "tastes", "blended", "fitting on everything"} <= set(told)
    # Plain ALS is tuned with the rest and stands beside the blend, in which it has no part.
    assert [model.name for model in outcome.beside] == ["plain"]
    assert outcome.alone["plain"].ndcg > outcome.alone["popular"].ndcg
    assert "plain" not in {one.model.name for one in outcome.recipe.ingredients}
    assert 0 < outcome.blend.coverage <= 1
    assert outcome.blend.novelty > 0


def test_what_came_true_changes_nothing_that_was_tuned(split: Split) -> None:
    ticks, again = itertools.count(), itertools.count()
    whole = evaluate_split(split, K, 12.0, lambda: next(ticks), lambda *_: None)
    order = np.random.default_rng(3).permutation(split.truth.shape[1])
    other = structs.replace(split, truth=split.truth[:, order])
    assert evaluate_split(other, K, 12.0, lambda: next(again), lambda *_: None).recipe == whole.recipe


def test_another_width_of_a_kind_is_blended_too_where_it_is_nearly_as_good() -> None:
    left, asked, truth = hold_back(liking(), None)
    search = Search(HeldBack(left, left[asked], truth), lambda: 0.0, 1.0, lambda *_: None)
    leader, near, far = (
        Trial(Tastes(factors=factors), recall, 0.3, 1.0) for factors, recall in ((64, 0.3), (32, 0.28), (128, 0.1))
    )
    search.trials = [leader, Trial(Tastes(factors=64, power=0.25), 0.29, 0.3, 1.0), far, near]
    assert search.other_width(leader) is near
    search.trials = [leader, far]
    assert search.other_width(leader) is None


def test_no_weights_foretell_more_than_all_that_came_true() -> None:
    matrix = liking()[:, :12].tocsr()
    left, asked, truth = hold_back(matrix, None)
    parts = (Popular().fit(left, lambda _: None), Spectral(factors=4).fit(left, lambda _: None))
    candidates = Candidates.of(parts, left[asked], truth, 12)
    ones = np.ones(2, np.float32)
    recall, ndcg = candidates.measured(ones, np.zeros(2, np.float32))
    assert max(recall, ndcg) <= 1.0


def test_what_follows_plain_als_begins_where_that_ended() -> None:
    left, asked, truth = hold_back(liking(), None)
    search = Search(HeldBack(left, left[asked], truth), lambda: 0.0, 1.0, lambda *_: None)
    plain = search.attempt(Plain(factors=16, regularization=3.0, surer=2.0))
    search.climb(Tastes, until=-1.0)
    assert [trial.model for trial in search.trials[1:]] == [
        Tastes(factors=16, regularization=3.0, surer=2.0, power=0.0)
    ]
    assert search.trials[1].value == pytest.approx(plain.value)
