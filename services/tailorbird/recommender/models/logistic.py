"""Weights of a logistic regression, by Newton's method with a little shrinkage."""

from __future__ import annotations

import numpy as np

from tailorbird.recommender.arrays import Flags, Floats

__all__ = ["fit_logistic"]

ROUNDS = 12
CLOSE = 1e-4


def fit_logistic(design: Floats, outcome: Flags, shrinkage: float = 1.0) -> Floats:
    """One weight per column of `design` (n, columns; the first is the constant, which is not shrunk)."""
    width = design.shape[1]
    weights = np.zeros(width)
    penalty = np.full(width, shrinkage)
    penalty[0] = 0.0
    for _ in range(ROUNDS):
        likely = 1.0 / (1.0 + np.exp(-np.clip(design @ weights.astype(np.float32), -30.0, 30.0)))
        gradient = design.T @ (outcome - likely).astype(np.float32) - penalty * weights
        curvature = (design * (likely * (1.0 - likely)).astype(np.float32)[:, None]).T @ design
        step = np.linalg.solve(curvature + np.diag(penalty + 1e-6), gradient)
        weights += np.clip(step, -4.0, 4.0)
        if float(np.abs(step).max()) < CLOSE:
            break
    learned: Floats = weights.astype(np.float32)
    return learned
