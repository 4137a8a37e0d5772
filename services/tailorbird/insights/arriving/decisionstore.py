"""Decisions at rest, found by their id from the first moment."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from tailorbird.contracts.insights import DecisionTotal
from tailorbird.insights.arriving.arrivals import ArrivalStore
from tailorbird.insights.arriving.columnar import table_of
from tailorbird.insights.arriving.decisions import Head, Kept, add_up, born, columns, day_of, read_lines
from tailorbird.insights.arriving.visits import Visits

__all__ = ["DUCKDB", "SCHEMA", "DecisionStore"]

_FILES_OF_A_VISIT = 20
"""Written every two minutes at least: longer than a pause within a visit."""
_TEXTS = pa.list_(pa.string())
SCHEMA = pa.schema(
    [
        ("decision_id", pa.string()),
        ("at", pa.float64()),
        ("subject", pa.string()),
        ("channel", pa.string()),
        ("person", pa.string()),
        ("persona", pa.string()),
        ("layout", pa.string()),
        ("variant", pa.string()),
        ("took_ms", pa.float64()),
        ("fallbacks", pa.int32()),
        ("model", pa.string()),
        ("segments", _TEXTS),
        ("slots", _TEXTS),
        ("strategies", _TEXTS),
        ("offers", _TEXTS),
        ("exposures", _TEXTS),
        ("crossovers", _TEXTS),
        ("choice_slots", _TEXTS),
        ("choices", _TEXTS),
        ("propensities", pa.list_(pa.float64())),
        ("held_out", pa.int8()),
        ("visit", pa.int8()),
        ("simulated", pa.int8()),
        ("body", pa.binary()),
    ]
)
DUCKDB: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": False,
}


class _Decisions:
    """How a decision is kept."""

    id_column = "decision_id"

    def __init__(self) -> None:
        self.visits = Visits()

    def read(self, lines: Iterable[bytes]) -> Iterable[Kept]:
        for one in read_lines(lines):
            head = one.head
            yield Kept(head, one.body, self.visits.begins(head.person, head.subject, head.at))

    def id_of(self, one: Kept) -> str:
        return one.head.decision_id

    def line_of(self, one: Kept) -> bytes:
        return one.body

    def waits(self, one: Kept) -> bool:
        del one
        return False

    def tables(self, kept: Sequence[Kept]) -> dict[str, pa.Table]:
        return {day: table_of(of_day, SCHEMA) for day, of_day in columns(kept).items()}


class DecisionStore(ArrivalStore[Kept]):
    """Decisions by id and counted."""

    def __init__(self, folder: Path) -> None:
        self._decisions = _Decisions()
        super().__init__(folder / "decisions", folder / "journal", self._decisions)

    def recover(self) -> int:
        """As every store; and who was here a moment ago is still on the same visit."""
        newest = sorted(self.files(), key=lambda path: path.stem)[-_FILES_OF_A_VISIT:]
        if newest:
            with duckdb.connect(config=DUCKDB) as connection:
                seen = connection.execute(
                    "select person, max(\"at\") from read_parquet($files) where person != '' "
                    "and not starts_with(subject, 'email/') group by person order by 2",
                    {"files": [str(path) for path in newest]},
                ).fetchall()
            self._decisions.visits.remember((str(person), float(at)) for person, at in seen)
        return super().recover()

    async def find(self, decision_id: str) -> bytes | None:
        """The decision's JSON, None when there is none."""
        young = self.find_young(decision_id)
        if young is not None:
            return young.body
        return await asyncio.to_thread(self._find_written, decision_id)

    async def totals(self, first_day: str) -> list[DecisionTotal]:
        """Decisions per day and subject from that day on, those that came a moment ago included."""
        heads: list[Head] = [one.head for one in self._unwritten()]
        both = self._segments_in_memory()
        rows = await asyncio.to_thread(self._count_written, first_day, both)
        return add_up(rows, heads, first_day)

    def _find_written(self, decision_id: str) -> bytes | None:
        found = self.find_many([decision_id])
        return found.get(decision_id)

    def find_many(self, decision_ids: Iterable[str]) -> dict[str, bytes]:
        """The JSON of those of these decisions that are in Parquet. Runs in a thread."""
        wanted = list(dict.fromkeys(decision_ids))
        files = [str(path) for day in _days_of(wanted) for path in sorted(self._folder.glob(f"day={day}/*.parquet"))]
        if not files:
            return {}
        with duckdb.connect(config=DUCKDB) as connection:
            rows = connection.execute(
                "select decision_id, body from read_parquet($files) where decision_id in (select unnest($wanted))"
                if len(wanted) > 1
                else "select decision_id, body from read_parquet($files) where decision_id = $wanted[1] limit 1",
                {"files": files, "wanted": wanted},
            ).fetchall()
        return {str(name): bytes(body) for name, body in rows}

    def _count_written(self, first_day: str, but: set[str]) -> list[tuple[str, str, int, int]]:
        counted: list[tuple[str, str, int, int]] = []
        with duckdb.connect(config=DUCKDB) as connection:
            for folder in sorted(self._folder.glob("day=*")):
                day = folder.name.removeprefix("day=")
                files = [str(path) for path in folder.glob("*.parquet") if path.stem not in but]
                if day < first_day or not files:
                    continue
                rows = connection.execute(
                    "select subject, count(*), count_if(fallbacks > 0) from read_parquet($files) group by subject",
                    {"files": files},
                ).fetchall()
                counted += [(day, str(subject), int(count), int(fallen)) for subject, count, fallen in rows]
        return counted


def _days_of(decision_ids: Iterable[str]) -> list[str]:
    """The days on which these were made, `*` for all: the clock that made the id and the one that dated the decision
    may stand on both sides of midnight.
    """
    moments = [born(one) for one in decision_ids]
    if any(at is None for at in moments):
        return ["*"]
    return sorted({day_of(at + shift) for at in moments if at is not None for shift in (-3_600, 0, 3_600)})
