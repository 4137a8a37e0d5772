"""Before an experiment: how many persons it needs; during it: how many still, and whether they came as meant."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tailorbird.insights.statistics.quantiles import chi_square_tail, normal

__all__ = ["detectable", "needed", "sample_ratio"]


def needed(
    mean: float, variance: float, relative: float, level: float, power: float, comparisons: int = 1
) -> int | None:
    """Persons in each of two variants for which this relative difference is found with this probability.

    2 * variance * (z_level + z_power)^2 / (relative * mean)^2, the level shared among comparisons (Bonferroni).
    None when there is nothing to be relative to.
    """
    effect = abs(mean * relative)
    if effect == 0.0 or variance <= 0.0:
        return None
    quantiles = normal(level / comparisons) + normal(2.0 * (1.0 - power))
    return math.ceil(2.0 * variance * quantiles**2 / effect**2)


def detectable(mean: float, variance: float, persons: float, level: float, power: float) -> float | None:
    """The relative difference that so many persons in each variant would show with this probability."""
    if mean == 0.0 or persons < 2:
        return None
    return math.sqrt(2.0 * variance / persons) * (normal(level) + normal(2.0 * (1.0 - power))) / abs(mean)


def sample_ratio(observed: Mapping[str, int], meant: Mapping[str, float]) -> float | None:
    """The p-value of these counts, were the shares as meant (Pearson's chi-square). None of fewer than two variants.

    Under 0.001 something is wrong with the experiment, not with its variants (Fabijan et al., Diagnosing Sample Ratio
    Mismatch, KDD 2019).
    """
    total, shares = sum(observed.values()), sum(meant.values())
    if len(observed) < 2 or total == 0 or shares <= 0.0:
        return None
    statistic = 0.0
    for variant, count in observed.items():
        expected = total * meant.get(variant, 0.0) / shares
        if expected == 0.0:
            return 0.0
        statistic += (count - expected) ** 2 / expected
    return chi_square_tail(statistic, len(observed) - 1)
