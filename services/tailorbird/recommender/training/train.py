"""A model, trained from a table of interactions: pure, the same data and settings give the same model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

import numpy as np
import pandas as pd
from msgspec.structs import replace
from scipy import sparse
from threadpoolctl import threadpool_limits

from tailorbird.contracts.wire import Fault
from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.models.als import confidences, fit_factors, liking_of
from tailorbird.recommender.models.beside import fit_beside
from tailorbird.recommender.models.blend import Blend
from tailorbird.recommender.models.companions import Companions
from tailorbird.recommender.models.counted import fit_counted
from tailorbird.recommender.models.groups import Groups
from tailorbird.recommender.models.habit import fit_habit
from tailorbird.recommender.models.habits import categories_of, fit_habits
from tailorbird.recommender.models.interactions import Interactions
from tailorbird.recommender.models.model import Model, digest_of
from tailorbird.recommender.models.popularity import fit_reach, fit_trend
from tailorbird.recommender.models.quadratic import Quadratic
from tailorbird.recommender.models.repeating import Purchases
from tailorbird.recommender.models.repurchase import Habits, arrays_of
from tailorbird.recommender.models.restoring import blend_arrays
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.models.standingout import fit_groups, store_counts
from tailorbird.recommender.models.together import Together
from tailorbird.recommender.shelves.chances import chance_of
from tailorbird.recommender.vectors.index import choose_plan

__all__ = ["Progress", "train", "trainable"]

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of it that is done, 0 to 1."""

Fit: TypeAlias = Callable[[sparse.csr_matrix, TrainingSettings, Callable[[int], None]], tuple[Floats, Floats]]
"""(confidences, settings, called with the number of each finished iteration) -> (item factors, customers')."""
TRIALS = 128


def train(
    interactions: pd.DataFrame,
    items: pd.DataFrame | None = None,
    settings: TrainingSettings | None = None,
    progress: Progress | None = None,
    segments: pd.DataFrame | None = None,
) -> Model:
    """The model. Raises Fault(422) when nothing can be learned from the interactions.

    interactions: columns person, item_id, at (seconds), kind, quantity, order_id[, store_id]. items: the catalogue
    (item_id, kind, price); what is in it without a price is neither learned nor recommended. None: all items of the
    interactions. segments: what each segment buys (group, item_id, customers), where that is known.
    """
    settings = settings or TrainingSettings()
    tell = progress or _silent
    tell("Counting who bought what", 0.0)
    table = Interactions.of(interactions, None if items is None else trainable(items))
    if not len(table.item):
        raise Fault(422, "There is nothing to learn from: no purchase of an item that has a price. Load interactions.")
    tell("Counting who bought what", 1.0)
    # Side by side: all leave the interpreter alone, and the fit does not fill every core to its end. One thread for
    # each product of matrices, from the first to the last: how many add up decides how a sum is rounded.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(2) as aside:
        going_together = aside.submit(Together.fit, table, settings)
        purchases = aside.submit(Purchases.of, table)
        buying_again = aside.submit(_learn_habits, table, purchases, items, settings)
        carts = aside.submit(_learn_carts, table, purchases, going_together, settings)
        standing_out = aside.submit(_learn_groups, interactions, segments, table.item_ids, settings)
        pairs = table.pairs()
        matrix = confidences(table, pairs, settings)
        factors, customers = _engine(settings)(
            matrix, settings, lambda step: tell("Learning tastes", step / settings.iterations)
        )
        tell("Learning what is bought again", 0.0)
        (companions, beside), groups = carts.result(), standing_out.result()
        habits = replace(buying_again.result(), **beside)
        blend = None
        if settings.blended is not None:
            blend = settings.blended.fit(liking_of(matrix), lambda share: tell("Learning what is blended", share))
        tell("Learning what is bought again", 1.0)
    model = Model(
        item_ids=table.item_ids,
        factors=factors,
        reach=fit_reach(table, pairs, settings.reach_half_life_days),
        trend=fit_trend(table, pairs, settings.trend_half_life_days),
        groups=groups,
        habit=fit_habit(table, pairs),
        companions=companions,
        habits=habits,
        settings=settings,
        index=Model.empty().index,
        blend=blend,
        until=table.until,
    )
    tell("Choosing the search index", 0.0)
    plan = choose_plan(model.vectors, _trials(matrix, customers, blend), settings.recall_at_least)
    tell("Choosing the search index", 1.0)
    learned = {
        "factors": model.factors,
        "reach": model.reach,
        "trend": model.trend,
        "group_starts": groups.starts,
        "group_items": groups.item,
        "group_lifts": groups.lift,
        "habit": model.habit,
        "companions": companions.weight,
        **arrays_of(habits),
        **blend_arrays(blend),
    }
    return replace(model, index=plan, version=digest_of(learned, model.item_ids, settings))


def _engine(settings: TrainingSettings) -> Fit:
    """Who learns the factors. Spark is loaded where it is asked for, and only there."""
    if settings.engine == "spark":
        from tailorbird.recommender.training.onspark import fit_on_spark

        return fit_on_spark
    return fit_counted if settings.counted else fit_factors


def _learn_carts(
    table: Interactions, purchases: Future[Purchases], going_together: Future[Together], settings: TrainingSettings
) -> tuple[Companions, dict[str, Quadratic]]:
    """Which items go together, and what of `Habits` continues a cart."""
    together = going_together.result()
    if not settings.habits:
        return together.companions, {}
    chance = chance_of(f"carts {settings.seed}")
    beside, new = fit_beside(table, purchases.result(), together, chance, settings.threads)
    return together.companions, {"beside": beside, "new": new}


def _learn_habits(
    table: Interactions, purchases: Future[Purchases], items: pd.DataFrame | None, settings: TrainingSettings
) -> Habits:
    if not settings.habits:
        return Habits.unlearned(len(table.item_ids))
    return fit_habits(table, purchases.result(), categories_of(table.item_ids, items))


def _learn_groups(
    interactions: pd.DataFrame, segments: pd.DataFrame | None, item_ids: list[str], settings: TrainingSettings
) -> Groups:
    """What stands out by store and by segment."""
    counts = store_counts(interactions, settings.group_half_life_days) if settings.habits else None
    known = [one for one in (counts, segments) if one is not None and len(one)]
    return fit_groups(known, item_ids)


def trainable(items: pd.DataFrame) -> Iterable[str]:
    """Ids of the products that have a price."""
    wanted = items["price"].notna()
    if "kind" in items:
        wanted &= items["kind"] == "product"
    return [str(item_id) for item_id in items.loc[wanted, "item_id"]]


def _trials(matrix: sparse.csr_matrix, customers: Floats, blend: Blend | None) -> Floats:
    """Vectors of customers spread over all, as they query: with a 1 for popularity at the end."""
    rows = np.arange(0, len(customers), max(1, len(customers) // TRIALS))[:TRIALS]
    beside = [blend.queries(liking_of(matrix[rows]))] if blend else []
    return np.column_stack([customers[rows], *beside, np.ones(len(rows), np.float32)]).astype(np.float32)


def _silent(_: str, __: float) -> None:
    return None
