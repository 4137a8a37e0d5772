"""Everybody's attributes as a table to be counted in: a sample where they are many, made anew beside whoever asks.

Whoever writes a rule counts it after every change and must not wait: the first answer comes from a few dozen
profiles, those after it from as many as were looked at by then, one after the other so that nobody else waits either;
a table that is out of date serves until its successor is there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pyarrow as pa
import structlog
from msgspec import Struct
from pyarrow import json

from tailorbird.contracts.wire import Fault
from tailorbird.profiles.answering.describing import Knowledge, rated
from tailorbird.profiles.keeping.keyring import Keyring
from tailorbird.profiles.keeping.store import OpenProfile, ProfileStore
from tailorbird.rules.attributes import CATALOGUE, known

__all__ = ["LOOKED_AT", "People", "PeopleTable", "table_of"]

LOOKED_AT = 20_000
"""Profiles that are looked at at most; of more customers this is a sample."""
AT_ONCE = 100
"""Of so many customers or fewer the table is made while the asker waits, after a change of rules too."""
FIRST = 30
"""Profiles of the first answer where they are more: it takes 1 to 2 ms to say what is known of one."""
TOGETHER = 10
"""Profiles read side by side."""
ROWS_AT_ONCE = 250
"""Rows made into columns at a time."""
FRESH_FOR = 30.0
"""Seconds for which the table is up to date."""
SOON = 1_000
"""Profiles of the answers after the first, until all are looked at."""
BREATH = 0.002
"""Seconds after each profile: pages and counts that come meanwhile wait for one at most."""
REST = 10.0
"""A table serves for so many times as long as it took to make, so that whoever writes rules all day costs little."""
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
    version: tuple[str, int]
    at: float
    took: float
    begun: bool = False
    """More are being looked at."""


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
            if held is None or held.of <= AT_ONCE:
                total = await self._keyring.count()
                held = self._people = await self._made(total if total <= AT_ONCE else FIRST, total, breath=0.0)
                if not held.begun:
                    return held
            if self._making is None or self._making.done():
                self._making = asyncio.create_task(self._make_anew(held.begun), name="people-table")
            return held

    def _is_fresh(self, people: People) -> bool:
        of_these_rules = people.version[0] == self._knowledge.version[0]
        if people.begun or not of_these_rules:
            return False
        age = self._clock() - people.at
        if people.of > AT_ONCE:
            return age < max(FRESH_FOR, REST * people.took)
        return age < FRESH_FOR and people.version == self._knowledge.version

    async def _make_anew(self, soon: bool) -> None:
        try:
            total = await self._keyring.count()
            for most in (SOON, LOOKED_AT) if soon and total > SOON else (LOOKED_AT,):
                self._people = await self._made(most, total, breath=BREATH)
        except Fault as fault:
            log.warning("people_not_counted", reason=fault.sentence)

    async def _made(self, most: int, total: int, *, breath: float) -> People:
        version, at = self._knowledge.version, self._clock()
        persons = await self._keyring.some(most)
        tables: list[pa.Table] = []
        rows: list[dict[str, Any]] = []
        for start in range(0, len(persons), TOGETHER):
            opened = await self._store.load(persons[start : start + TOGETHER], keep=False)
            for one in opened.values():
                if one.revision:
                    rows.append(self._row(one, at))
                    await asyncio.sleep(breath)
            if len(rows) >= ROWS_AT_ONCE:
                tables.append(await asyncio.to_thread(table_of, rows))
                rows = []
        tables.append(await asyncio.to_thread(table_of, rows))
        table = await asyncio.to_thread(pa.concat_tables, tables, promote_options="default")
        whole = len(persons) < most or most >= total
        begun = not whole and most < LOOKED_AT
        return People(table, table.num_rows if whole else total, version, at, self._clock() - at, begun)

    def _row(self, opened: OpenProfile, at: float) -> dict[str, Any]:
        found = rated(opened.stored, at, self._knowledge)
        return {**found.values, "segments": list(found.segments)}


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    """A row for each profile, a column for each attribute that anybody has; no ids are in it."""
    names = sorted({name for row in rows for name in row})
    kinds = {name: attribute.type for name in names if (attribute := CATALOGUE.find(name)) is not None}
    schema = pa.schema([*((name, _ARROW[kind]) for name, kind in kinds.items()), ("(anybody)", pa.bool_())])
    if not rows:
        return schema.empty_table()
    said = [{name: known(kind, row.get(name)) for name, kind in kinds.items()} | {"(anybody)": True} for row in rows]
    # By way of JSON: `pa.array` of a list imports pandas, for which whoever counts first waited most of a second.
    lines = b"\n".join(map(msgspec.json.encode, said))
    return json.read_json(
        pa.BufferReader(lines),
        json.ReadOptions(use_threads=False, block_size=len(lines) + 1),
        json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
    )
