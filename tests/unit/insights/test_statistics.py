"""The formulas of experiments against published worked numbers, other libraries, and simulated truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tailorbird.insights.reports.cohortreport import share
from tailorbird.insights.statistics.adjusting import adjusted
from tailorbird.insights.statistics.comparing import Sample, difference, lift, sample_of
from tailorbird.insights.statistics.factorial import contrasts
from tailorbird.insights.statistics.multiple import discovery, holm
from tailorbird.insights.statistics.offpolicy import evaluate
from tailorbird.insights.statistics.planning import detectable, needed, sample_ratio
from tailorbird.insights.statistics.sequential import always_valid, mixture_p_value
from tailorbird.suite.bench.simulating import errors_of_peeking, found_at_power


def test_the_fixed_interval_is_welchs() -> None:
    random = np.random.default_rng(1)
    one, other = random.normal(1.2, 3.0, 80), random.normal(1.0, 1.0, 150)
    found, p_value = difference(sample_of(one), sample_of(other), 0.05)
    theirs = stats.ttest_ind(one, other, equal_var=False)
    low, high = theirs.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert p_value == pytest.approx(theirs.pvalue)


def test_holm_and_benjamini_hochberg_by_their_worked_examples() -> None:
    # Holm on .01, .04, .03, .005: .005 x 4, .01 x 3, .03 x 2, then not less than what came before.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    # The fifteen p-values of Benjamini and Hochberg (1995), section 4: at .05 four are found, three by Bonferroni.
    published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
                 0.7590, 1.0]  # fmt: skip
    assert sum(value <= 0.05 for value in discovery(published)) == 4
    assert sum(value <= 0.05 for value in holm(published)) == 3
    assert discovery(published) == pytest.approx(stats.false_discovery_control(published).tolist())


def test_wilsons_interval_by_a_published_example() -> None:
    # Newcombe (1998), table I: 81 of 263 gives .2553 to .3662; 0 of 20 gives 0 to .1611.
    assert (share(81, 263).low, share(81, 263).high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert (share(0, 20).low, share(0, 20).high) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_persons_needed_by_the_textbooks_rule() -> None:
    # Kohavi, Tang and Xu (2020), p. 189: 16 variance / effect^2 for 80 % power at 5 %; exactly 15.7.
    persons = needed(0.05, 0.05 * 0.95, 0.05, 0.05, 0.8)
    assert persons == pytest.approx(16 * 0.0475 / 0.0025**2, rel=0.03)
    assert persons is not None
    assert detectable(0.05, 0.0475, persons, 0.05, 0.8) == pytest.approx(0.05, rel=1e-3)
    assert needed(0.0, 0.0, 0.05, 0.05, 0.8) is None


def test_a_sample_ratio_mismatch_by_a_published_example() -> None:
    # Kohavi, Tang and Xu (2020), p. 45: 821,588 against 815,482 meant to be halves has p = 1.8e-6.
    p_value = sample_ratio({"control": 821_588, "treatment": 815_482}, {"control": 0.5, "treatment": 0.5})
    assert p_value == pytest.approx(1.8e-6, rel=0.05)
    assert sample_ratio({"control": 5_000, "treatment": 5_010}, {"control": 1, "treatment": 1}) == pytest.approx(
        0.92, abs=0.01
    )


def test_cuped_takes_out_what_was_so_before() -> None:
    random = np.random.default_rng(3)
    before = random.gamma(2.0, 10.0, 20_000)
    values = 0.7 * before + random.normal(0.0, 5.0, 20_000)
    left, kept = adjusted(values, before)
    assert left.mean() == pytest.approx(values.mean())
    assert kept == pytest.approx(1.0 - np.corrcoef(values, before)[0, 1] ** 2, abs=1e-3)
    assert adjusted(values, np.zeros(20_000))[1] == 1.0


def test_fiellers_interval_holds_the_lift() -> None:
    random = np.random.default_rng(4)
    held = 0
    for _ in range(500):
        control, treated = random.gamma(1.0, 10.0, 300), random.gamma(1.0, 11.0, 300)
        found = lift(sample_of(treated), sample_of(control), 0.05)
        held += (found.low or -9.0) <= 0.1 <= (found.high or 9.0)
    assert 0.92 < held / 500 < 0.98
    assert lift(Sample(50, 1.0, 1.0), Sample(50, 0.1, 1.0), 0.05).low is None


def test_peeked_at_daily_the_always_valid_interval_keeps_its_level() -> None:
    """The whole size, 2,000 tests, runs in `tailorbird bench --only statistics`."""
    found = errors_of_peeking(tests=250, days=28, persons_a_day=60, seed=5)
    assert found.sequential <= 0.05
    assert found.fixed > 0.15, "an ordinary interval, looked at daily, errs far more often than it says"


def test_a_known_effect_is_found_at_the_stated_power() -> None:
    found = found_at_power(tests=300, seed=6)
    assert found == pytest.approx(0.8, abs=0.07)


def test_the_always_valid_p_value_and_interval_agree() -> None:
    random = np.random.default_rng(8)
    for _ in range(200):
        treated, control = sample_of(random.normal(0.12, 1.0, 700)), sample_of(random.normal(0.0, 1.0, 900))
        interval, p_value = always_valid(treated, control, 0.05), mixture_p_value(treated, control, 0.05)
        assert interval.low is not None
        assert interval.high is not None
        assert p_value is not None
        assert (p_value < 0.05) is not (interval.low <= 0.0 <= interval.high)


def test_of_few_nothing_is_said() -> None:
    assert always_valid(Sample(10, 1.0, 1.0), Sample(10, 0.0, 1.0), 0.05).low is None
    assert mixture_p_value(Sample(10, 1.0, 1.0), Sample(10, 0.0, 1.0), 0.05) is None


def test_main_effects_and_interactions_by_montgomerys_example() -> None:
    # Montgomery, Design and Analysis of Experiments, section 6.2: a 2 x 2 with three replicates. A = 8.33, B = -5.00,
    # AB = 1.67 (of means; each effect is half the sum of two differences). Sums: 80, 100, 60, 90.
    cells: dict[tuple[str, ...], Sample] = {
        ("low", "low"): sample_of([28, 25, 27]), ("high", "low"): sample_of([36, 32, 32]),
        ("low", "high"): sample_of([18, 19, 23]), ("high", "high"): sample_of([31, 30, 29]),
    }  # fmt: skip
    found = {one.name: one.effect.value for one in contrasts(cells, ["A", "B"], 0.05)}
    assert found["A=high"] == pytest.approx(8.33, abs=0.01)
    assert found["B=high"] == pytest.approx(-5.0, abs=0.01)
    # The difference of differences is twice what the book calls the interaction effect.
    assert found["A=high x B=high"] == pytest.approx(2 * 1.67, abs=0.01)


def test_off_policy_estimates_find_what_another_policy_would_have_brought() -> None:
    random = np.random.default_rng(9)
    truth = np.array([0.1, 0.3, 0.2])
    logged_policy = np.array([0.6, 0.1, 0.3])
    chosen = random.choice(3, 40_000, p=logged_policy)
    rewards = (random.random(40_000) < truth[chosen]).astype(float)
    target = (chosen == 1).astype(float)
    wrong_model = np.full(40_000, 0.25)
    found = evaluate(rewards, logged_policy[chosen], target, wrong_model, wrong_model, 0.05)
    for one in (found.inverse, found.self_normalised, found.doubly_robust):
        assert one.low is not None
        assert one.high is not None
        assert one.low <= 0.3 <= one.high
    # Of those that were chosen so: one in ten.
    assert found.effective == pytest.approx(4_000, rel=0.05)
    # As it was logged, it is what happened.
    same = evaluate(rewards, logged_policy[chosen], logged_policy[chosen], wrong_model, wrong_model, 0.05)
    assert same.inverse.value == pytest.approx(rewards.mean())
