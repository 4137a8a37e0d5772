"""A model trained on the demonstration shop, for the measurements that need one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pandas as pd

from tailorbird.recommender.models.model import Model
from tailorbird.recommender.training.train import train
from tailorbird.suite.demo.frames import frames

__all__ = ["trained"]


@lru_cache(maxsize=1)
def trained(home: Path) -> tuple[Model, pd.DataFrame, pd.DataFrame]:
    """(model, interactions, items); trained once for all the measurements that need it."""
    interactions, items = frames(home / "demo")
    return train(interactions, items), interactions, items
