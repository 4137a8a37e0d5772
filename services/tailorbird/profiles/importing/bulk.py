"""A file of interactions against those known before, by DuckDB: which rows are new, and what each person's add up to.

Everything here runs in a thread. Rows are a multiset: the same line twice in one file counts twice, the same file
twice counts once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import pyarrow as pa
from msgspec import Struct

from tailorbird.contracts.words import Bought, Signal
from tailorbird.profiles.importing.orderrows import LIVE, LIVE_COLUMNS, digest_of
from tailorbird.profiles.person import fading
from tailorbird.profiles.person.packing import History
from tailorbird.profiles.person.profile import DAY, HISTORY_KEPT, ORDERS_KEPT_DAYS, RECENT_KEPT, Order, mark_of
from tailorbird.profiles.person.purchases import Purchases
from tailorbird.profiles.traits.population import OrderTotals

__all__ = ["INTERACTIONS", "RESPONSES", "Bulk", "Layout"]


class Layout(Struct, frozen=True):
    """How a table to load becomes a snapshot: each column's expression over the file, and its default when absent."""

    columns: dict[str, str]
    defaults: dict[str, str]


INTERACTIONS = Layout(
    columns={
        "item_id": "item_id::VARCHAR",
        "at": "{time}::BIGINT",
        "kind": "kind::VARCHAR",
        "quantity": "quantity::DOUBLE",
        "value": "value::DOUBLE",
        "order_id": "order_id::VARCHAR",
        "store_id": "store_id::VARCHAR",
        "discount": "discount::DOUBLE",
    },
    defaults={"kind": "'purchase'", "quantity": "1"},
)
RESPONSES = Layout(
    columns={"offer_id": "offer_id::VARCHAR", "at": "{time}::BIGINT", "kind": "kind::VARCHAR"},
    defaults={"kind": "'redeemed'"},
)


