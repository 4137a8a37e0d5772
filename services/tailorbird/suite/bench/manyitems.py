"""A catalogue of a million items: what its index finds and takes, and what shelves from it cost beside 40,000 items.

Items are made up, in the shape that factors of sparse data have: tastes in clusters, lengths that follow popularity.
"""

from __future__ import annotations

import time

import faiss
import msgspec
import numpy as np
from msgspec.structs import replace
from threadpoolctl import threadpool_limits

from tailorbird.contracts.recommender import Item, RecommendQuery, Shelf
from tailorbird.contracts.words import Bought, CustomerFacts
from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.catalogue.columns import Columns
from tailorbird.recommender.models.companions import Companions
from tailorbird.recommender.models.model import IndexPlan, Model
from tailorbird.recommender.models.repurchase import Habits
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.shelves.knowledge import Knowledge
from tailorbird.recommender.shelves.ranking import Ranker
from tailorbird.recommender.vectors.index import Index, choose_plan
from tailorbird.suite.bench.table import Figure, median

__all__ = ["measure_many_items"]

FEW, MANY = 40_000, 1_000_000
WIDTH = 128
CLUSTERS = 4_000
TRIALS = 64
RECALL_AT_LEAST = 0.95
DAY = 86_400
NOW = 20_000 * DAY
CUSTOMERS = 40
HISTORY = 40


def measure_many_items(rounds: int) -> list[Figure]:
    """The index of a million items, and the shelves of customers who are known already."""
    faiss.omp_set_num_threads(1)
    with threadpool_limits(1):
        few, many = _model(FEW), _model(MANY)
        index = Index(many.vectors, many.index)
        trials = _trials(many.factors, seed=9)
        taken = median([_microseconds(index, trials) for _ in range(rounds)])
        exact = Index(many.vectors, IndexPlan())
        _, wanted = exact.search(trials, 100)
        _, found = index.search(trials, 100)
        recall = float(np.mean([len(set(a) & set(b)) / 100 for a, b in zip(found, wanted, strict=True)]))
        whole = _microseconds(exact, trials)
        shelves = [median([_shelves(model) for _ in range(rounds)]) for model in (few, many)]
    plan = f"plan {many.index.kind}; every row {whole:,.0f} us"
    return [
        Figure(name="a million items x 128: recall", measured=recall, unit="", at_least=RECALL_AT_LEAST, detail=plan),
        Figure(name="a million items x 128: a search", measured=taken, unit="us", detail=plan),
        Figure(name="shelves of a known customer, 40,000 items", measured=shelves[0], unit="us"),
        Figure(
            name="shelves of a known customer, a million items", measured=shelves[1], unit="us",
            detail=f"{shelves[1] / shelves[0]:.1f} times as much; candidates that are kept ask for none of it",
        ),
    ]  # fmt: skip


def _model(items: int) -> Model:
    """As training would make it, of made-up factors."""
    chance = np.random.default_rng(3)
    centres = chance.standard_normal((CLUSTERS, WIDTH)).astype(np.float32)
    near = centres[chance.integers(0, CLUSTERS, items)]
    factors = near + 0.7 * chance.standard_normal((items, WIDTH), np.float32)
    reach = chance.lognormal(0.0, 1.5, items).astype(np.float32)
    factors *= (0.03 * (1.0 + np.log1p(reach)))[:, None]
    model = replace(
        Model.empty(),
        item_ids=[f"i{number}" for number in range(items)],
        factors=factors.astype(np.float32),
        reach=reach,
        trend=reach,
        habit=np.zeros(items, np.float32),
        companions=Companions(np.zeros(items + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32)),
        habits=Habits.unlearned(items),
        settings=TrainingSettings(factors=WIDTH),
        until=NOW,
        version=f"bench-{items}",
    )
    return replace(model, index=choose_plan(model.vectors, _trials(model.factors, seed=5), RECALL_AT_LEAST))


def _trials(factors: Floats, seed: int) -> Floats:
    """Vectors as customers have them: some items of two tastes, with a 1 for popularity."""
    chance = np.random.default_rng(seed)
    mixed = np.empty((TRIALS, factors.shape[1] + 1), np.float32)
    for row in mixed:
        some = factors[chance.integers(0, len(factors), 2)]
        row[:-1] = (some + 0.1 * chance.standard_normal(some.shape)).sum(axis=0)
        row[:-1] /= max(float(np.linalg.norm(row[:-1])), 1e-6)
    mixed[:, -1] = 1.0
    return mixed


def _microseconds(index: Index, queries: Floats) -> float:
    began = time.process_time()
    for query in queries:
        index.search(query[None, :], 100)
    return (time.process_time() - began) / len(queries) * 1e6


def _shelves(model: Model) -> float:
    """Microseconds of CPU for a page's shelves, everything of the customer being kept."""
    columns = Columns()
    for number, item_id in enumerate(model.item_ids):
        department, category = f"d{number % 20}", f"c{number % 400}"
        columns.put(Item(item_id=item_id, title=item_id, department=department, category=category, price=1.0), b"")
    ranker = Ranker(Knowledge(model, columns, Index(model.vectors, model.index).search))
    chance = np.random.default_rng(11)
    queries = [_query(model, chance.integers(0, len(model.item_ids), HISTORY)) for _ in range(CUSTOMERS)]
    for query in queries:
        ranker.rank([query])
    began = time.process_time()
    for query in queries:
        ranker.rank([query])
    return (time.process_time() - began) / len(queries) * 1e6


def _query(model: Model, rows: np.ndarray) -> RecommendQuery:
    history = tuple(Bought(model.item_ids[row], 2, NOW - 30 * DAY) for row in rows.tolist())
    return RecommendQuery(
        shelves=tuple(Shelf(slot=name, strategy=name, count=6) for name in ("for_you", "buy_again", "trending")),
        customer=msgspec.Raw(msgspec.json.encode(CustomerFacts(history=history))),
        at=float(NOW),
    )
