"""Answers COUNT: the rule as SQL over a table of everybody's attributes, before it is saved as a segment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from tailorbird.bus import Answerer
from tailorbird.contracts.profiles import COUNT, VALUES
from tailorbird.contracts.segments import CountQuery, SegmentCount, Values, ValuesQuery
from tailorbird.contracts.wire import Fault
from tailorbird.host.documents import Documents
from tailorbird.profiles.segments.membership import Segment, check
from tailorbird.profiles.segments.people import People, PeopleTable
from tailorbird.rules.attributes import CATALOGUE
from tailorbird.rules.document import Rule
from tailorbird.rules.english import english
from tailorbird.rules.normal import normal
from tailorbird.rules.sql import column_named, where

__all__ = ["counting"]

AT_LEAST = 5
"""Customers who must have a value before it is told to complete a rule: nobody is to be found by it."""
MOST_VALUES = 60
_NEW = "(this rule)"


async def counting(people: PeopleTable, documents: Callable[[], Documents], answerer: Answerer) -> None:
    """Answers COUNT and VALUES from now on."""
    counts = SegmentCounts(people, documents)
    await answerer.answer(COUNT, counts.answer)
    await answerer.answer(VALUES, counts.values)


class SegmentCounts:
    """Counts in the table of everybody's attributes."""

    def __init__(self, people: PeopleTable, documents: Callable[[], Documents]) -> None:
        self._people = people
        self._documents = documents
        self._opened: tuple[People, Any] | None = None
        self._opening = asyncio.Lock()

    async def answer(self, query: CountQuery) -> SegmentCount:
        """The count. Raises Fault(422) with every mistake in the rule."""
        rule = self._read(query)
        node = normal(rule)
        people = await self._people.people()
        there = set(people.table.column_names)
        clause = where(node, lambda field: column_named(field) if field in there else "NULL")
        database = await self._database(people)
        count = await asyncio.to_thread(_count, database, clause.sql, list(clause.parameters))
        looked_at = people.table.num_rows
        return SegmentCount(
            customers=round(count * people.of / looked_at) if looked_at else 0,
            of=people.of,
            looked_at=looked_at,
            sentence=english(node, CATALOGUE),
            growing=people.begun,
        )

    async def values(self, query: ValuesQuery) -> Values:
        """The values that most customers have, those of few left out: nobody is to be found by one."""
        people = await self._people.people()
        table = people.table
        attribute = CATALOGUE.find(query.attribute)
        if attribute is None or attribute.type not in ("text", "list") or attribute.name not in table.column_names:
            return Values()
        database = await self._database(people)
        return Values(values=await asyncio.to_thread(_values, database, attribute.name, attribute.type == "list"))

    async def _database(self, people: People) -> Any:
        """DuckDB with the table in it: filled once for a table, not with every count."""
        async with self._opening:
            if self._opened is None or self._opened[0] is not people:
                self._opened = (people, await asyncio.to_thread(_opened, people.table))
            return self._opened[1]

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


def _opened(people: pa.Table) -> Any:
    database = duckdb.connect(config={"threads": 1})
    database.register("shown", people)
    database.execute("CREATE TABLE people AS SELECT * FROM shown")
    database.unregister("shown")
    return database


def _values(database: Any, attribute: str, many: bool) -> tuple[str, ...]:
    column = f"unnest({column_named(attribute)})" if many else column_named(attribute)
    sql = (
        f"SELECT value FROM (SELECT {column} AS value FROM people) WHERE value IS NOT NULL "
        f"GROUP BY value HAVING count(*) >= {AT_LEAST} ORDER BY count(*) DESC, value LIMIT {MOST_VALUES}"
    )
    return tuple(str(row[0]) for row in database.cursor().execute(sql).fetchall())


def _count(database: Any, sql: str, parameters: list[Any]) -> int:
    # A cursor of its own for each: counts may run side by side.
    found = database.cursor().execute(f"SELECT count(*) FROM people WHERE {sql}", parameters).fetchall()
    return int(found[0][0])