class Bulk:
    """A database for one import, in memory with room on disk; closed when the import is done."""

    def __init__(self, workspace: Path) -> None:
        self._has_live = False
        self._database = duckdb.connect(
            config={
                "temp_directory": str(workspace / "overflow"),
                "memory_limit": "1500MB",
                "threads": "2",
                "preserve_insertion_order": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            }
        )

    def close(self) -> None:
        self._database.close()

    def customers(self, incoming: Path) -> list[str]:
        """Every id in the file that leads to a person: `customer:1228`, or the card where no customer is named."""
        who = _who(self._types(incoming))
        rows = self._database.execute(f"SELECT DISTINCT {who} FROM read_parquet(?) AS file", [str(incoming)])
        return [row[0] for row in rows.fetchall()]

    def compare(
        self,
        incoming: Path,
        known: Path | None,
        people: Mapping[str, str],
        layout: Layout,
        became: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[int, int]:
        """(new rows, rows known before); afterwards tables `known` and `fresh` are there.

        `people`: id -> pseudonym. `became`: pseudonym in known rows -> the one of whom it became part since.
        """
        run = self._database.execute
        self._database.register("people", pa.table({"identity": list(people), "person": list(people.values())}))
        self._database.register("became", _pairs(became))
        types = self._types(incoming)
        moment = "epoch(time)" if types["time"].startswith(("TIMESTAMP", "DATE")) else "time"
        expressions = ", ".join(
            f'{_expression(name, code.format(time=moment), types, layout)} AS "{name}"'
            for name, code in layout.columns.items()
        )
        run(
            f"CREATE TABLE incoming AS SELECT person, {expressions} "
            f"FROM read_parquet(?) AS file JOIN people ON people.identity = {_who(types)}",
            [str(incoming)],
        )
        names = ", ".join(f'"{name}"' for name in ("person", *layout.columns))
        if known is None:
            run("ALTER TABLE incoming RENAME TO fresh")
            run("CREATE TABLE known AS SELECT * FROM fresh LIMIT 0")
            run("CREATE VIEW kept AS SELECT * FROM known")
        else:
            run(f"CREATE VIEW known_rows AS SELECT * FROM read_parquet('{_quoted(known)}')")
            self._has_live = LIVE_COLUMNS[0] in {row[0] for row in run("DESCRIBE known_rows").fetchall()}
            loaded = " WHERE source IS NULL" if self._has_live else ""
            run(f"CREATE VIEW kept AS SELECT {names} FROM known_rows{loaded}")
            columns = ", ".join(f'"{name}"' for name in layout.columns)
            run(
                f"CREATE VIEW known AS SELECT coalesce(target, person) AS person, {columns} "
                "FROM kept LEFT JOIN became ON source = person"
            )
            run("CREATE TABLE fresh AS SELECT * FROM incoming EXCEPT ALL SELECT * FROM known")
        fresh = int(run("SELECT count(*) FROM fresh").fetchall()[0][0])
        total = int(run("SELECT count(*) FROM read_parquet(?)", [str(incoming)]).fetchall()[0][0])
        return fresh, total - fresh

    def _types(self, incoming: Path) -> dict[str, str]:
        described = self._database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(incoming)]).fetchall()
        return {row[0]: str(row[1]) for row in described}

    def write_snapshot(self, into: Path) -> int:
        """Known and new rows together as Parquet, by person and time; the number of rows."""
        run = self._database.execute
        # Under the names under which they came: a merge may be undone.
        run("CREATE VIEW loaded AS SELECT * FROM kept UNION ALL SELECT * FROM fresh")
        rows = "SELECT * FROM loaded"
        if self._has_live:
            # An order that came as an event gives way when a file tells it.
            told = f"SELECT {digest_of('order_id')} FROM loaded WHERE order_id IS NOT NULL"
            live = f"SELECT * FROM known_rows WHERE source = '{LIVE}' AND order_id NOT IN ({told})"
            rows = f"{rows} UNION ALL BY NAME {live}"
        run(
            f'COPY (SELECT * FROM ({rows}) ORDER BY person, "at") '
            f"TO '{_quoted(into)}' (FORMAT parquet, COMPRESSION zstd)"
        )
        return int(run(f"SELECT count(*) FROM read_parquet('{_quoted(into)}')").fetchall()[0][0])

    def purchases(self) -> Iterator[tuple[str, Purchases]]:
        """Person by person what the new rows add, in batches' worth of memory."""
        reader: Any = self._database.sql(_PURCHASES).to_arrow_reader(256)
        for batch in reader:
            for row in batch.to_pylist():
                yield row["person"], _purchases(row)

    def responses(self) -> Iterator[tuple[str, list[tuple[str, str, int, int]]]]:
        """Person -> (offer, kind, times, last at) of the new rows."""
        rows = self._database.execute(
            "SELECT person, list([offer_id, kind, times::VARCHAR, last_at::VARCHAR]) FROM "
            '(SELECT person, offer_id, kind, count(*) AS times, max("at") AS last_at FROM fresh GROUP BY ALL) '
            "GROUP BY person"
        )
        for person, found in rows.fetchall():
            yield person, [(offer_id, kind, int(times), int(last_at)) for offer_id, kind, times, last_at in found]

    def order_totals(self, became: Mapping[str, str] = MappingProxyType({})) -> list[OrderTotals]:
        """Of every person with an order: how many, for how much, from when to when. `became`: as for `compare`."""
        self._database.register("now", _pairs(became))
        rows = self._database.execute(
            f'SELECT count(DISTINCT {_ORDER}), coalesce(sum(value), 0), min("at"), max("at") '
            "FROM (SELECT * FROM known UNION ALL SELECT * FROM fresh) LEFT JOIN now ON source = person "
            f"WHERE {_BOUGHT} GROUP BY coalesce(target, person)"
        )
        return [OrderTotals(*row) for row in rows.fetchall()]


# `at` begins a clause of its own in DuckDB 2, so the column is always quoted.
_ORDER = "coalesce(order_id, 'at ' || \"at\")"
_BOUGHT = "kind = 'purchase' AND quantity > 0"
_WEEK = 7 * DAY

