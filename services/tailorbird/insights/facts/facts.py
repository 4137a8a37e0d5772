"""The facts that reports read: a DuckDB file beside the Parquet files, made from them and made again when it is gone.

Each Parquet file is taken in once, in one transaction with its name: killed at any moment, the next start goes on where
this one was. What is not in Parquet yet stands in temporary tables of the same shape; `all_...` are both together.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tailorbird.contracts.reports import Traffic
from tailorbird.insights.arriving.decisionstore import SCHEMA
from tailorbird.insights.arriving.outcomestore import OUTCOME_SCHEMA
from tailorbird.insights.facts import cells, factschema
from tailorbird.insights.facts.factfile import opened
from tailorbird.insights.facts.sharing import TOGETHER, CreditRules, share_out

__all__ = ["Facts"]

COMPACTED_AFTER = 60
"""Files of arrivals after which cells that are the same are put together."""
CELL = "day, dimension, key, bucket, simulated, credit"
FILES_TOGETHER, BYTES_TOGETHER, ROWS_TOGETHER = 50, 128_000_000, 250_000

_SIMULATED: Mapping[Traffic, str] = {"all": "null", "real": "0", "simulated": "1"}


class Facts:
    """One connection, used by one thread at a time."""

    def __init__(self, path: Path, rules: CreditRules, memory: str = "512MB", threads: int = 2) -> None:
        self._path = path
        self._rules = rules
        config = {
            "threads": threads,
            "memory_limit": memory,
            "autoinstall_known_extensions": False,
            "temp_directory": str(path.with_suffix(".overflow")),
            "preserve_insertion_order": False,
        }
        self._database = opened(path, config)
        for statement in factschema.made("", temporary=False) + factschema.made("young_", temporary=True):
            self._database.execute(statement)
        for kind, shape, schema in (
            ("decisions", factschema.ARRIVED_DECISIONS, SCHEMA),
            ("outcomes", factschema.ARRIVED_OUTCOMES, OUTCOME_SCHEMA),
        ):
            self._database.register(f"no_{kind}", schema.empty_table())
            self._database.execute(f"create temp table empty_{kind} as {shape.format(source=f'no_{kind}')}")
        for name in factschema.TABLES:
            self._database.execute(factschema.both(name))
        self._files_since = 0

    @property
    def margin_rate(self) -> float:
        """Part of revenue that is margin, where an order does not say its own."""
        return self._rules.margin_rate

    def close(self) -> None:
        self._database.close()

    def latest(self) -> float:
        """When the last thing happened that is known."""
        told = self.rows('select max("at") from all_outcomes union all select max(first_at) from all_persons')
        return max(float(at or 0.0) for (at,) in told)

    @contextlib.contextmanager
    def of(self, traffic: Traffic) -> Iterator[None]:
        """While inside, `all_...` hold what real customers did, what simulated ones did, or both."""
        self._database.execute(f"set variable simulated = {_SIMULATED[traffic]}")
        try:
            yield
        finally:
            self._database.execute("reset variable simulated")

    def rows(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """What the statement finds."""
        found: list[tuple[Any, ...]] = self._database.execute(statement, values).fetchall()
        return found

    def lend(self, name: str, table: pa.Table) -> None:
        """Lets statements read this table under a name."""
        self._database.register(name, table)

    def arrays(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> dict[str, Any]:
        """What the statement finds, as a numpy array for each column."""
        found: dict[str, Any] = self._database.execute(statement, values).fetchnumpy()
        return found

    def take_in(self, decisions: Iterable[Path], outcomes: Iterable[Path], now: float) -> int:
        """Takes in the files that are new; how many."""
        known = {name for (name,) in self.rows("select name from files")}
        count = 0
        for kind, paths in (("decisions", decisions), ("outcomes", outcomes)):
            for part in _together(sorted(path for path in paths if _name(path, kind) not in known)):
                self._take_in(kind, part)
                count += len(part)
        if count:
            self._credit("", now)
            self._files_since += count
            if self._files_since >= COMPACTED_AFTER:
                self._files_since = 0
                self.compact()
        return count

    def stand_young(self, decisions: Sequence[pa.Table], outcomes: Sequence[pa.Table], now: float) -> None:
        """Puts what is not in Parquet yet in place of what was so before."""
        for name in factschema.TABLES:
            self._database.execute(f"delete from young_{name}")
        self._arrive("decisions", pa.concat_tables(decisions) if decisions else None)
        self._arrive("outcomes", pa.concat_tables(outcomes) if outcomes else None)
        self._fill("young_")
        self._credit("young_", now)

    def _take_in(self, kind: str, paths: Sequence[Path]) -> None:
        with self._transaction():
            self._arrive(kind, [str(path) for path in paths])
            self._arrive("outcomes" if kind == "decisions" else "decisions", None)
            self._fill("")
            self._database.executemany("insert into files values (?)", [(_name(path, kind),) for path in paths])

    def _arrive(self, kind: str, source: pa.Table | list[str] | None) -> None:
        shape = factschema.ARRIVED_DECISIONS if kind == "decisions" else factschema.ARRIVED_OUTCOMES
        if source is None:
            self._database.execute(f"drop table if exists arrived_{kind}")
            self._database.execute(f"create temp table arrived_{kind} as select * from empty_{kind} limit 0")
            return
        values: dict[str, Any] = {}
        if isinstance(source, list):
            # Files of an earlier version lack columns of this one.
            written = "select * from read_parquet($files, union_by_name = true)"
            origin, values = f"({written} union all by name select * from no_{kind})", {"files": source}
        else:
            self._database.register("arriving", source)
            origin = "arriving"
        statement = shape.format(source=origin)
        if kind == "outcomes":
            # The bus hands over again what it was not told to be there; a client sends again after days.
            statement = (
                f"select fresh.* from ({statement}) as fresh anti join main.outcomes as known on known.id = fresh.id "
                "anti join (select order_key from main.outcomes where kind = 'order') as ordered "
                "on fresh.kind = 'order' and ordered.order_key = fresh.order_key "
                "qualify row_number() over (partition by if(fresh.kind = 'order', fresh.order_key, fresh.outcome_id) "
                "order by fresh.\"at\") = 1"
            )
        self._database.execute(f"create or replace temp table arrived_{kind} as {statement}", values)

    def _fill(self, prefix: str) -> None:
        for statement in (
            *factschema.fill(prefix),
            *cells.of_decisions("arrived_decisions", f"{prefix}cells"),
            *cells.of_outcomes("arrived_outcomes", f"{prefix}cells", self._rules.margin_rate),
        ):
            self._database.execute(statement)

    def _credit(self, prefix: str, now: float) -> None:
        count = TOGETHER
        while count == TOGETHER:
            # What rests is written whole or not at all; what is young is gone with the process.
            with contextlib.nullcontext() if prefix else self._transaction():
                count = share_out(self._database, prefix, self._rules, now)

    def compact(self) -> None:
        sums = ", ".join(f"sum({name}) as {name}" for name in cells.MEASURES)
        with self._transaction():
            self._database.execute(
                f"create or replace temp table together as select {CELL}, {sums} from cells group by {CELL}"
            )
            self._database.execute("delete from cells")
            self._database.execute("insert into cells select * from together order by dimension, day, key")
        self._database.execute("drop table together")
        self._database.execute("checkpoint")

    @contextlib.contextmanager
    def _transaction(self) -> Any:
        self._database.execute("begin")
        try:
            yield
        except BaseException:
            self._database.execute("rollback")
            raise
        self._database.execute("commit")


def _together(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """The files in parts that memory holds with ease: what is written tightly holds many rows in few bytes."""
    part: list[Path] = []
    size = rows = 0
    for path in paths:
        its_size, its_rows = path.stat().st_size, pq.read_metadata(path).num_rows
        size, rows = size + its_size, rows + its_rows
        if part and (len(part) == FILES_TOGETHER or size > BYTES_TOGETHER or rows > ROWS_TOGETHER):
            yield part
            part, size, rows = [], its_size, its_rows
        part.append(path)
    if part:
        yield part


def _name(path: Path, kind: str) -> str:
    return f"{kind}/{path.parent.name}/{path.name}"
