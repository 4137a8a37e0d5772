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

from tailorbird.contracts.reports import Traffic
from tailorbird.insights import cells, crediting, factschema
from tailorbird.insights.columnar import table_of
from tailorbird.insights.crediting import Order, Touch
from tailorbird.insights.factfile import opened
from tailorbird.insights.outcomestore import OUTCOME_SCHEMA
from tailorbird.insights.store import SCHEMA

__all__ = ["Facts", "FactsSettings"]

COMPACTED_AFTER = 60
"""Files of arrivals after which cells that are the same are put together."""
CELL = "day, dimension, key, bucket, simulated, credit"
CREDITED_TOGETHER = 5_000
FILES_TOGETHER, BYTES_TOGETHER = 50, 128_000_000
UNLINKED = 900.0
"""Seconds for which an order waits to be told whose it was."""
LONGEST_WINDOW = 60 * 86_400.0

_SIMULATED: Mapping[Traffic, str] = {"all": "null", "real": "0", "simulated": "1"}
_CREDITS = pa.schema([("outcome", pa.int32()), ("touch", pa.int32()), ("last", pa.float64()), ("linear", pa.float64())])


class FactsSettings:
    """What an order is credited by."""

    def __init__(self, windows: Mapping[str, float], usual_window: float, margin_rate: float) -> None:
        self.window = crediting.window_of(windows, usual_window)
        self.margin_rate = margin_rate


class Facts:
    """One connection, used by one thread at a time."""

    def __init__(self, path: Path, settings: FactsSettings, memory: str = "512MB", threads: int = 2) -> None:
        self._path = path
        self._settings = settings
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
        return self._settings.margin_rate

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
            *cells.of_outcomes("arrived_outcomes", f"{prefix}cells", self._settings.margin_rate),
        ):
            self._database.execute(statement)

    def _credit(self, prefix: str, now: float) -> None:
        """Credits the orders whose person is known, and those that nobody will be told of any more."""
        while self._credit_some(prefix, now) == CREDITED_TOGETHER:
            pass

    def _credit_some(self, prefix: str, now: float) -> int:
        database = self._database
        everything = "all_outcomes" if prefix else "outcomes"
        links, credited = ("all_links", "all_credited") if prefix else ("links", "credited")
        database.execute(
            f"update {prefix}outcomes as told set person = linked.person from {links} as linked "
            "where told.person = 0 and told.kind in ('order', 'refund', 'redemption') and linked.order_id = told.id"
        )
        database.execute(
            f"""
            create or replace temp table to_credit as
            select row_number() over () - 1 as number, * from {prefix}outcomes as told
            where kind in ('order', 'refund', 'redemption') and machine = 0
                and (person != 0 or decision_id != '' or "at" < $late)
                and told.id not in (select id from {credited})
            order by "at" limit {CREDITED_TOGETHER}
            """,
            {"late": now - UNLINKED},
        )
        orders = self.rows('select "at", bought, person, decision_id, offer_id from to_credit order by number')
        if not orders:
            return 0
        database.execute(
            f"""
            create or replace temp table touched as
            select row_number() over () - 1 as number, * from {everything} as touch
            where kind in ('click', 'impression') and machine = 0 and decision_id != ''
                and "at" between (select min("at") from to_credit) - {LONGEST_WINDOW}
                    and (select max("at") from to_credit)
                and (person in (select person from to_credit where person != 0)
                    or decision_id in (select decision_id from to_credit where decision_id != ''))
            """
        )
        touches = self.rows(
            'select "at", decision_id, kind, subject, offer_id, item_id, person from touched order by number'
        )
        self._write_credits(prefix, orders, touches)
        return len(orders)

    def _write_credits(
        self, prefix: str, orders: Sequence[tuple[Any, ...]], touches: Sequence[tuple[Any, ...]]
    ) -> None:
        by_person: dict[Any, list[Touch]] = {}
        by_decision: dict[Any, list[Touch]] = {}
        for number, (at, decision_id, kind, subject, offer_id, item_id, person) in enumerate(touches):
            touch = Touch(at, decision_id, kind == "click", subject, offer_id, item_id, number)
            by_decision.setdefault(decision_id, []).append(touch)
            if person:
                by_person.setdefault(person, []).append(touch)
        found: dict[str, list[Any]] = {"outcome": [], "touch": [], "last": [], "linear": []}
        crossed: list[int] = []
        for number, (at, bought, person, decision_id, offer_id) in enumerate(orders):
            order = Order(at, tuple(bought or ()), offer_id)
            theirs = by_person.get(person, []) if person else by_decision.get(decision_id, [])
            crossed.append(int(crediting.holds_recommended(order, theirs, self._settings.window)))
            for credit in crediting.credits_of(order, theirs, self._settings.window):
                found["outcome"].append(number)
                found["touch"].append(credit.touch.row)
                found["last"].append(credit.last)
                found["linear"].append(credit.linear)
        database = self._database
        database.register("found_credits", table_of(found, _CREDITS))
        database.register(
            "found_crossed",
            table_of(
                {"outcome": range(len(crossed)), "crossed": crossed},
                pa.schema([("outcome", pa.int32()), ("crossed", pa.int32())]),
            ),
        )
        database.execute(
            """
            create or replace temp table credits as
            select touched.about, touched.subject, touched.channel, touched.persona, touched.layout, touched.variant,
                touched.segments, touched.exposures, touched.slot, touched.strategy, touched.offer_id,
                to_credit.day, to_credit.simulated, to_credit.person, to_credit.kind, to_credit.revenue,
                to_credit.margin, to_credit.items, to_credit.cost, found_crossed.crossed, found_credits."last", found_credits."linear"
            from found_credits join to_credit on to_credit.number = found_credits.outcome
                join touched on touched.number = found_credits.touch
                join found_crossed on found_crossed.outcome = found_credits.outcome
            """
        )
        with self._transaction() if not prefix else contextlib.nullcontext():
            for statement in cells.of_credits("credits", f"{prefix}cells", self._settings.margin_rate):
                database.execute(statement)
            database.execute(f"insert into {prefix}credited select id from to_credit")
            database.execute(
                f"insert into {prefix}uncredited select day, count(*), simulated from to_credit where kind = 'order' "
                "and number not in (select outcome from found_credits) group by day, simulated"
            )

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
    """The files in parts that memory holds with ease."""
    part: list[Path] = []
    size = 0
    for path in paths:
        size += path.stat().st_size
        if part and (len(part) == FILES_TOGETHER or size > BYTES_TOGETHER):
            yield part
            part, size = [], path.stat().st_size
        part.append(path)
    if part:
        yield part


def _name(path: Path, kind: str) -> str:
    return f"{kind}/{path.parent.name}/{path.name}"
