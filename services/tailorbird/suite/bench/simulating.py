"""Simulated experiments whose truth is known."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from tailorbird.contracts.reports import Estimate
from tailorbird.insights.statistics.comparing import Sample, difference
from tailorbird.insights.statistics.planning import needed
from tailorbird.insights.statistics.sequential import always_valid
from tailorbird.suite.bench.table import Figure

__all__ = ["Errors", "errors_of_peeking", "found_at_power", "measure_statistics"]


class Errors(Struct, frozen=True):
    """Share of A/A tests in which a difference was found on some day."""

    sequential: float
    fixed: float


def errors_of_peeking(tests: int, days: int, persons_a_day: int, seed: int) -> Errors:
    """Both variants alike, of skewed money of which most persons spend none, looked at at the end of every day."""
    random = np.random.default_rng(seed)
    sequential = fixed = 0
    for _ in range(tests):
        spent = random.gamma(0.8, 30.0, (2, days * persons_a_day)) * (random.random((2, days * persons_a_day)) < 0.3)
        sums, squares = spent.cumsum(axis=1), (spent**2).cumsum(axis=1)
        looks = []
        for day in range(1, days + 1):
            count = day * persons_a_day
            one, other = (_sample(count, sums[arm, count - 1], squares[arm, count - 1]) for arm in (0, 1))
            once, _ = difference(one, other, 0.05)
            looks.append((_excludes_zero(always_valid(one, other, 0.05)), _excludes_zero(once)))
        sequential += any(always for always, _ in looks)
        fixed += any(by_then for _, by_then in looks)
    return Errors(sequential / tests, fixed / tests)


def found_at_power(tests: int, seed: int) -> float:
    """Share of tests with as many persons as planned for 80 % in which an effect of a tenth is found."""
    random = np.random.default_rng(seed)
    mean, variance = 0.2, 0.16
    persons = needed(mean, variance, 0.1, 0.05, 0.8) or 0
    found = 0
    for _ in range(tests):
        one, other = (_shares(persons, int(random.binomial(persons, share))) for share in (mean * 1.1, mean))
        found += _excludes_zero(difference(one, other, 0.05)[0])
    return found / tests


def measure_statistics() -> list[Figure]:
    """Of 2,000 A/A tests, how many find a difference on any of 28 days; and how often a known effect is found."""
    found = errors_of_peeking(tests=2_000, days=28, persons_a_day=100, seed=20)
    return [
        Figure(
            name="A/A tests peeked at daily that find a difference, always-valid", unit="", measured=found.sequential,
            at_most=0.05,
        ),
        Figure(name="the same with ordinary intervals", measured=found.fixed, unit=""),
        Figure(
            name="known effects found, planned for a power of .80", unit="", measured=found_at_power(2_000, 21),
            at_least=0.78,
        ),
    ]  # fmt: skip


def _shares(count: int, ordered: int) -> Sample:
    return _sample(count, float(ordered), float(ordered))


def _sample(count: int, total: float, squares: float) -> Sample:
    return Sample(count, total / count, (squares - total**2 / count) / (count - 1))


def _excludes_zero(one: Estimate) -> bool:
    return one.low is not None and one.high is not None and not one.low <= 0.0 <= one.high
