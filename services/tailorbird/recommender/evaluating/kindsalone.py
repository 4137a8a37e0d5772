"""What each kind of model would list by itself: fitted as it begins, of the same purchases, for the same customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from msgspec import Struct

from tailorbird.recommender.models.als import confidences, liking_of
from tailorbird.recommender.models.blend import CUSTOMERS_AT_ONCE, best, masked
from tailorbird.recommender.models.interactions import Interactions
from tailorbird.recommender.models.kinds import KINDS
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.training.train import trainable

__all__ = ["Alone", "kinds_alone"]


class Alone(Struct, frozen=True):
    """Lists by the name of each kind, and the kinds that so much data is too much or too little for."""

    lists: Mapping[str, Mapping[str, Sequence[str]]]
    left_out: tuple[str, ...]


def kinds_alone(
    before: pd.DataFrame,
    items: pd.DataFrame,
    people: Sequence[str],
    k: int,
    settings: TrainingSettings | None = None,
    tell: Callable[[str, float], None] = lambda _, __: None,
) -> Alone:
    """Nothing is listed that a customer had. `tailorbird train --minutes` seeks better settings for each."""
    table = Interactions.of(before, trainable(items))
    liking = liking_of(confidences(table, table.pairs(), settings or TrainingSettings()))
    rows = Interactions.rows_of(before, people)
    lists: dict[str, dict[str, Sequence[str]]] = {}
    left_out: list[str] = []
    for kind in KINDS:
        model = kind.start(liking)
        if not model.fitting(liking.shape):
            left_out.append(model.name)
            continue
        what = f"Learning {model.name} alone"
        part = model.fit(liking, lambda share, what=what: tell(what, share))  # type: ignore[misc]
        found: dict[str, Sequence[str]] = {}
        for begin in range(0, len(people), CUSTOMERS_AT_ONCE):
            some = slice(begin, begin + CUSTOMERS_AT_ONCE)
            history = liking[np.maximum(rows[some], 0)]
            places = best(masked(part.scores(history), history), k)
            for person, own in zip(people[some], places.tolist(), strict=True):
                found[person] = [table.item_ids[place] for place in own]
        lists[model.name] = found
    return Alone(lists, tuple(left_out))
