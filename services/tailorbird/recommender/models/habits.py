"""What is learned of buying again, in one call: what `Habits` holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
from msgspec.structs import replace

from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.models.interactions import Interactions
from tailorbird.recommender.models.repeating import Purchases, fit_again, fit_rest_days, fit_turnover, owned_at
from tailorbird.recommender.models.repurchase import Habits

__all__ = ["categories_of", "fit_habits"]


def fit_habits(table: Interactions, purchases: Purchases, category: Positions) -> Habits:
    """All but what a cart is continued with, which `fit_beside` learns. purchases: the table's; category: a number per
    item of the table, 0 where it has none.
    """
    items = len(table.item_ids)
    owned = owned_at(table, table.until, purchases)
    return replace(
        Habits.unlearned(items),
        turnover=fit_turnover(owned, items),
        rest_days=fit_rest_days(owned, category),
        known_days=_known_days(table),
        again=fit_again(table, purchases),
    )


def _known_days(table: Interactions) -> Floats:
    first = np.full(len(table.item_ids), table.until, np.int64)
    np.minimum.at(first, table.item, table.at)
    return table.age_days(first)


def categories_of(item_ids: list[str], items: pd.DataFrame | None) -> Positions:
    """A number for each item's category, 0 where nobody said."""
    if items is None or "category" not in items:
        return np.zeros(len(item_ids), np.int32)
    named = items.set_index(items["item_id"].astype(str))["category"].reindex(item_ids).fillna("")
    codes, names = pd.factorize(named, sort=True)
    return np.where(names[codes] == "", 0, codes + 1).astype(np.int32)
