"""What each segment buys of late, for training: customers per item, nobody's name among them.

What trends in a segment is learned by the recommender, who belongs to it is known here alone. So here it is counted, an
item only where several of the segment bought it, and only sums leave.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import duckdb
import pyarrow as pa

from tailorbird.bus import Objects
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.answering.describing import Knowledge, rated
from tailorbird.profiles.importing.importer import INTERACTIONS_OBJECT
from tailorbird.profiles.keeping.keyring import Keyring
from tailorbird.profiles.keeping.store import ProfileStore
from tailorbird.profiles.person.consent import allows_personalization

__all__ = ["SEGMENTS_OBJECT", "SegmentBuying"]

SEGMENTS_OBJECT = "interactions/segments.parquet"
LOOKED_AT = 5_000
"""Customers, by chance where there are more."""
READ_AT_ONCE = 50
HALF_LIFE_DAYS = 30
DAYS = 120
AT_LEAST = 5
"""Customers of a segment who bought an item; fewer would tell of persons."""

_MEMBERS = pa.schema([("person", pa.string()), ("segment", pa.string())])


class SegmentBuying:
    """Writes the snapshot that training reads beside the interactions."""

    def __init__(
        self,
        keyring: Keyring,
        store: ProfileStore,
        knowledge: Knowledge,
        snapshots: Objects,
        alone: Callable[[], AbstractAsyncContextManager[Path]],
    ) -> None:
        """`alone`: a folder to work in while nobody else changes a snapshot."""
        self._keyring = keyring
        self._store = store
        self._knowledge = knowledge
        self._snapshots = snapshots
        self._alone = alone

    async def write(self) -> int:
        """How many pairs of a segment and an item there are."""
        members = await self._members()
        async with self._alone() as folder:
            known, counted = folder / "known.parquet", folder / "segments.parquet"
            try:
                await self._snapshots.fetch(INTERACTIONS_OBJECT, known)
            except Fault as fault:
                if fault.code != 404:
                    raise
                return 0
            rows = await asyncio.to_thread(write_counted, members, known, counted)
            await self._snapshots.put(SEGMENTS_OBJECT, counted, {"rows": str(rows)})
        return rows

    async def _members(self) -> pa.Table:
        """Pseudonym and segment of those who allow that it is used."""
        persons = await self._keyring.some(LOOKED_AT)
        at, rows = time.time(), []
        for start in range(0, len(persons), READ_AT_ONCE):
            opened = await self._store.load(persons[start : start + READ_AT_ONCE], keep=False)
            for pseudonym, one in opened.items():
                if one.revision and allows_personalization(one.stored.consent):
                    found = rated(one.stored, at, self._knowledge)
                    rows += [{"person": pseudonym, "segment": segment} for segment in found.segments]
            await asyncio.sleep(0)
        return pa.Table.from_pylist(rows, schema=_MEMBERS)


def write_counted(members: pa.Table, known: Path, into: Path) -> int:
    """Writes group, item_id and customers, each fading since their latest purchase; how many rows these are."""
    source, target = (str(path).replace("'", "''") for path in (known, into))
    with duckdb.connect(config={"threads": 1}) as database:
        database.register("members", members)
        database.execute(f"""
            CREATE TABLE counted AS
            WITH lately AS (
                SELECT person, item_id, max("at") AS latest, (SELECT max("at") FROM read_parquet('{source}')) AS until
                FROM read_parquet('{source}')
                WHERE kind = 'purchase' AND quantity > 0
                GROUP BY person, item_id
                HAVING latest > until - {DAYS * 86_400}
            )
            SELECT 'segment ' || segment AS "group", item_id,
                sum(pow(2.0, (latest - until) / {HALF_LIFE_DAYS * 86_400.0})) AS customers
            FROM lately JOIN members USING (person)
            GROUP BY segment, item_id
            HAVING count(*) >= {AT_LEAST}
            ORDER BY segment, item_id
        """)
        database.execute(f"COPY counted TO '{target}' (FORMAT parquet)")
        return int(database.execute("SELECT count(*) FROM counted").fetchall()[0][0])
