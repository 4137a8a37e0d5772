"""Two hundred customers of four tastes and sixty items, and the files of a split of what they had."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse


@functools.cache
def liking() -> sparse.csr_matrix:
    generator = np.random.default_rng(5)
    worth = 1.0 / np.arange(2, 62) ** 0.6
    rows = []
    for customer in range(200):
        own = np.where(np.arange(60) % 4 == customer % 4, 6.0, 1.0) * worth
        count = generator.integers(6, 16)
        rows += [(customer, item) for item in generator.choice(60, count, replace=False, p=own / own.sum())]
    places = np.array(rows).T
    matrix = sparse.csr_matrix((np.ones(len(rows), np.float32), (places[0], places[1])), shape=(200, 60))
    matrix.sort_indices()
    return matrix


def split_frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    """(train, test): a fifth of each customer's items in the second."""
    matrix = liking().tocoo()
    frame = pd.DataFrame({"customer": [f"c{row}" for row in matrix.row], "item": [f"i{item}" for item in matrix.col]})
    drawn = np.random.default_rng(6).random(len(frame)) < 0.2
    return frame[~drawn].reset_index(drop=True), frame[drawn].reset_index(drop=True)


def write_split(folder: Path) -> tuple[Path, Path]:
    train, test = split_frames()
    train.to_csv(folder / "train.csv", index=False)
    test.to_csv(folder / "test.csv", index=False)
    return folder / "train.csv", folder / "test.csv"
