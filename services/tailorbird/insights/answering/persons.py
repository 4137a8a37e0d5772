"""The last decisions that were made for one person, for who asks why they see what they see."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import duckdb
from msgspec.structs import replace

from tailorbird.contracts.insights import DecisionPage, PersonDecisionsQuery
from tailorbird.insights.arriving.decisions import decode
from tailorbird.insights.arriving.decisionstore import DecisionStore

__all__ = ["PersonDecisions"]

FILES_AT_ONCE = 200
"""The newest are looked through first; most persons who ask were here lately."""


class PersonDecisions:
    """Answers DECISIONS_OF, newest first."""

    def __init__(self, store: DecisionStore) -> None:
        self._store = store

    async def answer(self, query: PersonDecisionsQuery) -> DecisionPage:
        """At most so many decisions, without their sealed inputs."""
        await self._store.flush()
        bodies = await asyncio.to_thread(_newest, self._store.files(), query.person, query.count)
        return DecisionPage(decisions=tuple(replace(decode(body), inputs=b"") for body in bodies))


def _newest(files: Sequence[Path], person: str, count: int) -> list[bytes]:
    ordered = [str(path) for path in sorted(files, key=lambda path: (path.parent.name, path.stem), reverse=True)]
    found: list[bytes] = []
    with duckdb.connect(config={"threads": 1, "memory_limit": "512MB"}) as database:
        for start in range(0, len(ordered), FILES_AT_ONCE):
            rows = database.execute(
                "SELECT body FROM read_parquet($files) WHERE person = $person ORDER BY \"at\" DESC LIMIT $count",
                {"files": ordered[start : start + FILES_AT_ONCE], "person": person, "count": count - len(found)},
            ).fetchall()
            found += [bytes(row[0]) for row in rows]
            if len(found) >= count:
                break
    return found
