"""`tailorbird export FOLDER`: events, decisions with their propensities, and profiles as Parquet."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from tailorbird.bus import AskingBus
from tailorbird.contracts.insights import DECISION_PAGE, Decision, DecisionPageQuery
from tailorbird.contracts.profiles import COLLECTED, PROFILE_PAGE, Event, Profile, ProfilePageQuery

__all__ = ["EXPORTED", "export"]

Row = dict[str, Any]
Rows = Callable[[Any], Iterable[Row]]


async def export(folder: Path, bus: AskingBus, console: Console) -> dict[str, int]:
    """Table -> rows written: `events`, `decisions`, `choices` (what stood in a decision's slots) and `profiles`.

    Events are those that the stream still holds (a week of them). The files hold personal data in the clear: they are
    readable by their owner only. Files of an earlier export are replaced when the new ones are complete.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    with _Files(folder) as files:
        async for batches in bus.listener.stored(COLLECTED):
            files.add("events", [event for stored in batches for event in stored.message.events])
        after, more = "", True
        while more:
            decided = await bus.asker.ask(DECISION_PAGE, DecisionPageQuery(after=after))
            files.add("decisions", decided.decisions)
            files.add("choices", decided.decisions)
            after, more = decided.after, bool(decided.after)
        after, more = "", True
        while more:
            page = await bus.asker.ask(PROFILE_PAGE, ProfilePageQuery(after=after))
            files.add("profiles", page.profiles)
            after, more = page.after, bool(page.after)
        files.finish()
    for table, count in files.counts.items():
        console.print(f"{count:>10,}  {folder / table}.parquet", markup=False, soft_wrap=True)
    return files.counts


class _Files:
    """A Parquet file for each table, written in batches; they get their names when all of them are complete."""

    def __init__(self, folder: Path) -> None:
        self.counts = dict.fromkeys(EXPORTED, 0)
        self._paths = {table: folder / f"{table}.parquet.writing" for table in EXPORTED}
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> Self:
        for table, path in self._paths.items():
            os.close(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
            self._writers[table] = pq.ParquetWriter(path, EXPORTED[table][0], compression="zstd")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for writer in self._writers.values():
            writer.close()
        for path in self._paths.values():
            path.unlink(missing_ok=True)

    def add(self, table: str, messages: Sequence[Any]) -> None:
        schema, rows_of = EXPORTED[table]
        rows = [row for message in messages for row in rows_of(message)]
        if rows:
            self._writers[table].write_table(pa.Table.from_pylist(rows, schema=schema))
            self.counts[table] += len(rows)

    def finish(self) -> None:
        for table, path in self._paths.items():
            self._writers[table].close()
            path.replace(path.with_suffix(""))


def _event(event: Event) -> Iterable[Row]:
    row = msgspec.structs.asdict(event)
    yield {**row, **{name: _json(row[name]) for name in ("properties", "traits", "context")}}


def _decision(decision: Decision) -> Iterable[Row]:
    row = msgspec.structs.asdict(decision)
    yield {**row, "segments": list(decision.segments), "fallbacks": [one.slot for one in decision.fallbacks]} | {
        name: decision.versions.get(name) for name in ("model", "rules", "layouts")
    }


def _choices(decision: Decision) -> Iterable[Row]:
    for choice in decision.choices:
        row = msgspec.structs.asdict(choice)
        yield {"decision_id": decision.decision_id, "at": decision.at, **row, "reasons": list(choice.reasons)}


def _profile(profile: Profile) -> Iterable[Row]:
    facts = profile.facts
    yield {
        "person": profile.person,
        "customer_id": profile.customer.customer_id,
        "first_name": profile.first_name,
        "persona": facts.persona,
        "segments": list(facts.segments),
        "attributes": _json(facts.attributes),
        "history": [
            {"item_id": one.item_id, "times": one.times, "last_at": one.last_at} for one in profile.purchases()
        ],
        "recent": [{"kind": one.kind, "item_id": one.item_id, "at": one.at} for one in facts.recent],
        "cart": [{"item_id": line.item_id, "quantity": line.quantity} for line in profile.cart],
    }


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _schema(**types: pa.DataType) -> pa.Schema:
    return pa.schema(list(types.items()))


_TEXT, _TEXTS, _NUMBER, _COUNT = pa.string(), pa.list_(pa.string()), pa.float64(), pa.int64()

EXPORTED: dict[str, tuple[pa.Schema, Rows]] = {
    "events": (
        _schema(
            message_id=_TEXT, type=_TEXT, at=_NUMBER, received_at=_NUMBER, absurd_time=_TEXT, customer_id=_TEXT,
            anonymous_id=_TEXT, previous_id=_TEXT, event=_TEXT, properties=_TEXT, traits=_TEXT, context=_TEXT,
            trusted=pa.bool_(),
        ),
        _event,
    ),
    "decisions": (
        _schema(
            decision_id=_TEXT, at=_NUMBER, subject=_TEXT, channel=_TEXT, person=_TEXT, persona=_TEXT, segments=_TEXTS,
            layout=_TEXT, variant=_TEXT, fallbacks=_TEXTS, model=_TEXT, rules=_TEXT, layouts=_TEXT, took_ms=_NUMBER,
        ),
        _decision,
    ),
    "choices": (
        _schema(
            decision_id=_TEXT, at=_NUMBER, slot=_TEXT, position=_COUNT, kind=_TEXT, id=_TEXT, score=_NUMBER,
            propensity=_NUMBER, strategy=_TEXT, reasons=_TEXTS,
        ),
        _choices,
    ),
    "profiles": (
        _schema(
            person=_TEXT, customer_id=_TEXT, first_name=_TEXT, persona=_TEXT, segments=_TEXTS, attributes=_TEXT,
            history=pa.list_(pa.struct([("item_id", _TEXT), ("times", _COUNT), ("last_at", _COUNT)])),
            recent=pa.list_(pa.struct([("kind", _TEXT), ("item_id", _TEXT), ("at", _COUNT)])),
            cart=pa.list_(pa.struct([("item_id", _TEXT), ("quantity", _COUNT)])),
        ),
        _profile,
    ),
}  # fmt: skip
"""Table -> its columns, and the rows of one message. JSON stands where every message holds other fields."""
