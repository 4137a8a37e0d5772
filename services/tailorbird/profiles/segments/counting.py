"""Answers COUNT: the rule as SQL over a table of everybody's attributes, before it is saved as a segment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from tailorbird.contracts.segments import CountQuery, SegmentCount
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.host.documents import Documents
from tailorbird.profiles.answering.describing import Knowledge, described
from tailorbird.profiles.keeping.keyring import Keyring
from tailorbird.profiles.keeping.store import OpenProfile, ProfileStore
from tailorbird.profiles.segments.membership import Segment, check
from tailorbird.rules.attributes import CATALOGUE, Known, known
from tailorbird.rules.document import Rule
from tailorbird.rules.english import english
from tailorbird.rules.normal import normal
from tailorbird.rules.sql import column_named, where

__all__ = ["SegmentCounts"]

LOOKED_AT = 20_000
"""Profiles that are counted at most; of more customers this is a sample."""
READ_AT_ONCE = 50
FRESH_FOR = 30.0
"""Seconds for which the table is used again."""
_NEW = "(this rule)"
_ARROW = {
    "text": pa.string(),
    "number": pa.float64(),
    "yes_no": pa.bool_(),
    "list": pa.list_(pa.string()),
    "time": pa.float64(),
}


class SegmentCounts:
    """Keeps the table for a while, as whoever writes a rule counts it after every change."""

    def __init__(
        self, keyring: Keyring, store: ProfileStore, knowledge: Knowledge, documents: Callable[[], Documents]
    ) -> None:
        self._keyring = keyring
        self._store = store
        self._knowledge = knowledge
        self._documents = documents
        self._table: pa.Table | None = None
        self._made: tuple[object, float] = (None, 0.0)
        self._one_at_a_time = asyncio.Lock()

    async def answer(self, query: CountQuery) -> SegmentCount:
        """The count. Raises Fault(422) with every mistake in the rule."""
        rule = self._read(query)
        node = normal(rule)
        async with self._one_at_a_time:
            table = await self._people()
        there = set(table.column_names)
        clause = where(node, lambda field: column_named(field) if field in there else "NULL")
        count = await asyncio.to_thread(_count, table, clause.sql, list(clause.parameters))
        total = max(await self._keyring.count(), table.num_rows)
        scale = total / table.num_rows if table.num_rows >= LOOKED_AT else 1.0
        return SegmentCount(
            customers=round(count * scale),
            of=total if scale > 1.0 else table.num_rows,
            looked_at=table.num_rows,
            sentence=english(node, CATALOGUE),
        )

    def _read(self, query: CountQuery) -> Rule | None:
        try:
            rule = msgspec.json.decode(bytes(query.rule), type=Rule | None)
        except msgspec.MsgspecError as error:
            raise Fault(422, f"This is no rule: {error}.") from error
        kept: Mapping[str, Any] = self._documents().get("segment", {})
        problems = check({"segment": {**kept, _NEW: Segment(rule=rule)}})
        mine = tuple(problem for problem in problems if problem.path.startswith(f"segment/{_NEW}"))
        if mine:
            raise Fault(422, mine[0].sentence, mine)
        return rule

    async def _people(self) -> pa.Table:
        """A row for each profile, a column for each attribute that anybody has; no ids are in it."""
        version, at = self._knowledge.version, time.time()
        if self._table is not None and self._made[0] == version and at - self._made[1] < FRESH_FOR:
            return self._table
        rows: list[dict[str, Any]] = []
        persons = await self._keyring.some(LOOKED_AT)
        for start in range(0, len(persons), READ_AT_ONCE):
            opened = await self._store.load(persons[start : start + READ_AT_ONCE], keep=False)
            rows += [self._row(one, at) for one in opened.values() if one.revision]
            await asyncio.sleep(0)
        self._table = await asyncio.to_thread(_table, rows)
        self._made = (version, at)
        return self._table

    def _row(self, opened: OpenProfile, at: float) -> dict[str, Any]:
        stored = opened.stored
        profile = described(CustomerRef(), stored, self._knowledge.lasting(stored, at), at, self._knowledge)
        return {**profile.facts.attributes, "segments": list(profile.facts.segments)}


def _table(rows: list[dict[str, Any]]) -> pa.Table:
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


def _count(people: pa.Table, sql: str, parameters: list[Any]) -> int:
    database = duckdb.connect()
    try:
        database.register("people", people)
        found = database.execute(f"SELECT count(*) FROM people WHERE {sql}", parameters).fetchall()
        return int(found[0][0])
    finally:
        database.close()
