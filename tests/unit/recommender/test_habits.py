"""What is learned of buying again: who comes back, how long things rest, and how a cart is continued."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tailorbird.recommender.models.interactions import Interactions
from tailorbird.recommender.models.quadratic import Quadratic, fit_quadratic
from tailorbird.recommender.models.repeating import fit_again, fit_rest_days, fit_turnover, numbers_owned, owned_at
from tailorbird.recommender.models.repurchase import Habits, numbers_of

DAY = 86_400


def shop() -> Interactions:
    """200 customers for 200 days: everybody buys their own two staples weekly, soap every 50 days, and other things."""
    generator = np.random.default_rng(5)
    rows = []
    for person in range(200):
        staples = generator.choice(10, 2, replace=False)
        for week in range(28):
            at = week * 7 * DAY + person
            bought = [f"staple-{n}" for n in staples] + [f"other-{n}" for n in generator.choice(60, 2, replace=False)]
            bought += ["soap"] if week % 7 == person % 7 else []
            rows += [(f"p{person}", item, at, "purchase", 1.0, f"{person}-{week}") for item in bought]
    return Interactions.of(pd.DataFrame(rows, columns=["person", "item_id", "at", "kind", "quantity", "order_id"]))


TABLE = shop()
CODE = {item: number for number, item in enumerate(TABLE.item_ids)}


def test_what_customers_own_is_counted_fading_by_half_in_ninety_days() -> None:
    frame = pd.DataFrame(
        [("p", "milk", day * DAY, "purchase", 1.0, f"o{day}") for day in (0, 90, 180)],
        columns=["person", "item_id", "at", "kind", "quantity", "order_id"],
    )
    owned = owned_at(Interactions.of(frame), 190 * DAY)
    assert owned.times.tolist() == [3.0]
    assert owned.fading.tolist() == pytest.approx([1.75])
    assert owned.age_days.tolist() == pytest.approx([10.0])
    assert owned.gap_days.tolist() == pytest.approx([90.0, 90.0])


def test_who_comes_back_for_what_is_learned() -> None:
    owned = owned_at(TABLE, TABLE.until)
    odds = fit_again(TABLE).log_odds(numbers_owned(owned, fit_turnover(owned, len(TABLE.item_ids))))
    staple = np.isin(owned.item, [CODE[f"staple-{n}"] for n in range(10)])
    likely = 1.0 / (1.0 + np.exp(-odds))
    assert likely[staple].mean() > 0.95
    # Two of sixty others a week: in four weeks about one in eight.
    assert 0.05 < likely[~staple & (owned.item != CODE["soap"])].mean() < 0.25


def test_how_long_things_rest_is_learned_by_category() -> None:
    category = np.ones(len(TABLE.item_ids), np.int32)
    category[[CODE[f"staple-{n}"] for n in range(10)]] = 2
    category[CODE["soap"]] = 3
    rest = fit_rest_days(owned_at(TABLE, TABLE.until), category)
    assert rest[CODE["staple-1"]] == pytest.approx(7.0, abs=0.5)
    assert rest[CODE["soap"]] > 40


def test_a_quadratic_finds_what_a_product_decides() -> None:
    generator = np.random.default_rng(1)
    numbers = generator.normal(size=(20_000, 2)).astype(np.float32)
    outcome = generator.random(20_000) < 1.0 / (1.0 + np.exp(-2.0 * numbers[:, 0] * numbers[:, 1]))
    learned = fit_quadratic(numbers, outcome, Quadratic.linear(0.0, [0.0, 0.0]))
    odds = learned.log_odds(np.array([[1, 1], [1, -1], [-1, -1], [0, 0]], np.float32))
    assert odds == pytest.approx([2.0, -2.0, 2.0, 0.0], abs=0.2)


def test_with_outcomes_all_alike_what_was_thought_before_stays() -> None:
    thought = Quadratic.linear(1.0, [2.0])
    assert fit_quadratic(np.ones((3, 1), np.float32), np.ones(3, np.bool_), thought) is thought


def test_uncounted_orders_are_taken_to_be_spread_over_time() -> None:
    times, age = np.array([5.0, 5.0], np.float32), np.array([10.0, 10.0], np.float32)
    turnover = np.zeros((2, 4), np.float32)
    numbers = numbers_of(times, np.array([0.0, 3.0], np.float32), age, 10.0, turnover)
    np.testing.assert_allclose(numbers[0], numbers[1])
    assert np.isfinite(Habits.unlearned(2).again.log_odds(numbers)).all()
