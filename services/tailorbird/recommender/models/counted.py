"""Item factors whose regularization counts with each row: the formula of Spark's ALS, and its answer without Spark.

Spark looks for factors that are least in (Hu, Koren, Volinsky 2008; the weights of Zhou et al. 2008, ALS-WR)

    sum over customers u and items i of c_ui (p_ui - x_u'y_i)^2 + r (sum n_u |x_u|^2 + sum n_i |y_i|^2)

with confidence c = 1 + alpha * rating, preference p = 1 where there is a rating, and n the ratings of that customer or
item. With alpha = 1 and rating = confidence - 1 it is what implicit fits, but for n: a customer of one item is held
back by r, one of five hundred by 500 r. Folding in does the same (`vectors/foldin.py`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.models.als import liking_of
from tailorbird.recommender.models.leastsquares import solve_rows
from tailorbird.recommender.models.scatter import scattered
from tailorbird.recommender.models.settings import TrainingSettings

__all__ = ["fit_counted", "folded_in"]

SMALL = 0.1


def fit_counted(
    matrix: sparse.csr_matrix, settings: TrainingSettings, step: Callable[[int], None]
) -> tuple[Floats, Floats]:
    """(item factors, customer factors), each half step solved exactly."""
    ratings = liking_of(matrix)
    by_item = ratings.T.tocsr()
    factors: Floats = scattered(matrix.shape[1], settings.factors) * np.float32(SMALL / np.sqrt(settings.factors))
    for iteration in range(settings.iterations):
        customers = folded_in(ratings, factors, settings)
        factors = folded_in(by_item, customers, settings)
        step(iteration + 1)
    return factors, folded_in(ratings, factors, settings)


def folded_in(ratings: sparse.csr_matrix, factors: Floats, settings: TrainingSettings) -> Floats:
    """A vector for each row, given those of the columns."""
    return solve_rows(ratings, factors, settings.regularizations(np.diff(ratings.indptr)))
