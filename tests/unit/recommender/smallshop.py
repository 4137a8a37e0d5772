"""A shop small enough to know by heart, with customers whose tastes are two: those who cook and those who snack.

Products `cook-0` .. `cook-19` and `snack-0` .. `snack-19`, five wines (sensitive), an item without a price, one out of
stock, and six articles. Cooks buy cook-items in orders of five, snackers snacks.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import msgspec
import numpy as np
import pandas as pd

from tailorbird.contracts.recommender import Item, Recommendations, RecommendQuery, Shelf, ShelfItems
from tailorbird.contracts.words import Bought, CustomerFacts, Signal
from tailorbird.recommender.catalogue.columns import Columns
from tailorbird.recommender.catalogue.documents import encode_item
from tailorbird.recommender.catalogue.promotions import NO_PROMOTIONS, Promotions
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.shelves.knowledge import Knowledge
from tailorbird.recommender.shelves.ranking import Ranker
from tailorbird.recommender.training.train import train
from tailorbird.recommender.vectors.index import Index

DAY = 86_400
NOW = 400 * DAY
SETTINGS = TrainingSettings(
    factors=8, regularization=1.0, iterations=8, basket_item_minimum=3, threads=1
)


def items() -> list[Item]:
    shop = [
        Item(
            item_id=f"{kind}-{number}",
            title=f"{kind.title()} {number}",
            department="Kitchen" if kind == "cook" else "Party",
            category=f"{kind.title()} {'Basics' if number < 10 else 'Extras'}",
            price=2.5,
        )
        for kind in ("cook", "snack")
        for number in range(20)
    ]
    shop += [
        Item(item_id=f"wine-{n}", title=f"Wine {n}", department="Wine", category="Wine", price=9.0,
             attributes={"sensitive": "alcohol"})
        for n in range(5)
    ]  # fmt: skip
    shop.append(Item(item_id="newest", title="Newest", department="Kitchen", category="Cook Basics", price=3.0))
    shop.append(Item(item_id="priceless", title="Priceless", department="Kitchen", category="Cook Basics"))
    shop.append(Item(item_id="gone", title="Gone", department="Kitchen", category="Cook Basics", price=1.0, stock=0))
    about = ["Cook Basics"] * 3 + ["Snack Basics"] * 3
    shop += [
        Item(item_id=f"read-{n}", title=f"Article {n}", kind="article", categories=(category,))
        for n, category in enumerate(about)
    ]
    return shop


@functools.cache
def interactions() -> pd.DataFrame:
    """Ninety customers, twelve orders each, of the kind they are; every eighth order holds a wine."""
    generator = np.random.default_rng(11)
    rows = []
    for person in range(90):
        kind = "cook" if person % 2 else "snack"
        for order in range(12):
            at = NOW - (12 - order) * 20 * DAY + person
            chosen = [f"{kind}-{n}" for n in generator.choice(20, 5, replace=False, p=_often())]
            if generator.random() < 0.12:
                chosen.append(f"wine-{generator.integers(5)}")
            if generator.random() < 0.2:
                chosen.append("gone")
            rows += [(f"p{person}", item, at, "purchase", 1.0, f"o{person}-{order}") for item in chosen]
    return pd.DataFrame(rows, columns=["person", "item_id", "at", "kind", "quantity", "order_id"])


def _often() -> list[float]:
    weights = 1.0 / np.arange(3, 23)
    return [float(weight) for weight in weights / weights.sum()]


def item_table() -> pd.DataFrame:
    return pd.DataFrame([msgspec.structs.asdict(item) for item in items()])


@functools.cache
def model() -> Model:
    return train(interactions(), item_table(), SETTINGS)


def ranker(
    of: Model | None = None,
    promotions: Promotions = NO_PROMOTIONS,
    referrers: dict[str, tuple[str, ...]] | None = None,
    shop: Sequence[Item] | None = None,
) -> Ranker:
    learned = of or model()
    columns = Columns()
    for item in shop if shop is not None else items():
        columns.put(item, encode_item(item))
    search = Index(learned.vectors, learned.index).search
    return Ranker(Knowledge(learned, columns, search, promotions, referrers))


def facts(bought: Sequence[tuple[str, int, int]] = (), recent: Sequence[tuple[str, str, int]] = ()) -> msgspec.Raw:
    """bought: (item, times, days ago). recent: (kind, item, days ago)."""
    known = CustomerFacts(
        history=tuple(Bought(item, times, NOW - days * DAY) for item, times, days in bought),
        recent=tuple(Signal(kind, item, NOW - days * DAY) for kind, item, days in recent),  # type: ignore[arg-type]
    )
    return msgspec.Raw(msgspec.json.encode(known))


COOK = facts([(f"cook-{n}", 5 - n, 22 + n) for n in range(5)])
SNACKER = facts([(f"snack-{n}", 5 - n, 22 + n) for n in range(5)])


def query(
    *shelves: tuple[str, int],
    customer: msgspec.Raw | None = None,
    around: str = "",
    among: tuple[str, ...] = (),
    **rest: object,
) -> RecommendQuery:
    """A query with these (strategy, count) shelves."""
    return RecommendQuery(
        shelves=tuple(
            Shelf(slot=name, strategy=name, count=count, item_id=around, among=among if name == "search" else ())
            for name, count in shelves
        ),
        customer=customer or msgspec.Raw(b"{}"),
        at=float(NOW),
        **rest,  # type: ignore[arg-type]
    )


def shelves(answering: Ranker, asked: RecommendQuery) -> tuple[ShelfItems, ...]:
    outcome = answering.rank([asked])[0]
    assert isinstance(outcome, Recommendations), outcome
    return outcome.shelves


def ids(shelf: ShelfItems) -> list[str]:
    return [item.item_id for item in shelf.items]
