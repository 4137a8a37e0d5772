"""Exact least squares for every row of a sparse matrix at once: one half of an alternating step, and folding in.

For a row with items s, their factors Ys, weights w (how much surer than "nothing known") and regularization r the
answer is implicit's (Hu, Koren, Volinsky 2008), x = (Y'Y + rI + Ys' diag(w) Ys)^-1 Ys' (1 + w). In the basis where Y'Y
is diagonal, (Y'Y + rI)^-1 costs nothing whatever r is, so each row may have its own; and rows with fewer items than
factors need a system only as small as their items (Woodbury). Rows of like length are solved together.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import sparse
from threadpoolctl import ThreadpoolController

from tailorbird.recommender.arrays import Codes, Floats

__all__ = ["regularizations", "solve_rows"]

NUMBERS_AT_ONCE = 4_000_000
ROWS_AT_ONCE = 4_096


def regularizations(counts: Codes, columns: int, surer: float, strength: float, power: float, usual: float) -> Floats:
    """Per row strength * ((columns + surer * count) / (columns + surer * usual)) ^ power.

    Rendle, Krichene, Zhang and Koren (2022, "Revisiting the Performance of iALS on Item Recommendation Benchmarks")
    scale by the evidence of a row; divided by that of a usual row, the strength means the same at every power.
    """
    share = (columns + surer * counts) / (columns + surer * usual)
    scaled: Floats = (strength * share**power).astype(np.float32)
    return scaled


def solve_rows(weights: sparse.csr_matrix, factors: Floats, regularization: Floats) -> Floats:
    """Rows x width: the solution of each row; zeros for rows without entries.

    weights: rows x items, each entry above 0. regularization: one number per row.
    """
    wide = factors.astype(np.float64)
    with _pools().limit(limits=1, user_api="blas"):
        spectrum, basis = np.linalg.eigh(wide.T @ wide)
    turn = basis.astype(np.float32)
    # One row of zeros more: what is padded points there.
    turned = np.vstack([factors @ turn, np.zeros((1, factors.shape[1]), np.float32)])
    solved = np.zeros((weights.shape[0], factors.shape[1]), np.float32)
    diagonal = np.maximum(spectrum, 0.0).astype(np.float32)

    def solve(rows: Codes) -> None:
        scale = 1.0 / (diagonal + regularization[rows][:, None])
        solved[rows] = _solved(weights, turned, scale, rows)

    # Side by side over groups, not within one: most systems are too small for two threads.
    threads = max((pool["num_threads"] for pool in _pools().info()), default=1)
    with _pools().limit(limits=1, user_api="blas"), ThreadPoolExecutor(threads) as pool:
        list(pool.map(solve, _alike(np.diff(weights.indptr), factors.shape[1])))
    back: Floats = solved @ turn.T
    return back


@functools.cache
def _pools() -> ThreadpoolController:
    """The libraries' threads; to look for them takes longer than many a solution."""
    return ThreadpoolController()


def _solved(weights: sparse.csr_matrix, turned: Floats, scale: Floats, rows: Codes) -> Floats:
    starts, counts = weights.indptr[rows], np.diff(weights.indptr)[rows]
    length, width = int(counts.max()), turned.shape[1]
    places = np.arange(length)
    real = places < counts[:, None]
    entries = np.where(real, starts[:, None] + places, 0)
    items = np.where(real, weights.indices[entries], len(turned) - 1)
    weight = np.where(real, weights.data[entries], np.float32(0.0))
    wanted = np.where(real, 1.0 + weight, np.float32(0.0))
    touched = turned[items]
    if length > width:
        system = touched.transpose(0, 2, 1) @ (touched * weight[..., None])
        system.reshape(len(rows), -1)[:, :: width + 1] += 1.0 / scale
        right = (wanted[:, None, :] @ touched).transpose(0, 2, 1)
        solution: Floats = np.linalg.solve(system, right)[..., 0]
        return solution
    # x = P Ys' (I + D S)^-1 (1 + w) with P = diag(scale), S = Ys P Ys', D = diag(w): sound also where w is 0.
    product = touched * scale[:, None, :]
    system = (product @ touched.transpose(0, 2, 1)) * weight[..., None]
    system.reshape(len(rows), -1)[:, :: length + 1] += 1.0
    inner = np.linalg.solve(system, wanted[..., None])
    found: Floats = (inner.transpose(0, 2, 1) @ product)[:, 0]
    return found


def _alike(counts: Codes, width: int) -> Iterator[Codes]:
    """Rows in groups of nearly one length, each small enough for memory."""
    order = np.argsort(counts, kind="stable")
    order = order[counts[order] > 0]
    lengths = counts[order]
    begin = 0
    while begin < len(order):
        shortest = int(lengths[begin])
        longest = max(shortest + 2, shortest * 5 // 4)
        each = longest * width + max(longest, 1) ** 2 if longest <= width else (longest + width) * width
        end = min(
            begin + max(1, min(ROWS_AT_ONCE, NUMBERS_AT_ONCE // each)), int(np.searchsorted(lengths, longest, "right"))
        )
        end = max(end, begin + 1)
        yield order[begin:end]
        begin = end
