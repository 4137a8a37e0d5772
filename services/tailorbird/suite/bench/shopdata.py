"""The demonstration shop's interactions and items as training reads them, and a model trained on them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pandas as pd

from tailorbird.recommender.models.model import Model
from tailorbird.recommender.training import train

__all__ = ["frames", "trained"]


def frames(home: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(interactions, items) in the columns of `recommender.training.train`."""
    folder = home / "demo"
    bought = pd.read_parquet(folder / "interactions.parquet")
    interactions = pd.DataFrame(
        {
            "person": bought["customer_id"],
            "item_id": bought["item_id"].astype(str),
            "at": pd.to_datetime(bought["time"], utc=True).astype("datetime64[s, UTC]").astype("int64"),
            "kind": "purchase",
            "quantity": bought["quantity"],
            "order_id": bought["order_id"].astype(str),
        }
    )
    interactions = interactions[interactions["quantity"] > 0].reset_index(drop=True)
    items = pd.read_parquet(folder / "items.parquet").assign(kind="product")
    return interactions, items


@lru_cache(maxsize=1)
def trained(home: Path) -> tuple[Model, pd.DataFrame, pd.DataFrame]:
    """(model, interactions, items); trained once for all the measurements that need it."""
    interactions, items = frames(home)
    return train(interactions, items), interactions, items
