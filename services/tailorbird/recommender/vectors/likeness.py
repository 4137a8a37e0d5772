"""Items like a given one, best first: made for an item once, not for every page that shows it."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.catalogue.columns import Columns

__all__ = ["Likeness"]

SAME_CATEGORY = 0.6
SAME_DEPARTMENT = 0.2
POPULAR = 0.03
"""What each doubling of recent popularity adds: a substitute that is sold is worth more than a forgotten one."""
KEPT = 1_024
"""Items whose list is kept, the ones asked for last ..."""
LONG = 512
"""... and how much of it: hardly ever is more than the beginning taken or filtered away."""


class Likeness:
    """Follows the catalogue: after a change lists are made anew."""

    def __init__(
        self, columns: Columns, unit: Floats, row_of: Positions, position_of: Positions, reach: Floats
    ) -> None:
        self._columns = columns
        self._unit = unit
        self._row_of = row_of
        self._learned = np.flatnonzero(position_of >= 0)
        self._places = position_of[self._learned]
        self._popular = (POPULAR * np.log2(1.0 + reach)).astype(np.float32)
        self._lists: OrderedDict[int, tuple[Positions, Floats]] = OrderedDict()
        self._made_at = -1

    def first(self, start: int) -> tuple[Positions, Floats]:
        """(positions, scores) of the `LONG` most like it, best first."""
        if self._made_at != self._columns.changes:
            self._made_at = self._columns.changes
            self._lists.clear()
        found = self._lists.get(start)
        if found is None:
            found = self._lists[start] = _best(self._scores(start), LONG)
            if len(self._lists) > KEPT:
                self._lists.popitem(last=False)
        else:
            self._lists.move_to_end(start)
        return found

    def every(self, start: int) -> tuple[Positions, Floats]:
        """The same of all that are like it at all."""
        return _best(self._scores(start), len(self._row_of))

    def _scores(self, start: int) -> Floats:
        """By position how like the item each other one is; 0 for what is of another department and not bought alike."""
        columns = self._columns
        same = SAME_CATEGORY * (columns.category == columns.category[start]) * bool(columns.category[start])
        same += SAME_DEPARTMENT * (columns.department == columns.department[start]) * bool(columns.department[start])
        scores: Floats = same.astype(np.float32)
        row = self._row_of[start]
        if row >= 0:
            alike = self._unit @ self._unit[row]
            scores[self._places] += np.maximum(alike[self._learned], 0.0)
        scores[scores > 0] += self._popular[scores > 0]
        return scores


def _best(scores: Floats, count: int) -> tuple[Positions, Floats]:
    places = np.flatnonzero(scores > 0)
    if len(places) > count:
        places = places[np.argpartition(-scores[places], count)[:count]]
    places = places[np.argsort(-scores[places], kind="stable")]
    return places.astype(np.int32), scores[places]
