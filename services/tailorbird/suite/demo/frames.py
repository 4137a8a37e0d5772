"""The demonstration shop's purchases and items as pandas frames, in the columns that training reads."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from pyarrow import parquet

__all__ = ["frames"]

_TEXTS = ["customer_id", "item_id", "order_id", "store_id"]


def frames(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(interactions, items) of the folder that `prepare` filled; interactions have `value`, in dollars, besides."""
    # Texts stay dictionaries from the file on: grouping by them is grouping by small numbers.
    lines = parquet.read_table(folder / "interactions.parquet", read_dictionary=_TEXTS).to_pandas()
    bought = lines[lines["quantity"] > 0]
    interactions = pd.DataFrame(
        {
            "person": bought["customer_id"],
            "item_id": bought["item_id"],
            "at": pd.to_datetime(bought["time"], utc=True).astype("datetime64[s, UTC]").astype("int64"),
            "kind": "purchase",
            "quantity": bought["quantity"],
            "value": bought["value"],
            "order_id": bought["order_id"],
            "store_id": bought["store_id"],
        }
    ).reset_index(drop=True)
    items = pd.read_parquet(folder / "items.parquet").assign(kind="product")
    return interactions, items
