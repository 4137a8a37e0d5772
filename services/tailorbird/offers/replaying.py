"""Answers why, and decides again: out of what is known now, or of what was known when something was decided."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from msgspec import Struct

from tailorbird.contracts.offers import Explained, ExplainQuery
from tailorbird.contracts.wire import Fault
from tailorbird.host.documents import DocumentStore
from tailorbird.offers.answering import Decider, with_codes
from tailorbird.offers.deciding.asked import Asked, asked
from tailorbird.offers.deciding.decide import decide
from tailorbird.offers.deciding.knowing import Knowing, Learned, Standing
from tailorbird.offers.deciding.why import explain
from tailorbird.offers.documents.offering import Offerings
from tailorbird.offers.documents.prepared import Preparing
from tailorbird.offers.learning.chances import chance_of
from tailorbird.offers.learning.epochs import Epochs, name_of
from tailorbird.offers.state import State, goal_of

__all__ = ["Replaying"]

_MOVED = "Items were added since, or are of another kind now: decided again with the catalogue as it is."

HELD = 8
"""Epochs that stay ready, as whoever replays replays many of one."""


class Then(Struct, frozen=True):
    """What was in force in an epoch."""

    offerings: Offerings
    by_goal: Callable[[str], Offerings]
    """The same, arranged by a goal that an experiment tried."""
    learned: Learned
    used_up: frozenset[str]
    items: str = ""
    """Name of the catalogue as it was."""


class Replaying:
    """Answers EXPLAIN."""

    def __init__(
        self,
        state: State,
        decider: Decider,
        epochs: Epochs,
        documents: DocumentStore,
        now: Callable[[], float],
    ) -> None:
        self._state = state
        self._decider = decider
        self._epochs = epochs
        self._documents = documents
        self._now = now
        self._held: OrderedDict[str, Then] = OrderedDict()

    async def explain(self, query: ExplainQuery) -> Explained:
        """Every candidate's fate, and the decision made again. Raises Fault(422) when the question can't be read."""
        question = asked(query.query, self._now())
        note = ""
        then = self._now_in_force()
        made_from = query.made_from
        if made_from.epoch:
            try:
                then = await self._then(made_from.epoch)
                note = _MOVED if then.items not in ("", self._state.items.name) else ""
            except Fault as fault:
                note = f"Decided again by what is known now: {fault.sentence}"
        return await asyncio.to_thread(self._again, then, query, question, note)

    def _again(self, then: Then, asked_for: ExplainQuery, question: Asked, note: str) -> Explained:
        query, made_from = asked_for.query, asked_for.made_from
        standing = Standing(made_from.promised, made_from.excluded, made_from.held)
        if not made_from.epoch:
            standing = self._decider.standing(query, question)
        knowing = Knowing(then.learned, then.used_up, standing, query.person, made_from.epoch)
        offerings = then.by_goal(query.goal)
        told = explain(offerings, question, knowing, asked_for.others_at_most or None, asked_for.about)
        decided = decide(offerings.at(question.at), question, offerings.version, knowing)
        return Explained(
            candidates=told.candidates,
            rules=then.offerings.version,
            decided=with_codes(decided, made_from.codes),
            note=note,
            left_out=told.left_out,
        )

    def _now_in_force(self) -> Then:
        state = self._state
        return Then(state.offerings, state.offerings_by, state.learned, state.used_up)

    async def _then(self, name: str) -> Then:
        if name == self._state.epoch:
            return self._now_in_force()
        held = self._held.get(name)
        if held is not None:
            return held
        epoch = await self._epochs.find(name)
        kept = await self._documents.at(epoch.rules)
        preparing = Preparing(self._state.items, epoch.responses)
        documents = {**kept["offer"], **kept["action"]}

        def by_goal(goal_id: str) -> Offerings:
            return Offerings(documents, preparing, epoch.rules, goal_of(kept, goal_id))

        made = self._held[name] = Then(
            by_goal(""),
            by_goal,
            Learned(epoch.cells, chance_of(name_of(epoch.cells))),
            frozenset(epoch.used_up),
            epoch.items,
        )
        if len(self._held) > HELD:
            self._held.popitem(last=False)
        return made
