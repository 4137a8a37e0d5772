"""What another way of choosing would have brought, from choices whose probabilities were logged."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from msgspec import Struct

from tailorbird.contracts.reports import Estimate
from tailorbird.insights.statistics.quantiles import normal

__all__ = ["Evaluation", "evaluate"]


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
    would have made it; what a model expects of that choice, and of the target's choices on average. Inverse propensity
    score (Horvitz and Thompson, 1952), self-normalised (Swaminathan and Joachims, NeurIPS 2015), doubly robust (Dudik,
    Langford and Li, ICML 2011): right when either the probabilities or the model are.
    """
    rewards = np.asarray(rewards, dtype=float)
    weights = np.asarray(target, dtype=float) / np.asarray(logged, dtype=float)
    if len(rewards) < 2:
        return Evaluation(Estimate(), Estimate(), Estimate(), 0.0)
    model = np.asarray(expected_target, dtype=float)
    robust = model + weights * (rewards - np.asarray(expected_logged, dtype=float))
    total = float(weights.sum())
    squares = float((weights**2).sum())
    return Evaluation(
        inverse=_mean(weights * rewards, level),
        self_normalised=_ratio(weights * rewards, weights, level) if total > 0.0 else Estimate(),
        doubly_robust=_mean(robust, level),
        effective=total**2 / squares if squares > 0.0 else 0.0,
    )


def _mean(values: Any, level: float) -> Estimate:
    value, half = float(values.mean()), normal(level) * float(values.std(ddof=1)) / math.sqrt(len(values))
    return Estimate(value=value, low=value - half, high=value + half)


def _ratio(over: Any, by: Any, level: float) -> Estimate:
    value = float(over.sum() / by.sum())
    half = normal(level) * math.sqrt(float(((over - value * by) ** 2).sum())) / float(by.sum())
    return Estimate(value=value, low=value - half, high=value + half)
