"""Intervals that hold at every moment at once, so that a test may be looked at daily and stopped when it has spoken.

The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (Time-uniform central limit theory
and asymptotic confidence sequences, Annals of Statistics 52, 2024, theorem 2.2): the mean of t values with standard
deviation s lies, at all times at once, within

    s * sqrt( 2 (t rho^2 + 1) / (t^2 rho^2) * log( sqrt(t rho^2 + 1) / alpha ) )

which is the normal mixture (mixture sequential probability ratio test of Robbins, 1970) inverted. `rho` says when the
interval is tightest and is chosen beforehand: rho^2 = (-2 log(alpha) + log(-2 log(alpha) + 1)) / t for a sample size t.
"""

from __future__ import annotations

import math

from tailorbird.contracts.reports import Estimate
from tailorbird.insights.statistics.comparing import Sample

__all__ = ["FEWEST", "PLANNED", "always_valid", "mixture_p_value", "tightest_at"]

PLANNED = 1_000.0
"""Persons for whom intervals are made tightest where no plan says how many: it costs little to be off by ten times."""
FEWEST = 50
"""Persons in each variant before anything is said: the theorem speaks of many."""


def tightest_at(persons: float, level: float) -> float:
    """rho^2 for which the interval of this level is tightest at so many persons (same paper, appendix B.2)."""
    twice = -2.0 * math.log(level)
    return (twice + math.log(twice + 1.0)) / persons


def always_valid(treated: Sample, control: Sample, level: float, planned: float = PLANNED) -> Estimate:
    """Treated less control, with an interval that holds at all times at once with probability 1 - level.

    Two variants as one sequence: the variance of the difference of means is that of n values, n their effective number
    (the harmonic mean's half), as in the paper's section on randomized experiments.
    """
    if treated.count < FEWEST or control.count < FEWEST:
        return Estimate(value=treated.mean - control.mean if treated.count and control.count else None)
    value = treated.mean - control.mean
    half = math.sqrt(_squared_error(treated, control)) * _width(_effective(treated, control), level, planned)
    return Estimate(value=value, low=value - half, high=value + half)


def mixture_p_value(treated: Sample, control: Sample, level: float, planned: float = PLANNED) -> float | None:
    """The always-valid p-value: the least level at which the interval with this `rho` leaves out zero."""
    if treated.count < FEWEST or control.count < FEWEST:
        return None
    squared = _squared_error(treated, control)
    value = treated.mean - control.mean
    if squared == 0.0:
        return 1.0 if value == 0.0 else 0.0
    times = _effective(treated, control) * tightest_at(planned, level)
    # The mixture's likelihood ratio against no difference; its inverse is the p-value (Ville's inequality).
    score = value**2 / squared
    logarithm = 0.5 * math.log(times + 1.0) - 0.5 * score * times / (times + 1.0)
    return math.exp(min(0.0, logarithm))


def _width(persons: float, level: float, planned: float) -> float:
    """How many standard errors the interval reaches after so many persons."""
    times = persons * tightest_at(planned, level)
    return math.sqrt(2.0 * (times + 1.0) / times * math.log(math.sqrt(times + 1.0) / level))


def _squared_error(treated: Sample, control: Sample) -> float:
    return treated.error + control.error


def _effective(treated: Sample, control: Sample) -> float:
    return 2.0 / (1.0 / treated.count + 1.0 / control.count)
