"""The file of facts, opened: what another version or a half-written disk left there is made anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import structlog

from tailorbird.insights.facts import factschema

__all__ = ["opened"]

log = structlog.get_logger(__name__)


def opened(path: Path, config: dict[str, Any]) -> Any:
    """A connection to the facts of this version: those that are there, or none yet."""
    made_by = f"{factschema.VERSION} {duckdb.__version__}"
    for attempt in (1, 2):
        try:
            database = duckdb.connect(str(path), config=config)
            database.execute("create table if not exists made_by (version varchar)")
            database.execute("create table if not exists files (name varchar)")
            found = database.execute("select version from made_by").fetchone()
            if found is None:
                database.execute("insert into made_by values (?)", [made_by])
                return database
            if found[0] == made_by:
                return database
            database.close()
            log.info("facts_made_anew", made_by=found[0], now=made_by)
        except duckdb.Error as error:
            if attempt == 2:
                raise
            log.warning("facts_made_anew", reason=str(error))
        for leftover in (path, path.with_name(f"{path.name}.wal")):
            leftover.unlink(missing_ok=True)
    raise AssertionError("unreachable")  # pragma: no cover
