"""What may be blended with tastes and popularity in a shop: every kind of model, tuned on weeks that were held back.

The factors with recent popularity, as they serve, are what the others are added to; the recipe that comes of it is a
setting like any other, so the same training fits it, the same artifact holds it, and the same trial judges it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.models.blend import Recipe
from tailorbird.recommender.models.kinds import KINDS
from tailorbird.recommender.models.leastsquares import solve_rows
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.models.part import Part
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.training.searching import HeldBack
from tailorbird.recommender.training.tuning import tune

__all__ = ["ServedPart", "recipe_beside"]

BESIDE = tuple(kind for kind in KINDS if kind.serves and kind.blends and not kind.served_already)
"""What is tried; factors and popularity are there already."""
SERVED_FACTORS = 384
"""So many further dimensions of what every page searches, at most; an evaluation may have more."""


class ServedPart(Part, frozen=True):
    """Scores of a model as it serves: its factors and recent popularity, nothing blended yet."""

    factors: Floats
    popularity: Floats
    settings: TrainingSettings

    @classmethod
    def of(cls, model: Model) -> ServedPart:
        """Of a trained model."""
        popularity = (model.settings.reach_weight * np.log1p(model.reach)).astype(np.float32)
        return cls(model.factors, popularity, model.settings)

    def scores(self, history: sparse.csr_matrix) -> Floats:
        """Customers x items, each customer folded in."""
        each = self.settings.regularizations(np.diff(history.indptr))
        found: Floats = solve_rows(history, self.factors, each) @ self.factors.T + self.popularity
        return found


def recipe_beside(
    held: HeldBack,
    served: ServedPart,
    clock: Callable[[], float],
    seconds: float,
    tell: Callable[[str, float, float], None],
) -> Recipe | None:
    """The best recipe to add to what is served, None where nothing helps."""
    recipe = tune([held], clock, seconds, tell, BESIDE, served, factors_at_most=SERVED_FACTORS).recipe
    return recipe if recipe.ingredients else None
