"""Two files of (customer, item[, time, weight]) as matrices: what was known, and what came true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from msgspec import Struct
from scipy import sparse

from tailorbird.contracts.wire import Fault
from tailorbird.recommender.arrays import Codes, Flags

__all__ = ["Split", "hold_back", "read_split"]

NAMES = {
    "customer": ("customer", "customer_id", "user", "user_id", "uid", "person"),
    "item": ("item", "item_id", "iid", "product", "product_id"),
    "time": ("time", "timestamp", "at", "date"),
    "weight": ("weight", "rating", "count", "value", "quantity"),
}
"""Column -> the names by which it is known; without a header the columns stand in this order."""
HELD_BACK = 0.2
ASKED_AT_MOST = 3_000
ASKED_SHARE = 0.4


class Split(Struct, frozen=True):
    """What is known, and of each customer with something to foretell what they had and what came true."""

    item_ids: list[str]
    """Of the training file; columns of the matrices."""
    liking: sparse.csr_matrix
    """Customers of the training file x items."""
    times: sparse.csr_matrix | None
    """When, in the same places as `liking`; None without times."""
    rows: Codes
    """Of each asked customer the row of `liking`, -1 for who is new."""
    history: sparse.csr_matrix
    """Asked customers x items: their rows of `liking`, empty for who is new."""
    truth: sparse.csr_matrix
    relevant: Codes
    """How many items came true for each, those that training never saw included."""


def read_split(train: Path, test: Path) -> Split:
    """The split. Raises Fault(422) with the file and what is wrong with it."""
    known, came = _read(train), _read(test)
    customers, items = pd.Index(known["customer"].unique()), pd.Index(known["item"].unique())
    pairs = known.groupby(["customer", "item"], sort=False).agg(weight=("weight", "sum"), time=("time", "max"))
    pairs = pairs.reset_index()
    shape = (len(customers), len(items))
    places = (customers.get_indexer(pairs["customer"]), items.get_indexer(pairs["item"]))
    liking = _matrix(_liking(pairs["weight"]), places, shape)
    times = None if pairs["time"].isna().any() else _matrix(pairs["time"].to_numpy(np.float64), places, shape)
    came = came.drop_duplicates(["customer", "item"])
    asked = pd.Index(came["customer"].unique())
    row, column = asked.get_indexer(came["customer"]), items.get_indexer(came["item"])
    learned = column >= 0
    truth = _matrix(np.ones(int(learned.sum()), np.float32), (row[learned], column[learned]), (len(asked), len(items)))
    # Who is new has an empty row, which stands last.
    with_none = sparse.vstack([liking, sparse.csr_matrix((1, len(items)), dtype=np.float32)]).tocsr()
    return Split(
        item_ids=[str(item) for item in items],
        liking=liking,
        times=times,
        rows=customers.get_indexer(asked).astype(np.int64),
        history=sparse.csr_matrix(with_none[customers.get_indexer(asked)]),
        truth=truth,
        relevant=np.bincount(row, minlength=len(asked)).astype(np.int64),
    )


def hold_back(
    liking: sparse.csr_matrix, times: sparse.csr_matrix | None, seed: int = 7
) -> tuple[sparse.csr_matrix, Codes, sparse.csr_matrix]:
    """(what is left, the asked customers, what was held back of them): a fifth of what some customers had.

    Their latest where times are known, else drawn at random. Who had a single item keeps it.
    """
    generator = np.random.default_rng(seed)
    counts = np.diff(liking.indptr)
    able = np.flatnonzero(counts >= 2)
    if not len(able):
        raise Fault(422, "Nobody in the training file has two items: there is nothing to tune on.")
    wanted = min(ASKED_AT_MOST, max(1, int(len(able) * ASKED_SHARE)))
    asked = np.sort(generator.choice(able, wanted, replace=False))
    chosen = np.zeros(liking.shape[0], np.bool_)
    chosen[asked] = True
    rows = np.repeat(np.arange(liking.shape[0]), counts)
    order = times.data if times is not None else generator.random(liking.nnz)
    latest_first = np.lexsort((-order, rows))
    places = np.arange(liking.nnz) - np.repeat(liking.indptr[:-1], counts)
    share = np.maximum(1, np.floor(counts * HELD_BACK)).astype(np.int64)
    held = np.zeros(liking.nnz, np.bool_)
    held[latest_first] = (places < share[rows]) & chosen[rows]
    return _only(liking, rows, ~held), asked, sparse.csr_matrix(_only(liking, rows, held)[asked])


def _only(matrix: sparse.csr_matrix, rows: Codes, kept: Flags) -> sparse.csr_matrix:
    places = (rows[kept], matrix.indices[kept])
    return _matrix(matrix.data[kept], places, matrix.shape)


def _matrix(data: Any, places: tuple[Any, Any], shape: tuple[int, int]) -> sparse.csr_matrix:
    matrix = sparse.csr_matrix((data, places), shape=shape)
    matrix.sort_indices()
    return matrix


def _liking(weights: Any) -> Any:
    """1 for a usual weight, more for heavier ones by the logarithm."""
    values = weights.to_numpy(np.float64)
    return (np.log1p(values) / np.log1p(np.median(values))).astype(np.float32)


def _read(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else _text(path)
    except OSError as error:
        raise Fault(422, f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, pd.errors.ParserError) as error:
        raise Fault(422, f"{path} cannot be read: {error}.") from error
    found = {name: column for name, known in NAMES.items() for column in table.columns if str(column).lower() in known}
    if "customer" not in found or "item" not in found:
        raise Fault(
            422, f"{path} needs a column customer and a column item; it has {', '.join(map(str, table.columns))}."
        )
    for name in ("customer", "item"):
        if (empty := table[found[name]].isna()).any():
            raise Fault(422, f"{path}, row {int(empty.argmax()) + 1}: the {name} is empty.")
    frame = pd.DataFrame({"customer": table[found["customer"]], "item": table[found["item"]]}).astype(str)
    frame["weight"] = _numbers(path, table[found["weight"]], "weight") if "weight" in found else 1.0
    frame["time"] = _moments(path, table[found["time"]]) if "time" in found else np.nan
    frame = frame[frame["weight"] > 0]
    if frame.empty:
        raise Fault(422, f"{path} has no row.")
    return frame


def _text(path: Path) -> pd.DataFrame:
    """Columns by their header, or in the usual order where the first line is no header."""
    with path.open(encoding="utf-8-sig") as file:
        first = file.readline()
    delimiter = max((",", "\t", ";", " "), key=first.count)
    cells = [cell.strip().strip('"').lower() for cell in first.split(delimiter)]
    named = any(cell in known for cell in cells for known in NAMES.values())
    if named:
        return pd.read_csv(path, sep=delimiter, encoding="utf-8-sig", dtype=str)
    return pd.read_csv(path, sep=delimiter, header=None, names=list(NAMES)[: len(cells)], dtype=str)


def _numbers(path: Path, column: Any, name: str) -> Any:
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.isna().any():
        raise Fault(422, f"{path}, row {int(numbers.isna().argmax()) + 1}: the {name} is no number.")
    return numbers


def _moments(path: Path, column: Any) -> Any:
    numbers = pd.to_numeric(column, errors="coerce")
    if not numbers.isna().any():
        return numbers.astype(np.float64)
    moments = pd.to_datetime(column, errors="coerce", utc=True)
    if moments.isna().any():
        raise Fault(422, f"{path}, row {int(moments.isna().argmax()) + 1}: the time is neither a number nor a date.")
    return moments.astype("int64").astype(np.float64)
