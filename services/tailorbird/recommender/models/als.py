"""Item factors by alternating least squares (implicit's), from (customer, item) confidences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse
from threadpoolctl import threadpool_limits

from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.foldin import confidence
from tailorbird.recommender.models.interactions import Interactions, Pairs
from tailorbird.recommender.models.settings import TrainingSettings

__all__ = ["confidences", "fit_factors"]


def confidences(interactions: Interactions, pairs: Pairs, settings: TrainingSettings) -> sparse.csr_matrix:
    """Customers x items, each entry how sure the liking is; the matrix that implicit fits."""
    values = confidence(pairs.times, interactions.age_days(pairs.last_at), settings.taste_half_life_days)
    starts = np.zeros(interactions.customers + 1, np.int64)
    np.cumsum(np.bincount(pairs.customer, minlength=interactions.customers), out=starts[1:])
    shape = (interactions.customers, len(interactions.item_ids))
    return sparse.csr_matrix((values, pairs.item.astype(np.int32), starts.astype(np.int32)), shape=shape)


def fit_factors(
    matrix: sparse.csr_matrix, settings: TrainingSettings, step: Callable[[int], None]
) -> tuple[Floats, Floats]:
    """(item factors, customer factors). `step` is called with the number of each finished iteration.

    The customer factors are half a step old (implicit solves customers first); they serve as trial queries only and
    are never kept.
    """
    # Two threads in each of two pools on two cores are slower than one: implicit brings its own.
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=settings.factors,
            regularization=settings.regularization,
            iterations=settings.iterations,
            random_state=settings.seed,
            num_threads=settings.threads,
        )
        model.fit(matrix, show_progress=False, callback=lambda iteration, *_: step(iteration + 1))
    return np.asarray(model.item_factors, np.float32), np.asarray(model.user_factors, np.float32)
