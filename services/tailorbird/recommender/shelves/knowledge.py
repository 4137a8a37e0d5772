"""What strategies look things up in: a model tied to the catalogue's positions, promotions, referrers' interests."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from typing import NamedTuple, TypeAlias

import numpy as np

from tailorbird.recommender.arrays import Flags, Floats, Positions
from tailorbird.recommender.catalogue.columns import Columns, Readings
from tailorbird.recommender.catalogue.promotions import NO_PROMOTIONS, Promotions
from tailorbird.recommender.models.groups import segment_group, store_group
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.shelves.chances import chance_of
from tailorbird.recommender.shelves.curating import Curations
from tailorbird.recommender.vectors.foldin import CountedFoldIn, FoldIn
from tailorbird.recommender.vectors.likeness import Likeness
from tailorbird.recommender.vectors.newcomers import Newcomers

__all__ = ["EVERYWHERE", "Knowledge", "Raised", "Search"]

Search: TypeAlias = Callable[[Floats, int], tuple[Floats, Positions]]
"""(queries, depth) -> (scores, rows of the model), best first."""

VARIETY = 0.6
"""On shelves that are the same for many, the n-th item of a category counts this times as much as the one before."""
POPULAR_ALIKE = 3
"""So many of a category are popular before variety counts: who buys bananas buys milk, eggs and bread, and a list cut
to one of each holds less of what a stranger buys (precision@10 .142 against .157 at eight early origins)."""
KEPT_ORDERS = 256
RESTS_DAYS = 7.0
"""For how long an item that the model does not know is not offered again once it was bought."""
PROMOTED = 0.5
"""What standing out in a store adds to an item's trend there, as a share of it."""


EVERYWHERE = "*"


class Raised(NamedTuple):
    """By what a trend is raised: what is promoted this week in a store (or `EVERYWHERE`; empty: nothing), what is
    bought more in that store, and by that segment, the first of the customer's of whom it is known.
    """

    promoted: str
    store: str
    segment: str


