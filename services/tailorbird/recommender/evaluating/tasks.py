"""Every shelf's own task on weeks that training has not seen, at several origins, beside the best simple rule.

    table = every_task(interactions, items)          # a row per task: ours, the simple rule, what lies between

At each origin a model is trained on what came before, the serving code answers, and the next four weeks are looked
at. Intervals are bootstrapped over customers, all of whose lists (or carts) at all origins are drawn together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from msgspec import Struct
from threadpoolctl import threadpool_limits

from tailorbird.recommender.arrays import Codes
from tailorbird.recommender.evaluating.carttasks import ITEM_ITEM, cart_tasks
from tailorbird.recommender.evaluating.listtasks import FADING, POPULARITY, list_tasks
from tailorbird.recommender.evaluating.metrics import METRICS, Values
from tailorbird.recommender.evaluating.report import ranker_of
from tailorbird.recommender.evaluating.shoppers import Found, Shoppers
from tailorbird.recommender.models.interactions import Interactions
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.training.train import Progress, train, trainable
from tailorbird.recommender.vectors.foldin import DAY

__all__ = ["TASKS", "Answered", "every_task"]

ORIGINS = 4
DAYS = 28.0
SAMPLES = 1_000
TASKS = {
    "anything": ("precision", FADING),
    "repeat": ("recall", FADING),
    "discovery": ("ndcg", POPULARITY),
    "anything, nothing known": ("precision", POPULARITY),
    "anything, 1 basket known": ("precision", POPULARITY),
    "anything, 3 baskets known": ("precision", POPULARITY),
    "cart": ("hit_rate", ITEM_ITEM),
    "cart, new to the household": ("hit_rate", ITEM_ITEM),
}
"""Task -> its metric at 10, and the simple rule beside which it stands."""


class Answered(Struct, frozen=True):
    """Lists of one way of listing for one task at one origin, judged."""

    task: str
    way: str
    customer: Codes
    values: Values


Judged: TypeAlias = list[Answered]


def every_task(
    interactions: pd.DataFrame,
    items: pd.DataFrame,
    settings: TrainingSettings | None = None,
    origins: int = ORIGINS,
    carts: int = 1_500,
    last: float = 0.0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """A row per task. last: days between the last test's end and the end of the data (settings are chosen there)."""
    told = progress or _silent
    learnable = [*trainable(items)]
    judged: Judged = []
    bought: Any = interactions[interactions["kind"] == "purchase"] if "kind" in interactions else interactions
    table = Interactions.of(bought, learnable)
    for number in range(origins):
        cut = table.until - (last + (number + 1) * DAYS) * DAY
        before = bought[bought["at"] <= cut]
        told(f"Origin {number + 1} of {origins}", 0.0)
        model = train(before, items, settings)
        told(f"Origin {number + 1} of {origins}", 0.5)
        with threadpool_limits(1):
            shoppers = Shoppers(table, cut, DAYS, ranker_of(model, items))
            judged += _judged(list_tasks(shoppers))
            judged += _judged(cart_tasks(shoppers, carts))
        told(f"Origin {number + 1} of {origins}", 1.0)
    return _table(judged)


def _judged(found: Sequence[Found]) -> Judged:
    return [
        Answered(task, way, customer, METRICS[TASKS[task][0]](hits, relevant))
        for task, way, customer, hits, relevant in found
    ]


def _table(judged: Judged) -> pd.DataFrame:
    rows = {}
    for task, (metric, rule) in TASKS.items():
        ways = {one.way for one in judged if one.task == task}
        if not ways:
            continue
        means = {way: _mean(judged, task, way) for way in ways}
        difference, low, high = _difference(judged, task, "ours", rule)
        rows[task] = {
            "metric": f"{metric}@10",
            "ours": means["ours"],
            "rule": rule,
            "of the rule": means[rule],
            "difference": difference,
            "low": low,
            "high": high,
            "ceiling": means.get("ceiling", 1.0),
            "lists": sum(len(one.values) for one in judged if one.task == task and one.way == "ours"),
            **{f"origin {n + 1}": float(one.values.mean()) for n, one in enumerate(_of(judged, task, "ours"))},
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _of(judged: Judged, task: str, way: str) -> Judged:
    return [one for one in judged if (one.task, one.way) == (task, way)]


def _mean(judged: Judged, task: str, way: str) -> float:
    """The mean over origins, each counting once."""
    return float(np.mean([one.values.mean() for one in _of(judged, task, way)]))


def _difference(judged: Judged, task: str, ours: str, rule: str) -> tuple[float, float, float]:
    """(mean, low, high) of ours above the rule: paired, customers drawn with all their lists."""
    mine, theirs = _of(judged, task, ours), _of(judged, task, rule)
    apart = np.concatenate([one.values - other.values for one, other in zip(mine, theirs, strict=True)])
    weight = np.concatenate([np.full(len(one.values), 1.0 / len(one.values)) for one in mine]) / len(mine)
    _, person = np.unique(np.concatenate([one.customer for one in mine]), return_inverse=True)
    people = int(person.max()) + 1
    sums = np.bincount(person, weights=apart * weight, minlength=people)
    sizes = np.bincount(person, weights=weight, minlength=people)
    drawn = np.random.default_rng(1).integers(0, people, (SAMPLES, people))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(sums.sum() / sizes.sum()), float(low), float(high)


def _silent(_: str, __: float) -> None:
    return None
