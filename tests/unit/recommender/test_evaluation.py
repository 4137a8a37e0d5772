"""Evaluation looks only forward, lists what serves, and says how sure it is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tailorbird.recommender.evaluating.baselines import oracle, personal_frequency, personal_recency, popularity
from tailorbird.recommender.evaluating.evaluate import HeldOut, compare, difference, interval, list_all, overlap, split
from tailorbird.recommender.evaluating.report import evaluate
from tests.unit.recommender.smallshop import DAY, SETTINGS, interactions, item_table

PURCHASES = pd.DataFrame(
    [("p", "a", 1 * DAY, "o1"), ("p", "b", 2 * DAY, "o2"), ("p", "a", 3 * DAY, "o3"), ("q", "b", 3 * DAY, "o4"),
     ("p", "c", 40 * DAY, "o5"), ("p", "a", 41 * DAY, "o6"), ("r", "c", 41 * DAY, "o7")],
    columns=["person", "item_id", "at", "order_id"],
)  # fmt: skip


def test_what_is_held_out_lies_after_everything_trained_on() -> None:
    before, after = split(PURCHASES, days=28)
    assert before["at"].max() < after["at"].min()
    assert len(before) + len(after) == len(PURCHASES)


def test_new_items_and_repeats_are_told_apart_for_those_who_bought_before_and_after() -> None:
    test = HeldOut.of(*split(PURCHASES))
    assert test.new == {"p": {"c"}}
    assert test.again == {"p": {"a"}}
    assert set(test.facts) == {"p"}


def test_baselines_list_what_their_names_say() -> None:
    before, _ = split(PURCHASES)
    assert list(popularity(before)("p", (), 2)) == ["b", "a"]
    assert list(popularity(before)("p", {"b"}, 2)) == ["a"]
    assert list(personal_recency(before)("p", (), 2)) == ["a", "b"]
    assert list(personal_frequency(before)("p", (), 1)) == ["a"]
    assert list(oracle({"p": {"z", "c"}}, {"c"})("p", (), 5)) == ["c"]


def test_an_interval_holds_the_mean_and_narrows_with_more_customers() -> None:
    values = np.random.default_rng(1).random(2_000)
    few, many = interval(values[:50]), interval(values)
    assert many[0] < values.mean() < many[1]
    assert many[1] - many[0] < few[1] - few[0]


def test_a_way_of_listing_is_not_better_than_itself() -> None:
    truths = {"p": {"a"}, "q": {"b"}}
    lists = {"p": ["a", "b"], "q": ["a", "b"]}
    assert difference(truths, lists, lists) == (0.0, 0.0, 0.0)
    assert compare(truths, {"same": lists}).loc["same", "recall@10"] == 1.0


def test_overlap_is_the_share_two_customers_have_in_common() -> None:
    assert overlap({"p": ["a", "b"], "q": ["a", "c"]}) == 0.5
    assert overlap({"p": ["a"]}) == 0.0


def test_the_whole_evaluation_runs_through_the_code_that_serves() -> None:
    report = evaluate(interactions(), item_table(), SETTINGS, days=45)
    assert list(report.discovery.index) == ["for_you", "popularity of 8 weeks", "oracle"]
    assert report.discovery.loc["oracle", "ndcg@10"] >= report.discovery.loc["for_you", "ndcg@10"]
    assert report.gain[1] > 0
    assert report.overlap < 0.6
    truths = list_all(oracle({"p": {"a"}}, {"a"}), {"p": {"a"}}, {}, 10)
    assert truths == {"p": ["a"]}
