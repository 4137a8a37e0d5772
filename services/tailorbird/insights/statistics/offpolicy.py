"""What another way of choosing would have brought, from choices whose probabilities were logged."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from msgspec import Struct

from tailorbird.contracts.reports import Estimate
from tailorbird.insights.statistics.quantiles import normal

__all__ = ["Evaluation", "Logged", "evaluate", "evaluate_sums"]


class Logged(Struct, frozen=True):
    """Logged choices in cells within which the target and the model say the same: sums over each, as arrays.

    Enough for every estimate and its variance, so that ten million choices are as many numbers as there are cells.
    """

    count: Any
    inverse: Any
    """Of 1 / p, where p is the probability with which a choice was made."""
    inverse_squared: Any
    reward: Any
    """Of reward / p."""
    reward_by_squared: Any
    """Of reward / p^2."""
    reward_squared: Any
    """Of reward^2 / p^2."""


class Evaluation(Struct, frozen=True):
    inverse: Estimate
    self_normalised: Estimate
    doubly_robust: Estimate
    effective: float
    """How many of the logged choices the weighted ones are worth (Kish, Survey Sampling, 1965)."""


def evaluate(
    rewards: Any, logged: Any, target: Any, expected_logged: Any, expected_target: Any, level: float
) -> Evaluation:
    """The mean reward, had the target chosen.

    One entry for each logged choice: its reward, the probability with which it was made, the one with which the target
    would have made it; what a model expects of that choice, and of the target's choices on average.
    """
    reward, weight = np.asarray(rewards, dtype=float), 1.0 / np.asarray(logged, dtype=float)
    one_by_one = Logged(
        np.ones(len(reward)), weight, weight**2, reward * weight, reward * weight**2, (reward * weight) ** 2
    )
    return evaluate_sums(one_by_one, target, expected_logged, expected_target, level)


def evaluate_sums(
    logged: Logged, target: Any, expected_logged: Any, expected_target: Any, level: float
) -> Evaluation:
    """The same with an entry for each cell.

    Inverse propensity score (Horvitz and Thompson, 1952), self-normalised (Swaminathan and Joachims, NeurIPS 2015),
    doubly robust (Dudik, Langford and Li, ICML 2011): right when either the probabilities or the model are.
    """
    count = float(np.sum(logged.count))
    if count < 2:
        return Evaluation(Estimate(), Estimate(), Estimate(), 0.0)
    chance, said = np.asarray(target, dtype=float), np.asarray(expected_logged, dtype=float)
    model = np.asarray(expected_target, dtype=float)
    weights = float((chance * logged.inverse).sum())
    squares = float((chance**2 * logged.inverse_squared).sum())
    rewards = float((chance * logged.reward).sum())
    reward_squares = float((chance**2 * logged.reward_squared).sum())
    crossed = float((chance**2 * logged.reward_by_squared).sum())
    # A cell's choices add model + w * (reward - said) each, w being chance / p.
    over = logged.reward - said * logged.inverse
    over_squares = logged.reward_squared - 2.0 * said * logged.reward_by_squared + said**2 * logged.inverse_squared
    robust = float((logged.count * model + chance * over).sum())
    robust_squares = float((logged.count * model**2 + 2.0 * model * chance * over + chance**2 * over_squares).sum())
    return Evaluation(
        inverse=_mean(rewards, reward_squares, count, level),
        self_normalised=_ratio(rewards, weights, reward_squares, crossed, squares, level) if weights else Estimate(),
        doubly_robust=_mean(robust, robust_squares, count, level),
        effective=weights**2 / squares if squares > 0.0 else 0.0,
    )


def _mean(total: float, squares: float, count: float, level: float) -> Estimate:
    value = total / count
    variance = max(0.0, squares - count * value**2) / (count - 1.0)
    half = normal(level) * math.sqrt(variance / count)
    return Estimate(value=value, low=value - half, high=value + half)


def _ratio(over: float, by: float, over_squares: float, crossed: float, by_squares: float, level: float) -> Estimate:
    value = over / by
    left = max(0.0, over_squares - 2.0 * value * crossed + value**2 * by_squares)
    half = normal(level) * math.sqrt(left) / by
    return Estimate(value=value, low=value - half, high=value + half)
