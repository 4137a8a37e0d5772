"""An autoencoder that is shown a part of a history and foretells the whole: one hidden layer, then one inner product.

Liang et al. 2018 ("Variational Autoencoders for Collaborative Filtering"), without the variation: a multinomial
likelihood over all items, inputs of unit length with some left out by chance. What it learns beside factors is a bend:
a customer's vector is a hyperbolic tangent of what their items add up to, so that liking two things may say more, or
less, than both by themselves. Asking costs a sum of rows, no system of equations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from tailorbird.recommender.arrays import Days, Floats, Positions
from tailorbird.recommender.models.part import Kind, Part, Step, Vectors, faded, ones
from tailorbird.recommender.models.scatter import evenly, scattered

__all__ = ["Encoded", "EncodedPart"]

MOMENTUM, SPREAD, TINY = 0.9, 0.999, 1e-8


class EncodedPart(Vectors, frozen=True):
    """`base`: a row per item and a last one, always added. `target`: an item's row, and what everybody likes of it."""

    base: Floats

    def query(self, history: sparse.csr_matrix) -> Floats:
        """Customers x width + 1."""
        hidden = np.tanh(_shown(history) @ self.base[:-1] + self.base[-1])
        return np.column_stack([hidden, np.ones(len(hidden), np.float32)]).astype(np.float32)

    def asked(self, rows: Positions, liking: Floats) -> Floats:  # noqa: ARG002 - that it is liked is all it looks at
        """Width + 1: the hidden layer, and a 1 for what everybody likes."""
        shown = self.base[rows].sum(axis=0) * np.float32(max(len(rows), 1) ** -0.5)
        return np.append(np.tanh(shown + self.base[-1]), np.float32(1.0)).astype(np.float32)


class Encoded(Kind, frozen=True, kw_only=True):
    """Its time grows with customers times items: for catalogues that are not large."""

    turn: ClassVar[int] = 80
    choices: ClassVar[Mapping[str, Sequence[Any]]] = {
        "members": (1, 2, 3),
        "hidden": (100, 200, 400, 600),
        "left_out": (0.3, 0.5, 0.7),
        "decay": (0.003, 0.01, 0.03, 0.1),
        "epochs": (30, 60, 100, 150),
    }
    cells_at_most: ClassVar[int] = 40_000_000
    customers_at_least: ClassVar[int] = 500

    makes: ClassVar[type[Part]] = EncodedPart

    members: int = 1
    """So many are learned, each from another beginning and with other things left out; their mean is less by chance."""
    hidden: int = 200
    left_out: float = 0.5
    """Share of a history that is not shown while learning."""
    decay: float = 0.01
    """What every weight loses at each step, in units of the step's size."""
    epochs: int = 60
    rate: float = 2e-3
    customers_at_once: int = 200
    seed: int = 7

    def fitting(self, shape: tuple[int, int]) -> bool:
        """Whether there are customers enough, and a round over all takes a second or two, not minutes."""
        return shape[0] >= self.customers_at_least and shape[0] * shape[1] <= self.cells_at_most

    def fit(self, liking: sparse.csr_matrix, step: Step) -> Part:
        """Every member, side by side in one hidden layer."""
        found = [
            self._member(liking, number, lambda done, at=number: step((at + done) / self.members))  # type: ignore[misc]
            for number in range(self.members)
        ]
        outward = np.hstack([one.outward.T for one in found]) / self.members
        offset = np.mean([one.offset for one in found], axis=0)
        inward = np.hstack([np.vstack([one.inward, one.bias]) for one in found])
        return EncodedPart(np.column_stack([outward, offset]).astype(np.float32), inward.astype(np.float32))

    def _member(self, liking: sparse.csr_matrix, number: int, step: Step) -> _Learned:
        """Adam, the rate falling to nothing."""
        drawn = _Drawn((self.seed + number) << 40)
        customers, items = liking.shape
        learned = _Learned(items, self.hidden, np.bincount(liking.indices, minlength=items), number)
        shown = _shown(liking)
        batches = -(-customers // self.customers_at_once)
        total = self.epochs * batches
        for epoch in range(self.epochs):
            order = np.argsort(drawn.next(customers), kind="stable")
            for batch in range(batches):
                some = order[batch * self.customers_at_once : (batch + 1) * self.customers_at_once]
                part = shown[some]
                kept = drawn.next(part.nnz) >= self.left_out
                part.data *= (kept / (1.0 - self.left_out)).astype(np.float32)
                rate = self.rate * (1.0 - (epoch * batches + batch) / total) ** 0.5
                learned.step(part, ones(liking[some]), rate, self.decay)
            step((epoch + 1) / self.epochs)
        return learned


class _Drawn:
    """Numbers between 0 and 1, one after another; the same for the same beginning."""

    def __init__(self, begin: int) -> None:
        self._after = begin

    def next(self, count: int) -> Days:
        found = evenly(count, self._after)
        self._after += count
        return found


class _Learned:
    """The weights, and what Adam keeps of them."""

    def __init__(self, items: int, hidden: int, counts: Any, number: int) -> None:
        # Each member begins elsewhere.
        begun = scattered(items, 2 * hidden * (number + 1))[:, -2 * hidden :]
        self.inward: Floats = np.ascontiguousarray(begun[:, :hidden]) * np.float32(3.0 / np.sqrt(items))
        self.bias: Floats = np.zeros(hidden, np.float32)
        self.outward: Floats = np.ascontiguousarray(begun[:, hidden:].T) * np.float32(0.5 / np.sqrt(hidden))
        self.offset: Floats = np.log1p(counts).astype(np.float32)
        self._all = (self.inward, self.bias, self.outward, self.offset)
        self._means = [np.zeros_like(one) for one in self._all]
        self._squares = [np.zeros_like(one) for one in self._all]
        self._steps = 0

    def step(self, shown: sparse.csr_matrix, wanted: sparse.csr_matrix, rate: float, decay: float) -> None:
        """One step down the multinomial likelihood of what is wanted, given what is shown."""
        hidden = np.tanh(shown @ self.inward + self.bias)
        chances = hidden @ self.outward + self.offset
        chances -= chances.max(axis=1, keepdims=True)
        np.exp(chances, out=chances)
        counts = np.diff(wanted.indptr).astype(np.float32)
        chances *= (counts / chances.sum(axis=1))[:, None]
        rows = np.repeat(np.arange(wanted.shape[0]), np.diff(wanted.indptr))
        chances[rows, wanted.indices] -= 1.0
        chances /= np.float32(max(float(counts.sum()), 1.0))
        back = (chances @ self.outward.T) * (1.0 - hidden * hidden)
        slopes = (shown.T @ back, back.sum(axis=0), hidden.T @ chances, chances.sum(axis=0))
        self._steps += 1
        early, spread = 1.0 - MOMENTUM**self._steps, 1.0 - SPREAD**self._steps
        for number, slope in enumerate(slopes):
            one, mean, square = self._all[number], self._means[number], self._squares[number]
            mean += np.float32(1.0 - MOMENTUM) * (slope - mean)
            square += np.float32(1.0 - SPREAD) * (slope * slope - square)
            change = mean / np.float32(early) / (np.sqrt(square / np.float32(spread)) + np.float32(TINY))
            if one.ndim > 1:
                change += np.float32(decay) * one
            one -= np.float32(rate) * change


def _shown(history: sparse.csr_matrix) -> sparse.csr_matrix:
    """Each row of length 1, whatever its entries were."""
    return faded(ones(history), 0.5)