class Knowledge:
    """A model tied to the catalogue. Positions are places in the catalogue, rows places in the model; -1 is none."""

    def __init__(
        self,
        model: Model,
        columns: Columns,
        search: Search,
        promotions: Promotions = NO_PROMOTIONS,
        referrers: Mapping[str, tuple[str, ...]] | None = None,
        chance: Callable[[str], np.random.Generator] = chance_of,
        curations: Curations | None = None,
    ) -> None:
        self.model = model
        self.columns = columns
        self.search = search
        self.promotions = promotions
        self.referrers = dict(referrers or {})
        self.chance = chance
        self.curations = curations or Curations(columns)
        self.capacity = columns.capacity
        self.position_of = columns.positions(model.item_ids)
        self.row_of: Positions = np.full(self.capacity, -1, np.int32)
        known = self.position_of >= 0
        self.row_of[self.position_of[known]] = np.flatnonzero(known)
        folded = CountedFoldIn if model.settings.counted else FoldIn
        self.foldin = folded(model.factors, model.settings.regularization)
        length = np.linalg.norm(model.factors, axis=1, keepdims=True)
        self.unit: Floats = (model.factors / np.maximum(length, 1e-6)).astype(np.float32)
        self.vectors = model.vectors
        self.reach = self._by_position(model.reach)
        self.trend = self._by_position(model.trend)
        habits = model.habits
        self.turnover: Floats = np.zeros((self.capacity, habits.turnover.shape[1]), np.float32)
        self.turnover[self.position_of[known]] = habits.turnover[known]
        self.rest_days: Floats = np.full(self.capacity, RESTS_DAYS, np.float32)
        self.rest_days[self.position_of[known]] = habits.rest_days[known]
        self.known_days: Floats = np.zeros(self.capacity, np.float32)
        """How long an item has been bought: 0 for one that the model does not know."""
        self.known_days[self.position_of[known]] = habits.known_days[known]
        self.likeness = Likeness(columns, self.unit, self.row_of, self.position_of, self.reach)
        self.newcomers = Newcomers(columns, self.row_of, self.known_days, self.vectors[:, :-1])
        # To somebody unknown, what its buyers come back for is likelier sold than what as many try once.
        self.popular = self._ordered(self.reach * (1.0 + self._by_position(model.habit)), POPULAR_ALIKE)
        by_category = np.bincount(columns.category, weights=self.reach)
        self.usual_interest: Floats = np.zeros(self.capacity, np.float32)
        """By category code: how many customers buy in it lately. There are no more categories than items."""
        self.usual_interest[: len(by_category)] = by_category
        self._groups = frozenset(model.groups.names)
        self._read: Readings | None = None
        self._usual_reading: list[float] = []
        self._marks: Flags = np.zeros(self.capacity, np.bool_)
        self._notes: dict[Hashable, dict[int, tuple[str, ...]]] = {}
        self._noted_at = columns.changes
        self._trending: OrderedDict[Raised, tuple[Positions, Floats]] = OrderedDict()

    def raised(self, store_id: str, segments: Collection[str], at: float) -> Raised:
        """By what the trend is raised for a customer of these segments in that store."""
        promoted = store_id if store_id in self.promotions.stores else EVERYWHERE
        if not self.promotions.valid(at):
            promoted = ""
        segment = next((name for name in sorted(segments) if segment_group(name) in self._groups), "")
        store = store_id if store_group(store_id) in self._groups else ""
        return Raised(promoted, store, segment)

    def trending(self, raised: Raised) -> tuple[Positions, Floats]:
        """(positions, scores), best first."""
        found = self._trending.get(raised)
        if found is None:
            scores = self.trend * self._promoted(raised.promoted)
            for group in (store_group(raised.store), segment_group(raised.segment)):
                if group in self._groups:
                    rows, lift = self.model.groups.of(group)
                    places = self.position_of[rows]
                    scores[places[places >= 0]] *= lift[places >= 0]
            found = self._trending[raised] = self._ordered(scores)
            if len(self._trending) > KEPT_ORDERS:
                self._trending.popitem(last=False)
        return found

    def stands_out(self, group: str) -> Positions:
        """Positions of what is bought more by that group."""
        places = self.position_of[self.model.groups.of(group)[0]]
        return places[places >= 0]

    def usual_reading(self, articles: Readings) -> list[float]:
        """By article how many customers buy lately in the categories that it is about."""
        if self._read is not articles:
            self._read = articles
            usual = self.usual_interest[articles.category].tolist()
            self._usual_reading = [sum(usual[about]) for about in articles.spans]
        return self._usual_reading

    def among(self, places: Positions, others: Positions) -> Flags:
        """Which of the places stand among the others: where both are positions, a tenth of the time of `isin`."""
        self._marks[others] = True
        found = self._marks[places]
        self._marks[others] = False
        return found

    def notes(self, of: Hashable) -> dict[int, tuple[str, ...]]:
        """What a strategy says of items, by position, noted so that it is put together once; until an item changes."""
        if self._noted_at != self.columns.changes or len(self._notes) > KEPT_ORDERS:
            self._notes.clear()
            self._noted_at = self.columns.changes
        return self._notes.setdefault(of, {})

    def interests_of(self, referrer_host: str) -> tuple[str, ...]:
        """Names of departments and categories that visitors from there come for; none when nobody said."""
        host = referrer_host.lower().removeprefix("www.")
        return self.referrers.get(host, ())

    def best(self, scores: Floats, count: int) -> tuple[Positions, Floats]:
        """(places, scores) of the highest scores above zero, best first."""
        places = np.flatnonzero(scores > 0)
        if len(places) > count:
            places = places[np.argpartition(-scores[places], count)[:count]]
        places = places[np.argsort(-scores[places], kind="stable")]
        return places.astype(np.int32), scores[places]

    def _promoted(self, store_id: str) -> Floats:
        raised = np.ones(self.capacity, np.float32)
        if store_id == EVERYWHERE:
            raised[: len(self.promotions.share)] += PROMOTED * self.promotions.share
        elif store_id:
            raised[self.promotions.of_store(store_id)[0]] += PROMOTED
        return raised

    def _by_position(self, values: Floats) -> Floats:
        spread = np.zeros(self.capacity, np.float32)
        known = self.position_of >= 0
        spread[self.position_of[known]] = values[known]
        return spread

    def _ordered(self, scores: Floats, alike: int = 0) -> tuple[Positions, Floats]:
        """All positions with a score, best first, an item the lower the more than `alike` of its category stand before
        it.
        """
        places = np.flatnonzero(scores > 0)
        places = places[np.argsort(-scores[places], kind="stable")]
        category = self.columns.category[places]
        by_category = np.argsort(category, kind="stable")
        firsts = np.searchsorted(category[by_category], category[by_category])
        before = np.empty(len(places), np.float32)
        before[by_category] = np.arange(len(places)) - firsts
        varied = scores[places] * VARIETY ** np.clip(before - alike, 0.0, 40.0)
        order = np.argsort(-varied, kind="stable")
        return places[order].astype(np.int32), varied[order].astype(np.float32)
