"""Who was erased, and when: kept beside the keys as keyed hashes, so that the erased stay erased.

Events that were collected before an erasure and come later (out of a spool, delivered again) must not make the person
anew, and a backup made before it must not bring them back. Functions over an open keyring file; they block.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

__all__ = ["SCHEMA", "Erasure", "apply_erasures", "erase", "erase_in_file", "erasures_of", "opened"]

SCHEMA = """
    CREATE TABLE IF NOT EXISTS erased (hash BLOB PRIMARY KEY, pseudonym TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS erasing (pseudonym TEXT PRIMARY KEY, query BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS former (hash BLOB PRIMARY KEY, pseudonym TEXT NOT NULL) WITHOUT ROWID;
"""
"""`erased`: hash of an id -> the person it led to. `erasing`: what is still to be done, in case the process dies.
`former`: hash of an id -> the person it led to until that one became part of another.
"""


class Erasure(Struct, frozen=True):
    """One id that led to a person who was erased."""

    hash: bytes
    pseudonym: str
    at: float


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A keyring file in which what is deleted is overwritten."""
    database = sqlite3.connect(path, isolation_level=None, timeout=10.0)
    try:
        for pragma in ("secure_delete = ON", "journal_mode = TRUNCATE", "synchronous = FULL", "temp_store = MEMORY"):
            database.execute(f"PRAGMA {pragma}")
        database.executescript(SCHEMA)
        yield database
    finally:
        database.close()


def erase(database: sqlite3.Connection, pseudonyms: Iterable[str], at: float) -> list[Erasure]:
    """Destroys these persons' keys and forgets their ids, within the caller's transaction; the ids as erasures."""
    found: list[Erasure] = []
    for pseudonym in pseudonyms:
        rows = database.execute("SELECT hash FROM alias WHERE pseudonym = ?", (pseudonym,)).fetchall()
        # A person without ids is remembered too: by a hash that is the pseudonym itself.
        found += [Erasure(bytes(row[0]), pseudonym, at) for row in rows] or [Erasure(pseudonym.encode(), pseudonym, at)]
        _forget(database, pseudonym)
    _remember(database, found)
    return found


def apply_erasures(database: sqlite3.Connection, erasures: Iterable[Erasure], made_at: float) -> set[str]:
    """The persons of an older copy, made at that time, who were erased since and are now gone from it too."""
    gone: set[str] = set()
    since = [one for one in erasures if one.at > made_at]
    for one in since:
        rows = database.execute("SELECT pseudonym FROM alias WHERE hash = ?", (one.hash,)).fetchall()
        gone.update(str(row[0]) for row in rows)
        if database.execute("SELECT 1 FROM person WHERE pseudonym = ?", (one.pseudonym,)).fetchone():
            gone.add(one.pseudonym)
    for pseudonym in gone:
        _forget(database, pseudonym)
    _remember(database, since)
    return gone


def erase_in_file(path: Path, erasures: Iterable[Erasure], made_at: float) -> set[str]:
    """As `apply_erasures`, in the keyring file of a backup."""
    with opened(path) as database:
        database.execute("BEGIN IMMEDIATE")
        gone = apply_erasures(database, erasures, made_at)
        database.execute("COMMIT")
        return gone


def erasures_of(database: sqlite3.Connection, since: float = 0.0) -> list[Erasure]:
    """Everybody erased since then."""
    rows = database.execute("SELECT hash, pseudonym, at FROM erased WHERE at >= ?", (since,))
    return [Erasure(bytes(hashed), str(pseudonym), float(at)) for hashed, pseudonym, at in rows]


def _forget(database: sqlite3.Connection, pseudonym: str) -> None:
    database.execute("DELETE FROM former WHERE hash IN (SELECT hash FROM alias WHERE pseudonym = ?)", (pseudonym,))
    database.execute("DELETE FROM alias WHERE pseudonym = ?", (pseudonym,))
    database.execute("DELETE FROM person WHERE pseudonym = ?", (pseudonym,))


def _remember(database: sqlite3.Connection, erasures: Iterable[Erasure]) -> None:
    database.executemany(
        "INSERT OR REPLACE INTO erased VALUES (?, ?, ?)", [(one.hash, one.pseudonym, one.at) for one in erasures]
    )
