"""The snapshots of purchases and responses without the rows of persons who were erased."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from tailorbird.bus import Objects

__all__ = ["erase_rows", "rows_of", "rows_without"]

ASIDE = ".whole"
"""Ending of the name under which a snapshot stands while the old one is overwritten."""


async def erase_rows(
    snapshots: Objects, names: Sequence[str], persons: Sequence[str], workspace: Path, before: float = 0.0
) -> int:
    """How many rows of these persons, or from before that moment, were in these snapshots; they are overwritten.

    At every moment the whole snapshot stands under one name or the other; what a process that died left aside is found
    by the next call.
    """
    found = 0
    await asyncio.to_thread(workspace.mkdir, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=workspace, prefix="erase-") as folder:
        for name in names:
            info = await snapshots.info(name) or await snapshots.info(name + ASIDE)
            if info is None:
                continue
            known, kept = Path(folder) / "known.parquet", Path(folder) / "kept.parquet"
            await snapshots.fetch(info.name, known)
            gone, rows = await asyncio.to_thread(rows_without, known, persons, kept, before)
            if not gone and info.name == name:
                continue
            found += gone
            metadata = info.metadata | {"rows": str(rows)}
            await snapshots.put(name + ASIDE, kept, metadata)
            await snapshots.delete(name, overwrite=True)
            await snapshots.put(name, kept, metadata)
            await snapshots.delete(name + ASIDE, overwrite=True)
    return found


def rows_without(known: Path, persons: Sequence[str], into: Path, before: float = 0.0) -> tuple[int, int]:
    """(rows of these persons or from before that moment, rows that are written)."""
    with duckdb.connect(config={"threads": 1}) as database:
        database.execute("CREATE TABLE gone AS SELECT unnest($persons::VARCHAR[]) AS person", {"persons": [*persons]})
        database.execute(f"CREATE VIEW known AS SELECT * FROM read_parquet('{_quoted(known)}')")
        leaving = f"(person IN (SELECT person FROM gone) OR \"at\" < {int(before)})"
        counts = database.execute(f"SELECT count(*) FILTER ({leaving}), count(*) FROM known").fetchall()[0]
        gone, total = int(counts[0]), int(counts[1])
        database.execute(
            f"COPY (SELECT * FROM known WHERE NOT {leaving}) "
            f"TO '{_quoted(into)}' (FORMAT parquet, COMPRESSION zstd)"
        )
        return gone, total - gone


def rows_of(known: Path, persons: Sequence[str], into: Path) -> None:
    """Writes the rows of these persons and of nobody else."""
    with duckdb.connect(config={"threads": 1}) as database:
        database.execute("CREATE TABLE kept AS SELECT unnest($persons::VARCHAR[]) AS person", {"persons": [*persons]})
        database.execute(
            f"COPY (SELECT * FROM read_parquet('{_quoted(known)}') WHERE person IN (SELECT person FROM kept)) "
            f"TO '{_quoted(into)}' (FORMAT parquet, COMPRESSION zstd)"
        )


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
