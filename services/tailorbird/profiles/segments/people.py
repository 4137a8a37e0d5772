"""Everybody's attributes as a table to be counted in: a sample where they are many, made anew beside whoever asks.

Whoever writes a rule counts it after every change and must not wait: the first answer comes from a few hundred
profiles, the next from as many as are looked at, and a table that is out of date serves until its successor is there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import structlog
from msgspec import Struct

from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.profiles.answering.describing import Knowledge, described
from tailorbird.profiles.keeping.keyring import Keyring
from tailorbird.profiles.keeping.store import OpenProfile, ProfileStore
from tailorbird.rules.attributes import CATALOGUE, Known, known

__all__ = ["LOOKED_AT", "People", "PeopleTable"]

LOOKED_AT = 20_000
"""Profiles that are looked at at most; of more customers this is a sample."""
QUICK = 400
"""Profiles of the first answer, while the table is made."""
WAITED_FOR = 1_000
"""Of so many customers or fewer the table is made at once, after a change of rules too."""
READ_AT_ONCE = 50
FRESH_FOR = 30.0
"""Seconds for which the table is up to date."""
_ARROW = {
    "text": pa.string(),
    "number": pa.float64(),
    "yes_no": pa.bool_(),
    "list": pa.list_(pa.string()),
    "time": pa.float64(),
}

log = structlog.get_logger(__name__)


class People(Struct, frozen=True):
    """The table, and how many customers it stands for."""

    table: pa.Table
    of: int
    version: object
    at: float
    quick: bool = False


class PeopleTable:
    """Kept for a while, as whoever writes a rule counts it after every change."""

    def __init__(
        self, keyring: Keyring, store: ProfileStore, knowledge: Knowledge, clock: Callable[[], float] = time.time
    ) -> None:
        self._keyring = keyring
        self._store = store
        self._knowledge = knowledge
        self._clock = clock
        self._people: People | None = None
        self._making: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def people(self) -> People:
        """Up to date where that is quick, else the latest there is."""
        async with self._one_at_a_time:
            held = self._people
            if held is not None and self._is_fresh(held):
                return held
            if held is None or held.of <= WAITED_FOR:
                total = await self._keyring.count()
                held = self._people = await self._made(LOOKED_AT if total <= WAITED_FOR else QUICK, total)
                if total <= WAITED_FOR:
                    return held
            if self._making is None or self._making.done():
                self._making = asyncio.create_task(self._make_anew(), name="people-table")
            return held

    def _is_fresh(self, people: People) -> bool:
        age = self._clock() - people.at
        return not people.quick and people.version == self._knowledge.version and age < FRESH_FOR

    async def _make_anew(self) -> None:
        try:
            self._people = await self._made(LOOKED_AT, await self._keyring.count())
        except Fault as fault:
            log.warning("people_not_counted", reason=fault.sentence)

    async def _made(self, most: int, total: int) -> People:
        version, at = self._knowledge.version, self._clock()
        rows: list[dict[str, Any]] = []
        persons = await self._keyring.some(most)
        for start in range(0, len(persons), READ_AT_ONCE):
            opened = await self._store.load(persons[start : start + READ_AT_ONCE], keep=False)
            rows += [self._row(one, at) for one in opened.values() if one.revision]
            await asyncio.sleep(0)
        table = await asyncio.to_thread(_table, rows)
        whole = len(persons) < most
        return People(table, table.num_rows if whole else total, version, at, most == QUICK and not whole)

    def _row(self, opened: OpenProfile, at: float) -> dict[str, Any]:
        stored = opened.stored
        profile = described(CustomerRef(), stored, self._knowledge.lasting(stored, at), at, self._knowledge)
        return {**profile.facts.attributes, "segments": list(profile.facts.segments)}


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    """A row for each profile, a column for each attribute that anybody has; no ids are in it."""
    names = sorted({name for row in rows for name in row})
    columns = {}
    for name in names:
        attribute = CATALOGUE.find(name)
        if attribute is not None:
            kind = attribute.type
            values = [_plain(known(kind, row.get(name))) for row in rows]
            columns[name] = pa.array(values, _ARROW[kind])
    columns["(anybody)"] = pa.array([True] * len(rows), pa.bool_())
    return pa.table(columns)


def _plain(value: Known | None) -> Any:
    return list(value) if isinstance(value, tuple) else value
