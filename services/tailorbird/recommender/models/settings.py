"""How a model is trained: fixed good values for a shop of everyday goods; each was measured on the demo's data."""

from __future__ import annotations

from typing import Literal, Self, TypeAlias

import numpy as np
from msgspec import Struct

from tailorbird.recommender.arrays import Codes, Floats
from tailorbird.recommender.models.blend import Recipe

__all__ = ["Engine", "TrainingSettings"]

Engine: TypeAlias = Literal["implicit", "exact", "spark"]
COUNTED = 0.003
"""Regularization where it counts with each customer's items (ndcg@10 .0592 on early origins; .1 .0542, .01 .0582)."""


class TrainingSettings(Struct, frozen=True, kw_only=True):
    """Everything that training depends on beside its data."""

    engine: Engine = "implicit"
    """Who learns tastes. implicit: one regularization for all. spark: Spark's ALS, whose regularization counts with
    each row (`models/counted.py`). exact: what Spark's ALS looks for, found on this machine without Spark."""
    factors: int = 64
    regularization: float = 20.0
    """Dense baskets want much: .01 gives ndcg@10 below popularity. Where it counts with each row: `COUNTED`."""
    iterations: int = 15
    """As from random numbers; a third of them is made, from a start that is worth the others (`als.py`)."""
    item_customers: int = 8
    """Items of fewer customers take their place among the factors when these are learned (`als.py`)."""
    taste_half_life_days: float = 120.0
    """A purchase of so long ago says half as much about taste (60 to 240 differ by less than the interval)."""
    reach_half_life_days: float = 14.0
    """Popularity counts each customer once, by their latest purchase; one of so long ago counts half."""
    reach_weight: float = 0.15
    """What the logarithm of popularity adds to the factors' score: .05 to .3 differ little in ndcg@10, but from .3 on
    customers see ever more of the same."""
    trend_half_life_days: float = 5.0
    group_half_life_days: float = 30.0
    """What one store's customers buy more than others' takes longer to be told: of ten items so raised each customer
    of the store buys .030 more in the next week (.011 with 5 days, .024 with 14, .032 with 90; 416 weeks of stores)."""
    basket_items: int = 4_500
    """Items that are looked at for what goes together: time grows with their third power."""
    basket_item_minimum: int = 20
    """Items in fewer orders have no companions learned."""
    basket_regularization: float = 100.0
    """30 and 300 find fewer held-back items."""
    companions: int = 100
    """Kept per item."""
    habits: bool = True
    """False: only the vectors, their index and what is popular are learned, nothing of buying again."""
    recall_at_least: float = 0.99
    """Recall@100 that the search index must reach on real vectors."""
    blended: Recipe | None = None
    """What is blended with tastes and popularity in discovery, as `tailorbird train --minutes` finds it; weights count
    in units of theirs."""
    threads: int = 0
    """0: one per core."""
    seed: int = 7

    @property
    def counted(self) -> bool:
        """Whether regularization grows with the number of a customer's items, in training and in folding in."""
        return self.engine != "implicit"

    def regularizations(self, counts: Codes) -> Floats:
        """For rows of so many entries."""
        each = np.maximum(counts, 1) if self.counted else np.ones(len(counts))
        return (each * self.regularization).astype(np.float32)

    @classmethod
    def of(cls, engine: Engine) -> Self:
        """Good values for this engine."""
        return cls() if engine == "implicit" else cls(engine=engine, regularization=COUNTED)
