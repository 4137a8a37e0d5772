"""Search in the served index: its time and its recall@100 on real vectors, against searching every row."""

from __future__ import annotations

import time
from pathlib import Path

import faiss
import numpy as np
from threadpoolctl import threadpool_limits

from tailorbird.recommender.models.model import IndexPlan, Model
from tailorbird.recommender.vectors.index import Index
from tailorbird.suite.bench.shopdata import trained
from tailorbird.suite.bench.table import Figure, median

__all__ = ["measure_search"]

QUERIES = 400
DEPTH = 100
BATCH = 32
RECALL_AT_LEAST = 0.99


def measure_search(home: Path, rounds: int) -> list[Figure]:
    """Microseconds a query, one at a time and in batches, single-threaded as when serving."""
    model, _, _ = trained(home)
    faiss.omp_set_num_threads(1)
    with threadpool_limits(1):
        chosen, exact = Index(model.vectors, model.index), Index(model.vectors, IndexPlan())
        queries = _queries(model)
        _, found = chosen.search(queries, DEPTH)
        _, wanted = exact.search(queries, DEPTH)
        recall = float(np.mean([len(set(a) & set(b)) / DEPTH for a, b in zip(found, wanted, strict=True)]))
        figures = [Figure(name="search recall@100", measured=recall, unit="", at_least=RECALL_AT_LEAST)]
        for name, index in (("chosen index", chosen), ("every row", exact)):
            for batch in (1, BATCH):
                taken = [_microseconds(index, queries, batch) for _ in range(rounds)]
                figures.append(
                    Figure(
                        name=f"search, {name}, batches of {batch}",
                        measured=median(taken),
                        unit="us",
                        detail=f"{len(model.vectors):,} items x {model.vectors.shape[1]}, plan {index.plan.kind}",
                    )
                )
    return figures


def _queries(model: Model) -> np.ndarray:
    """Vectors like customers': mixtures of items' own, with the popularity column at one."""
    chance = np.random.default_rng(5)
    mixed = np.zeros((QUERIES, model.vectors.shape[1]), np.float32)
    for row in mixed:
        row[:] = model.vectors[chance.choice(len(model.vectors), 20, replace=False)].sum(axis=0)
    norms = np.linalg.norm(mixed[:, :-1], axis=1, keepdims=True)
    mixed[:, :-1] /= np.maximum(norms, 1e-9)
    mixed[:, -1] = 1.0
    return mixed


def _microseconds(index: Index, queries: np.ndarray, batch: int) -> float:
    began = time.process_time()
    for start in range(0, len(queries), batch):
        index.search(queries[start : start + batch], DEPTH)
    return (time.process_time() - began) / len(queries) * 1e6
