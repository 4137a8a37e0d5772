"""What decisions go by at this moment: documents, catalogue, counts, beliefs, spent budgets; each state has a name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import structlog
from msgspec.structs import replace

from tailorbird.bus.ending import ended
from tailorbird.offers.deciding.knowing import Learned
from tailorbird.offers.documents.goal import DEFAULT, Goal
from tailorbird.offers.documents.offer import Action, Limit, Offer
from tailorbird.offers.documents.offering import Offerings
from tailorbird.offers.documents.prepared import Preparing
from tailorbird.offers.items import Items
from tailorbird.offers.learning.chances import chance_of
from tailorbird.offers.learning.epochs import Epoch, Epochs, name_of
from tailorbird.offers.learning.memory import Memory
from tailorbird.offers.learning.responses import Responses

__all__ = ["State", "goal_of"]

CALM = 0.2
"""Seconds during which changes of counts or of the whole catalogue are gathered before all is prepared anew."""

log = structlog.get_logger(__name__)


def goal_of(documents: Mapping[str, Mapping[str, Any]], goal_id: str = "") -> Goal:
    """The goal of this id among these documents, else the default one, or what counts without."""
    goals: Mapping[str, Goal] = documents.get("goal", {})
    return goals.get(goal_id) or goals.get("default", DEFAULT)


class State:
    """Current while entered; what was learned comes into force every `learn_every` seconds."""

    def __init__(
        self,
        responses: Callable[[], Mapping[str, Responses]],
        memory: Callable[[], Memory],
        epochs: Epochs,
        learn_every: float,
        now: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        """`changed`: called when who was answered may be answered otherwise, but for what was learned: that ranks what
        is new to a customer, and answers that stand hold nothing new.
        """
        self.documents: dict[str, Offer | Action] = {}
        self.offers: Mapping[str, Offer] = {}
        self.goal = DEFAULT
        self._goals: Mapping[str, Goal] = {}
        self._tried: dict[str, Offerings] = {}
        """The same documents, arranged by the goals that experiments try."""
        self.version = ""
        self.items = Items()
        self.learned = Learned({}, chance_of(name_of({})))
        self.used_up: frozenset[str] = frozenset()
        self.epoch = ""
        self.shown: dict[str, Limit] = {}
        """Limits of what may be shown to one customer only so often, by id."""
        self.capped: list[tuple[str, int]] = []
        """Offers that one customer may redeem so many times."""
        self.reserving: frozenset[str] = frozenset()
        """Offers of which a unit is held for whom they are made to."""
        self.counted: frozenset[str] = frozenset()
        """What must be decided each time it is made: of `shown` and of `reserving`."""
        self.responses = responses
        self._memory = memory
        self._epochs = epochs
        self._learn_every = learn_every
        self._now = now
        self._changed = changed
        self._preparing = Preparing(self.items, {})
        self.offerings = Offerings({}, self._preparing, "")
        self._stale = asyncio.Event()
        self._moved = asyncio.Event()
        self._learned_at = -1
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._stale.clear()
        self.prepare_anew()
        await self.learn()
        self._tasks = [
            asyncio.create_task(self._work_changes_in(), name="offers-prepare"),
            asyncio.create_task(self._name_after_moves(), name="offers-moves"),
            asyncio.create_task(self._learn_now_and_then(), name="offers-learn"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(*self._tasks)

    def documents_changed(self, kept: Mapping[str, Mapping[str, Any]], version: str) -> None:
        """These documents count from now on; only what changed of them is prepared."""
        self.offers = dict(kept["offer"])
        self.documents = {**kept["offer"], **kept["action"]}
        self.goal = goal_of(kept)
        self._goals = kept["goal"]
        self.version = version
        self.shown = {
            name: limit
            for name, one in self.documents.items()
            if (limit := one.limit) is not None and limit.shown_per_customer is not None
        }
        self.capped = [
            (name, most)
            for name, offer in self.offers.items()
            if offer.limit and (most := offer.limit.per_customer) is not None
        ]
        self.reserving = frozenset(
            name for name, offer in self.offers.items() if offer.reserve_minutes or offer.unique_codes
        )
        self.counted = self.reserving.union(self.shown)
        self.offerings = Offerings(self.documents, self._preparing, version, self.goal)
        self._tried = {}
        self._name_epoch()
        self._changed()

    def offerings_by(self, goal_id: str) -> Offerings:
        """The documents as this goal arranges them; by `default` when the id is empty or nobody's."""
        goal = self._goals.get(goal_id) if goal_id else None
        if goal is None:
            return self.offerings
        found = self._tried.get(goal_id)
        if found is None:
            found = self._tried[goal_id] = Offerings(self.documents, self._preparing, self.version, goal)
        return found

    def trying(self, trial: Mapping[str, Offer | Action]) -> Offerings:
        """What could be made, were these at work too; whatever is at work already is ready."""
        return Offerings({**self.documents, **trial}, self._preparing, self.version, self.goal)

    def items_replaced(self, items: Items) -> None:
        self.items = items
        self._stale.set()

    def item_moved(self, item_id: str) -> None:
        """The item's department, category or brand changed."""
        self.offerings.forget(item_id)
        for offerings in self._tried.values():
            offerings.forget(item_id)
        self._moved.set()

    def counts_changed(self) -> None:
        self._stale.set()

    def used_up_changed(self, used_up: frozenset[str]) -> None:
        self.used_up = used_up
        self._name_epoch()
        self._changed()

    async def learn(self) -> None:
        """What was seen until now comes into force."""
        memory = self._memory()
        if memory.changed == self._learned_at:
            return
        self._learned_at = memory.changed
        cells = memory.learned()
        learned = Learned(cells, chance_of(name_of(cells)))
        # Worked out beside the loop: decisions go on by what was in force before.
        await asyncio.to_thread(learned.views, self.offerings.at(self._now()), "")
        self.learned = learned
        self._name_epoch()

    def prepare_anew(self) -> None:
        """Takes the newest catalogue and counts, and makes what is open now ready."""
        self._preparing = Preparing(self.items, self.responses())
        self.offerings = Offerings(self.documents, self._preparing, self.version, self.goal)
        self._tried = {}
        # What the first question would have to wait for is worked out here.
        self.learned.views(self.offerings.at(self._now()), "")
        self._name_epoch()
        self._changed()

    def _name_epoch(self) -> None:
        responses = {name: replace(one, marks=b"") for name, one in self.responses().items()}
        cells, used_up = dict(self.learned.cells), tuple(sorted(self.used_up))
        epoch = Epoch(self.version, cells, used_up, responses, self.items.name)  # type: ignore[arg-type]
        name = name_of(epoch)
        if name != self.epoch:
            self.epoch = name
            self._epochs.keep(name, epoch)

    async def _work_changes_in(self) -> None:
        while True:
            await self._stale.wait()
            await asyncio.sleep(CALM)
            self._stale.clear()
            self.prepare_anew()
            log.info("offers_prepared", documents=len(self.documents), items=len(self.items))

    async def _name_after_moves(self) -> None:
        while True:
            await self._moved.wait()
            await asyncio.sleep(CALM)
            self._moved.clear()
            self._name_epoch()
            self._changed()

    async def _learn_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self._learn_every)
            await self.learn()
