"""Log-odds from a handful of numbers and their products: a learned score that costs two small matrix products.

The numbers are standardised, then z' W z with z = (1, numbers). On the demonstration's data it ranks repurchases as
well as boosted trees over the same numbers (precision@10 .3654 against .3648 on origins before the reported ones).
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from tailorbird.recommender.arrays import Codes, Days, Flags, Floats

__all__ = ["Quadratic", "fit_quadratic", "thinned"]

FARTHEST = 4.0
"""Standard deviations: beyond what was seen a square goes anywhere."""
ROUNDS = 12
CLOSE = 1e-4
SHRINKAGE = 30.0
"""How strongly few outcomes leave the weights where they were thought to be."""


class Quadratic(Struct, frozen=True):
    """What was learned for `n` numbers."""

    standard: Floats
    """(2, n): what is subtracted, and by what is divided."""
    weights: Floats
    """(n + 1, n + 1), the first row and column for the constant."""

    def log_odds(self, numbers: Floats) -> Floats:
        """One per row of `numbers` (rows, n)."""
        known = np.ones((len(numbers), self.weights.shape[0]), np.float32)
        known[:, 1:] = standardised(numbers, self.standard)
        odds: Floats = np.einsum("ij,ij->i", known @ self.weights, known)
        # Surer than this is not meant, and its exponential would not fit.
        return np.clip(odds, -30.0, 30.0, out=odds)

    @classmethod
    def linear(cls, constant: float, weights: list[float]) -> Quadratic:
        """Of stated weights, for where there is too little to learn from."""
        width = len(weights)
        table = np.zeros((width + 1, width + 1), np.float32)
        table[0] = [constant, *weights]
        return cls(np.array([[0.0] * width, [1.0] * width], np.float32), table)


def fit_quadratic(numbers: Floats, outcome: Flags, thought: Quadratic, each: int = 1) -> Quadratic:
    """By logistic regression (Newton's method), shrunk towards the linear weights of what was thought before; that
    itself where all outcomes are alike. each: so many outcomes every False one stands for (`thinned`).
    """
    if not 0 < int(outcome.sum()) < len(outcome):
        return thought
    standard = np.stack([numbers.mean(axis=0), np.maximum(numbers.std(axis=0), 1e-3)]).astype(np.float32)
    values = standardised(numbers, standard)
    width = values.shape[1]
    rows, columns = np.triu_indices(width)
    constant = np.ones((len(values), 1), np.float32)
    before = np.zeros(1 + width + len(rows))
    before[1 : width + 1] = thought.weights[0, 1:] * standard[1]
    design = np.hstack([constant, values, values[:, rows] * values[:, columns]])
    learned = _newton(design, outcome, np.where(outcome, 1.0, float(each)).astype(np.float32), before)
    weights = np.zeros((width + 1, width + 1), np.float32)
    weights[0] = learned[: width + 1]
    weights[rows + 1, columns + 1] = learned[width + 1 :]
    return Quadratic(standard, weights)


def thinned(outcome: Flags, others: int) -> tuple[Codes, int]:
    """(rows, each): every row that came true and, of the others, one for `each`: about `others` for every true one.

    What came true is scarce and what did not says the same over and over: a twentieth of the time, the same weights.
    """
    came = int(outcome.sum())
    each = max(1, (len(outcome) - came) // max(1, others * came))
    if each == 1:
        return np.arange(len(outcome)), 1
    return np.sort(np.concatenate([np.flatnonzero(outcome), np.flatnonzero(~outcome)[::each]])), each


def standardised(numbers: Floats, standard: Floats) -> Floats:
    """The numbers in standard deviations from their mean, cut off far out."""
    values: Floats = (numbers - standard[0]) / standard[1]
    return np.clip(values, -FARTHEST, FARTHEST, out=values)


def _newton(design: Floats, outcome: Flags, counts: Floats, thought: Days) -> Floats:
    """One weight per column of `design`; the first is the constant, which is not shrunk."""
    width = design.shape[1]
    weights, shrinkage = np.zeros(width), np.full(width, SHRINKAGE)
    shrinkage[0] = 1e-6
    share = float(counts[outcome].sum() / counts.sum())
    weights[0] = np.log(share / (1.0 - share))
    odds = _odds(design, weights)
    loss = _loss(odds, outcome, counts, weights - thought, shrinkage)
    for _ in range(ROUNDS):
        likely = 1.0 / (1.0 + np.exp(-odds))
        gradient = design.T @ (counts * (outcome - likely)) - shrinkage * (weights - thought)
        curvature = (design * (counts * likely * (1.0 - likely))[:, None]).T @ design
        step = np.linalg.solve(curvature + np.diag(shrinkage), gradient)
        # Far from the best weights a whole step may lead away: it is halved until it leads nearer.
        for _ in range(ROUNDS):
            odds = _odds(design, weights + step)
            after = _loss(odds, outcome, counts, weights + step - thought, shrinkage)
            if after <= loss:
                break
            step /= 2.0
        else:
            break
        weights, loss = weights + step, after
        if float(np.abs(step).max()) < CLOSE:
            break
    learned: Floats = weights.astype(np.float32)
    return learned


def _odds(design: Floats, weights: Days) -> Floats:
    odds: Floats = np.clip(design @ weights.astype(np.float32), -30.0, 30.0)
    return odds


def _loss(odds: Floats, outcome: Flags, counts: Floats, apart: Days, shrinkage: Days) -> float:
    surprise = counts * (np.logaddexp(0.0, odds) - outcome * odds)
    return float(surprise.sum(dtype=np.float64) + (shrinkage[1:] * apart[1:] ** 2).sum() / 2.0)
