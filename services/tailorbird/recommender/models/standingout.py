"""Finds what stands out among the purchases of a store's or a segment's customers (`groups.py`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tailorbird.recommender.models.groups import Groups
from tailorbird.recommender.models.interactions import arranged, codes, names_of
from tailorbird.recommender.vectors.foldin import DAY

__all__ = ["ASSUMED", "MOST", "fit_groups", "store_counts"]

ASSUMED = 3.0
"""Customers assumed to buy as everybody does, beside those counted: two purchases make no trend."""
MOST = 4.0
"""An item's trend is raised at most so many times."""
LIFTED = 1.25
"""By so much an item must stand out to be kept."""
HALF_LIVES = 4.0
"""What is older says nearly nothing."""
KEPT = 200
"""Items of each group, those that stand out for most customers."""


def fit_groups(counts: Sequence[pd.DataFrame], item_ids: list[str]) -> Groups:
    """A frame of each kind of group: group, item_id, and customers who bought it lately, each fading. A group is
    compared with all others of its kind together.
    """
    found = [_standing_out(one, item_ids) for one in counts if len(one)]
    together = pd.concat([one for one in found if len(one)] or [pd.DataFrame({"group": [], "row": [], "lift": []})])
    together = together.sort_values(["group", "row"])
    sizes = together.groupby("group", sort=True).size()
    return Groups(
        names=[str(name) for name in sizes.index],
        starts=np.concatenate([[0], np.cumsum(sizes.to_numpy())]).astype(np.int64),
        item=together["row"].to_numpy(np.int32),
        lift=together["lift"].to_numpy(np.float32),
    )


def _standing_out(counts: pd.DataFrame, item_ids: list[str]) -> pd.DataFrame:
    """group, row, lift of what is kept of one kind."""
    learned = pd.Index(item_ids).get_indexer(pd.Index(names_of(counts["item_id"])))
    row, group = learned[codes(counts["item_id"])], codes(counts["group"])
    customers = counts["customers"].to_numpy(np.float64)
    known = row >= 0
    row, group, customers = row[known], group[known], customers[known]
    everywhere, in_group = np.bincount(row, customers), np.bincount(group, customers)
    expected = everywhere[row] * in_group[group] / max(float(customers.sum()), 1e-9)
    lift = np.minimum((customers + ASSUMED) / (expected + ASSUMED), MOST)
    chosen = np.flatnonzero(lift >= LIFTED)
    # Of each group those that stand out for most customers.
    chosen = chosen[np.lexsort((expected[chosen] - customers[chosen], group[chosen]))]
    place = np.arange(len(chosen)) - np.searchsorted(group[chosen], group[chosen])
    chosen = chosen[place < KEPT]
    names = np.array(names_of(counts["group"]), dtype=object)
    return pd.DataFrame({"group": names[group[chosen]], "row": row[chosen], "lift": lift[chosen]})


def store_counts(interactions: pd.DataFrame, half_life_days: float) -> pd.DataFrame:
    """group, item_id, customers: of each store, each customer counted once by their latest purchase there."""
    if "store_id" not in interactions:
        return pd.DataFrame({"group": [], "item_id": [], "customers": []})
    until = int(interactions["at"].max())
    at = interactions["at"].to_numpy(np.int64)
    bought = (at > until - HALF_LIVES * half_life_days * DAY) & (interactions["quantity"].to_numpy(np.float64) > 0)
    rows = np.flatnonzero(bought & (interactions["kind"] == "purchase").to_numpy())
    lately = interactions.iloc[rows]
    store, item, person = codes(lately["store_id"]), codes(lately["item_id"]), codes(lately["person"])
    known = store >= 0
    at, store, item, person = at[rows[known]], store[known], item[known], person[known]
    if not len(store):
        return pd.DataFrame({"group": [], "item_id": [], "customers": []})
    people, items = int(person.max()) + 1, int(item.max()) + 1
    key = (store * items + item) * people + person
    order = arranged(key)
    key, at = key[order], at[order]
    firsts = np.flatnonzero(np.diff(key, prepend=-1))
    fading = np.exp2((np.maximum.reduceat(at, firsts) - until) / (half_life_days * DAY))
    pair = key[firsts] // people
    starts = np.flatnonzero(np.diff(pair, prepend=-1))
    names = ["store " + name for name in names_of(lately["store_id"])]
    found = pair[starts]
    return pd.DataFrame(
        {
            "group": pd.Categorical.from_codes(found // items, names),
            "item_id": pd.Categorical.from_codes(found % items, names_of(lately["item_id"])),
            "customers": np.add.reduceat(fading, starts),
        }
    )
