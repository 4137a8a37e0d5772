"""How many customers buy an item these days, and whether that is more than usual."""

from __future__ import annotations

import numpy as np

from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.models.interactions import Interactions, Pairs

__all__ = ["fit_reach", "fit_trend"]

STEADY_DAYS = 90.0
FEW = 5.0
"""Customers assumed beside those counted, so that three purchases do not make a trend."""


def fit_reach(interactions: Interactions, pairs: Pairs, half_life_days: float) -> Floats:
    """Customers per item, each counted once by their latest purchase, which fades with the half-life.

    Counting customers instead of orders ranks better what somebody has not bought yet (ndcg@10 .0509 against .0495).
    """
    fading = np.exp2(-interactions.age_days(pairs.last_at) / half_life_days)
    return _by_item(interactions, pairs, fading)


def fit_trend(interactions: Interactions, pairs: Pairs, half_life_days: float) -> Floats:
    """The fast reach, raised where it is above what the slow one leads to expect and lowered where below."""
    fast = fit_reach(interactions, pairs, half_life_days)
    slow = fit_reach(interactions, pairs, STEADY_DAYS)
    usual = slow * (fast.sum() / max(float(slow.sum()), 1e-9))
    lift = np.clip((fast + FEW) / (usual + FEW), 0.25, 4.0)
    trend: Floats = (fast * lift).astype(np.float32)
    return trend


def _by_item(interactions: Interactions, pairs: Pairs, weights: Floats) -> Floats:
    counted = np.bincount(pairs.item, weights=weights, minlength=len(interactions.item_ids))
    return counted.astype(np.float32)
