"""Item factors by alternating least squares (implicit's), from (customer, item) confidences.

Two things make it cheap beside a fit from random numbers, with the same lists (ndcg@10 apart by less than chance):

- Half of a catalogue is bought by so few that it says next to nothing about taste, yet each of its items costs as much
  as one that thousands buy. The factors are learned from the items of several customers, and the others take their
  place in the finished space by one exact half step.
- Were every confidence 1, the answer would be known: the singular vectors, their values less the regularization. From
  there a third of the iterations leads as far.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse
from threadpoolctl import threadpool_limits

from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.models.interactions import Interactions, Pairs
from tailorbird.recommender.models.kinds.spectral import right_vectors
from tailorbird.recommender.models.leastsquares import solve_rows
from tailorbird.recommender.models.scatter import scattered
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.vectors.foldin import confidence

__all__ = ["confidences", "fit_factors", "liking_of"]

SPEAKING = 0.75
"""What the items of several customers must hold of all pairs; where they hold less, every item is learned from."""
ROUNDS = 2
SMALL = 0.01
FAINT = 0.05
"""Of its value a singular vector keeps so much at least: what begins at nothing stays there for long."""
FAINTLY = 1e-3
"""What was bought long ago still says a little: an entry of confidence 1 would be no surer than none."""


def confidences(interactions: Interactions, pairs: Pairs, settings: TrainingSettings) -> sparse.csr_matrix:
    """Customers x items, each entry how sure the liking is; the matrix that implicit fits."""
    values = confidence(pairs.times, interactions.age_days(pairs.last_at), settings.taste_half_life_days)
    starts = np.zeros(interactions.customers + 1, np.int64)
    np.cumsum(np.bincount(pairs.customer, minlength=interactions.customers), out=starts[1:])
    shape = (interactions.customers, len(interactions.item_ids))
    return sparse.csr_matrix((values, pairs.item.astype(np.int32), starts.astype(np.int32)), shape=shape)


def liking_of(confidences: sparse.csr_matrix) -> sparse.csr_matrix:
    """How much more than nothing is known: what kinds of models are fitted to, and asked with."""
    data = np.maximum(confidences.data - 1.0, FAINTLY).astype(np.float32)
    return sparse.csr_matrix((data, confidences.indices, confidences.indptr), shape=confidences.shape)


def fit_factors(
    matrix: sparse.csr_matrix, settings: TrainingSettings, step: Callable[[int], None]
) -> tuple[Floats, Floats]:
    """(item factors, customer factors). `step` is called with the number of each finished iteration.

    The customer factors are half a step old (implicit solves customers first); they serve as trial queries only and
    are never kept.
    """
    buyers = np.bincount(matrix.indices, minlength=matrix.shape[1])
    spoken = buyers >= settings.item_customers
    if buyers[spoken].sum() < SPEAKING * matrix.nnz:
        return _fitted(matrix, settings, step)
    # One pass over the columns serves both: those learned from, and those that follow.
    by_item = matrix.T.tocsr()
    learned, customers = _fitted(by_item[spoken].T.tocsr(), settings, step)
    factors = np.empty((matrix.shape[1], settings.factors), np.float32)
    factors[spoken] = learned
    factors[~spoken] = _placed(by_item[~spoken], customers, settings.regularization)
    return factors, customers


def _fitted(
    matrix: sparse.csr_matrix, settings: TrainingSettings, step: Callable[[int], None]
) -> tuple[Floats, Floats]:
    begun = -(-settings.iterations * 2 // 3)
    # Two threads in each of two pools on two cores are slower than one: implicit brings its own.
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=settings.factors,
            regularization=settings.regularization,
            iterations=settings.iterations - begun,
            random_state=settings.seed,
            num_threads=settings.threads,
        )
        model.item_factors = _begun(matrix, settings)
        model.user_factors = np.zeros((matrix.shape[0], settings.factors), np.float32)
        step(begun)
        model.fit(matrix, show_progress=False, callback=lambda iteration, *_: step(begun + iteration + 1))
    return np.asarray(model.item_factors, np.float32), np.asarray(model.user_factors, np.float32)


def _begun(matrix: sparse.csr_matrix, settings: TrainingSettings) -> Floats:
    """The item factors as they would be were every confidence 1; beyond the matrix's rank, small ones."""
    even = sparse.csr_matrix((np.ones_like(matrix.data), matrix.indices, matrix.indptr), shape=matrix.shape)
    known = min(settings.factors, *matrix.shape)
    vectors, values = right_vectors(even, known, ROUNDS)
    factors = scattered(matrix.shape[1], settings.factors) * np.float32(SMALL)
    factors[:, :known] = vectors * np.sqrt(np.maximum(values - settings.regularization, FAINT * values))
    return factors


def _placed(rows: sparse.csr_matrix, customers: Floats, regularization: float) -> Floats:
    """The factors of items, from those of their customers."""
    return solve_rows(liking_of(rows), customers, np.full(rows.shape[0], regularization, np.float32))
