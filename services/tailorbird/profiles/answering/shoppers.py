"""Some customers with their personas, to choose from in a demonstration or a preview."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterable

from tailorbird.contracts.profiles import Shopper, Shoppers, ShoppersQuery
from tailorbird.profiles.answering.describing import Knowledge, name_of, rated
from tailorbird.profiles.identity.belonging import customer
from tailorbird.profiles.keeping.keyring import Keyring
from tailorbird.profiles.keeping.store import OpenProfile, ProfileStore

__all__ = ["ShopperAnswers"]

LOOKED_AT = 600
"""Profiles that are read (2 ms of work each); of more customers this is a sample, and the counts are scaled up."""
READ_AT_ONCE = 20
BREATH = 0.001
"""Seconds after each profile, so that questions hardly notice."""
WAITED_FOR = 1.0
"""Seconds that somebody who asks waits for the first look to end, or to have found enough."""
ENOUGH = 100
_NEVER = ("", -1)


class ShopperAnswers:
    """Looks through the profiles when somebody asks for the first time, and again after what changed them in bulk."""

    def __init__(self, keyring: Keyring, store: ProfileStore, knowledge: Knowledge) -> None:
        self._keyring = keyring
        self._store = store
        self._knowledge = knowledge
        self._found: list[Shopper] = []
        self._scale = 1.0
        self._made_of = _NEVER
        self._looking: asyncio.Task[None] | None = None
        self._enough = asyncio.Event()

    def look_again(self) -> None:
        """Profiles were changed in bulk: what was found is out of date, and found anew for whoever asks next."""
        self.stop()
        self._looking = None
        self._found, self._made_of = [], _NEVER
        self._enough.clear()

    def forget(self, ids: Iterable[str]) -> None:
        """These are customers no more."""
        gone = set(ids)
        self._found = [one for one in self._found if customer(one.customer_id) not in gone]

    def stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    async def answer(self, query: ShoppersQuery) -> Shoppers:
        """Those with the most orders first within a persona; without one asked for, the personas take turns.

        While the first look is under way, those found so far; later, those of the look before.
        """
        if self._looking is None or (self._looking.done() and self._made_of != self._knowledge.version):
            self._looking = asyncio.create_task(self._look(), name="shoppers")
        if self._made_of == _NEVER:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._enough.wait(), WAITED_FOR)
        counts = Counter(one.persona for one in self._found)
        if query.persona:
            chosen = [one for one in self._found if one.persona == query.persona][: query.count]
        else:
            chosen = _in_turns(self._found, query.count)
        personas = {persona: round(count * self._scale) for persona, count in counts.most_common()}
        return Shoppers(shoppers=tuple(chosen), personas=personas)

    async def _look(self) -> None:
        made_of = self._knowledge.version
        persons = await self._keyring.some(LOOKED_AT)
        total = await self._keyring.count()
        found: list[Shopper] = []
        at = time.time()
        for start in range(0, len(persons), READ_AT_ONCE):
            opened = await self._store.load(persons[start : start + READ_AT_ONCE], keep=False)
            for one in opened.values():
                if one.revision and one.stored.customer_id:
                    found.append(self._shopper(one, at))
                    await asyncio.sleep(BREATH)
            if self._made_of == _NEVER:
                self._found, self._scale = _by_orders(found), total / (start + READ_AT_ONCE)
                if len(found) >= ENOUGH:
                    self._enough.set()
        self._found, self._scale = _by_orders(found), total / max(len(persons), 1)
        self._made_of = made_of
        self._enough.set()

    def _shopper(self, opened: OpenProfile, at: float) -> Shopper:
        stored = opened.stored
        found = rated(stored, at, self._knowledge)
        return Shopper(
            customer_id=stored.customer_id,
            first_name=name_of(stored),
            persona=found.persona,
            segments=found.segments,
            orders=stored.orders,
        )


def _by_orders(shoppers: list[Shopper]) -> list[Shopper]:
    return sorted(shoppers, key=lambda one: (-one.orders, one.customer_id))


def _in_turns(shoppers: list[Shopper], count: int) -> list[Shopper]:
    by_persona: dict[str, list[Shopper]] = {}
    for shopper in shoppers:
        by_persona.setdefault(shopper.persona, []).append(shopper)
    chosen: list[Shopper] = []
    for place in range(count):
        turn = [group[place] for _, group in sorted(by_persona.items()) if place < len(group)]
        chosen += turn
        if not turn or len(chosen) >= count:
            break
    return chosen[:count]