_PURCHASES = f"""
WITH bought AS (
    SELECT person, item_id, "at", coalesce(value, 0) AS value, coalesce(discount, 0) > 0 AS discounted,
           {_ORDER} AS order_key, max("at") OVER (PARTITION BY person) AS latest
    FROM fresh WHERE {_BOUGHT}
),
known_orders AS (SELECT DISTINCT person, {_ORDER} AS order_key FROM known WHERE {_BOUGHT}),
known_lines AS (SELECT DISTINCT person, item_id, {_ORDER} AS order_key FROM known WHERE {_BOUGHT}),
new_orders AS (
    SELECT person, order_key, max("at") AS "at", sum(value) AS value, max(latest) AS latest
    FROM bought ANTI JOIN known_orders USING (person, order_key) GROUP BY person, order_key
),
orders AS (
    SELECT person, count(*) AS orders,
           list(["at"::VARCHAR, value::VARCHAR, order_key] ORDER BY "at" DESC)
               FILTER (WHERE "at" >= latest - {ORDERS_KEPT_DAYS * DAY}) AS recent_orders
    FROM new_orders GROUP BY person
),
sums AS (
    SELECT person, sum(value) AS spend, count(*) AS lines, count(*) FILTER (WHERE discounted) AS discounted_lines,
           min("at") AS first_at, max("at") AS last_at
    FROM bought GROUP BY person
),
new_lines AS (
    SELECT person, item_id, count(*) AS times, max("at") AS last_at,
           -- As `person.fading` counts: in the stretch of the latest moment of all, then in that of the item's latest.
           sum(round({fading.PARTS} * pow(2.0, "at" % {fading.HALF_LIFE} / {fading.HALF_LIFE}.0))
               * pow(2.0, {fading.EXACT_STRETCHES} + "at" // {fading.HALF_LIFE} - latest // {fading.HALF_LIFE}))
               * pow(2.0, any_value(latest) // {fading.HALF_LIFE} - max("at") // {fading.HALF_LIFE}) AS counted
    FROM (
        SELECT person, item_id, order_key, max("at") AS "at", any_value(latest) AS latest
        FROM bought ANTI JOIN known_lines USING (person, item_id, order_key) GROUP BY person, item_id, order_key
    ) GROUP BY person, item_id
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY person ORDER BY last_at DESC, item_id) AS place FROM new_lines
),
items AS (
    SELECT person, count(*) AS distinct_items,
           list(item_id ORDER BY place) FILTER (WHERE place <= {HISTORY_KEPT}) AS items,
           list(times ORDER BY place) FILTER (WHERE place <= {HISTORY_KEPT}) AS times,
           list(last_at ORDER BY place) FILTER (WHERE place <= {HISTORY_KEPT}) AS lasts,
           list(counted::BIGINT ORDER BY place) FILTER (WHERE place <= {HISTORY_KEPT}) AS counts
    FROM ranked GROUP BY person
),
other AS (
    SELECT person, item_id, "at", CASE kind WHEN 'view' THEN 'viewed' ELSE 'added' END AS kind,
           row_number() OVER (PARTITION BY person ORDER BY "at" DESC, item_id) AS place
    FROM fresh WHERE kind IN ('view', 'cart')
),
signals AS (
    SELECT person, list(DISTINCT [kind, item_id, "at"::VARCHAR]) AS signals FROM (
        SELECT person, item_id, "at", kind FROM other WHERE place <= {RECENT_KEPT}
        UNION ALL SELECT person, item_id, "at", 'bought' FROM bought WHERE "at" >= latest - {_WEEK}
    ) GROUP BY person
)
SELECT person, orders, spend, lines, discounted_lines, first_at, last_at, distinct_items, items, times, lasts, counts,
       recent_orders, signals
FROM sums FULL JOIN signals USING (person) LEFT JOIN orders USING (person) LEFT JOIN items USING (person)
"""


def _purchases(row: Mapping[str, Any]) -> Purchases:
    signals = tuple(Signal(kind, item_id, int(at)) for kind, item_id, at in row["signals"] or ())
    return Purchases(
        orders=row["orders"] or 0,
        spend=round(float(row["spend"] or 0.0), 2),
        lines=row["lines"] or 0,
        discounted_lines=row["discounted_lines"] or 0,
        first_at=row["first_at"] or 0,
        last_at=row["last_at"] or max((signal.at for signal in signals), default=0),
        bought=_history(*(row[name] or () for name in ("items", "times", "lasts", "counts"))),
        distinct_items=row["distinct_items"] or 0,
        recent_orders=tuple(
            Order(int(at), round(float(value), 2), mark_of(f"order:{order}"))
            for at, value, order in row["recent_orders"] or ()
        ),
        signals=signals,
    )


def _pairs(became: Mapping[str, str]) -> pa.Table:
    schema = pa.schema([("source", pa.string()), ("target", pa.string())])
    return pa.table({"source": list(became), "target": list(became.values())}, schema)


def _history(items: Sequence[str], times: Sequence[int], lasts: Sequence[int], counts: Sequence[int]) -> History:
    told = map(fading.told, counts, lasts)
    return History(tuple(map(Bought, items, times, lasts, told)), counts=tuple(counts))


def _expression(name: str, code: str, types: Mapping[str, str], layout: Layout) -> str:
    """The column's value; its default where the file has none."""
    source = "time" if name == "at" else name
    kind = code.rpartition("::")[2]
    default = layout.defaults.get(name)
    if source not in types:
        return f"{default or 'NULL'}::{kind}"
    return f"coalesce({code}, {default}::{kind})" if default else code


def _who(types: Mapping[str, str]) -> str:
    """The id under which the row's person is found."""
    if "loyalty_card" not in types:
        return "'customer:' || file.customer_id::VARCHAR"
    card = "'card:' || file.loyalty_card::VARCHAR"
    return f"coalesce('customer:' || file.customer_id::VARCHAR, {card})" if "customer_id" in types else card


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
