"""The evaluation of a model as a table and a few figures: what `tailorbird evaluate` prints and notebooks plot."""

from __future__ import annotations

from typing import Any

import pandas as pd
from msgspec import Struct
from threadpoolctl import threadpool_limits

from tailorbird.contracts.recommender import Item
from tailorbird.recommender.catalogue.columns import Columns
from tailorbird.recommender.evaluating.baselines import oracle, personal_frequency, personal_recency, popularity
from tailorbird.recommender.evaluating.evaluate import (
    HeldOut,
    compare,
    difference,
    list_all,
    overlap,
    shelf_lists,
    split,
)
from tailorbird.recommender.evaluating.kindsalone import Alone, kinds_alone
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.shelves.knowledge import Knowledge
from tailorbird.recommender.shelves.ranking import Ranker
from tailorbird.recommender.training.train import Progress, train, trainable
from tailorbird.recommender.vectors.index import Index

__all__ = ["Report", "evaluate", "ranker_of"]


class Report(Struct, frozen=True):
    """What came of training on all but the last weeks and looking at these."""

    discovery: pd.DataFrame
    """Items new to the customer: for_you beside popularity and the oracle; a row each, metrics at 10 with intervals."""
    repeat: pd.DataFrame
    """Items bought before: buy_again beside personal recency, frequency and the oracle."""
    gain: tuple[float, float, float]
    """ndcg@10 of for_you above popularity on new items: mean and 95 % bootstrap interval, paired by customer."""
    overlap: float
    """Share of the for_you list that two customers have in common, on average over 200 pairs."""
    customers: int
    left_out: tuple[str, ...] = ()
    """Kinds of models without a row: there is too much data for them, or too little."""


def ranker_of(model: Model, items: pd.DataFrame) -> Ranker:
    """The serving code over this model and catalogue (item_id; title, department, category, price, kind if there)."""
    columns = Columns()
    texts = [name for name in ("title", "department", "category") if name in items]
    priced = set(trainable(items)) if "price" in items else {str(item_id) for item_id in items["item_id"]}
    rows: Any = items[["item_id", *texts]]
    for row in rows.to_dict("records"):
        values = {name: text for name in texts if isinstance(text := row[name], str)}
        item_id = str(row["item_id"])
        item = Item(
            item_id=item_id,
            title=values.get("title") or item_id,
            department=values.get("department", ""),
            category=values.get("category", ""),
            price=1.0 if item_id in priced else None,
        )
        columns.put(item, b"")
    return Ranker(Knowledge(model, columns, Index(model.vectors, model.index).search), customers_kept=0)


def evaluate(
    interactions: pd.DataFrame,
    items: pd.DataFrame,
    settings: TrainingSettings | None = None,
    days: float = 28.0,
    progress: Progress | None = None,
    alone: bool = False,
) -> Report:
    """Trains on all but the last days and compares what would have been served with what was bought then.

    alone: with a row for every kind of model by itself, fitted as it begins.
    """
    before, after = split(interactions, days)
    model = train(before, items, settings, progress)
    test = HeldOut.of(before, after, known=set(trainable(items)))
    ranker = ranker_of(model, items)
    kinds = Alone({}, ())
    if alone:
        kinds = kinds_alone(before, items, list(test.new), 10, settings, progress or (lambda _, __: None))
    with threadpool_limits(1):
        return _report(before, model, test, ranker, kinds)


def _report(before: pd.DataFrame, model: Model, test: HeldOut, ranker: Ranker, kinds: Alone) -> Report:
    new, again = test.new, test.again
    # Beside us stands what is popular among what may be shown: a list that no shop would make is easily beaten.
    shown: Any = before[before["item_id"].isin(model.item_ids)]
    popular = list_all(popularity(shown), new, test.had, 10)
    discovery = {
        "for_you": shelf_lists(ranker, test, list(new), "for_you", 10),
        **{f"{name} alone": lists for name, lists in kinds.lists.items()},
        "popularity of 8 weeks": popular,
        "oracle": list_all(oracle(new, model.item_ids), new, {}, 10),
    }
    repeat = {
        # For a list of four weeks nothing rests, as with the baselines.
        "buy_again": shelf_lists(ranker, test, list(again), "buy_again", 10, rested=False),
        "personal frequency": list_all(personal_frequency(before), again, {}, 10),
        "personal recency": list_all(personal_recency(before), again, {}, 10),
        "popularity of 8 weeks": list_all(popularity(shown), again, {}, 10),
        "oracle": list_all(oracle(again, model.item_ids), again, {}, 10),
    }
    return Report(
        discovery=compare(new, discovery),
        repeat=compare(again, repeat),
        gain=difference(new, discovery["for_you"], popular),
        overlap=overlap(discovery["for_you"]),
        customers=len(test.facts),
        left_out=kinds.left_out,
    )
