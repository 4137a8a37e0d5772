"""The difference of two variants: with a fixed interval, and with one that holds however often it is looked at."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from msgspec import Struct

from tailorbird.contracts.reports import Estimate
from tailorbird.insights.statistics.quantiles import normal, student, student_tail

__all__ = ["Sample", "difference", "lift", "mean", "sample_of", "welch"]


class Sample(Struct, frozen=True):
    """What a variant's persons add up to: enough for a mean and its variance."""

    count: int
    mean: float = 0.0
    variance: float = 0.0
    """Between persons, with n - 1."""

    @property
    def error(self) -> float:
        """Squared standard error of the mean."""
        return self.variance / self.count if self.count else math.inf


def sample_of(values: Any) -> Sample:
    """The sample of one value for each person."""
    values = np.asarray(values, dtype=float)
    if len(values) < 2:
        return Sample(len(values), float(values.mean()) if len(values) else 0.0, 0.0)
    return Sample(len(values), float(values.mean()), float(values.var(ddof=1)))


def mean(one: Sample, level: float) -> Estimate:
    """The mean with its interval by Student's t; None of nobody."""
    if one.count == 0:
        return Estimate()
    if one.count < 2:
        return Estimate(value=one.mean)
    half = student(level, one.count - 1) * math.sqrt(one.error)
    return Estimate(value=one.mean, low=one.mean - half, high=one.mean + half)


def welch(treated: Sample, control: Sample) -> tuple[float, float]:
    """Standard error of the difference of the means, and its degrees of freedom (Welch, Biometrika 34, 1947)."""
    one, other = treated.error, control.error
    error = one + other
    below = one**2 / (treated.count - 1) + other**2 / (control.count - 1)
    return math.sqrt(error), error**2 / below if below > 0.0 else math.inf


def difference(treated: Sample, control: Sample, level: float) -> tuple[Estimate, float | None]:
    """Treated less control with a fixed interval, and the two-sided p-value (Welch's t test).

    Right when looked at once, after the number of persons that was planned.
    """
    if treated.count < 2 or control.count < 2:
        return Estimate(), None
    value = treated.mean - control.mean
    error, freedom = welch(treated, control)
    if error == 0.0:
        return Estimate(value=value, low=value, high=value), 1.0 if value == 0.0 else 0.0
    half = student(level, min(freedom, 1e9)) * error
    return Estimate(value=value, low=value - half, high=value + half), student_tail(value / error, min(freedom, 1e9))


def lift(treated: Sample, control: Sample, level: float) -> Estimate:
    """The difference as a share of the control's mean, with Fieller's interval (J. R. Stat. Soc. B 16, 1954).

    Without bounds where the control's mean may itself be nothing.
    """
    if treated.count < 2 or control.count < 2 or control.mean == 0.0:
        return Estimate()
    ratio = treated.mean / control.mean
    squared = normal(level) ** 2
    below = control.mean**2 - squared * control.error
    if below <= 0.0:
        return Estimate(value=ratio - 1.0)
    root = (treated.mean * control.mean) ** 2 - (treated.mean**2 - squared * treated.error) * below
    middle, half = treated.mean * control.mean / below, math.sqrt(max(root, 0.0)) / below
    return Estimate(value=ratio - 1.0, low=middle - half - 1.0, high=middle + half - 1.0)
