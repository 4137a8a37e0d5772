"""The keyring in one SQLite file, outside JetStream: there an overwritten value stays readable in the block files.

SQLite with `secure_delete` overwrites, so destroying a key erases everything sealed with it. Ids stand here as keyed
hashes.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import secrets
import sqlite3
import threading
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from tailorbird.profiles.keeping.keyring import Person
from tailorbird.profiles.rights.erasures import SCHEMA, Erasure, erase, erasures_of

__all__ = ["SqliteKeyring"]

Argument = TypeVar("Argument")
Result = TypeVar("Result")

KEY_BYTES = 32
_CHUNK = 500
_ON_THE_SPOT = 64


class SqliteKeyring:
    """A keyring in one SQLite file. Work is done in threads, one statement group at a time."""

    def __init__(self, path: Path, secret: bytes = b"") -> None:
        """Opens or makes the file (readable by its owner only). `secret` keys the hashes; none: the file's own."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        path.chmod(0o600)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10.0)
        for pragma in ("secure_delete = ON", "journal_mode = TRUNCATE", "synchronous = FULL", "temp_store = MEMORY"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(_SCHEMA)
        # Looking up a few ids takes microseconds, a thread's turn ten times that: it is done on the spot by a reader of
        # its own, which doesn't wait for anybody.
        self._reader = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=0.0)
        self._secret = secret or self._own_secret()

    def close(self) -> None:
        with self._lock:
            self._reader.close()
            self._database.close()

    async def find(self, ids: Iterable[str]) -> dict[str, Person]:
        wanted = list(ids)
        if len(wanted) <= _ON_THE_SPOT:
            with contextlib.suppress(sqlite3.OperationalError):  # Somebody writes just now: waited for in a thread.
                return self._find(wanted, self._reader)
        return await self._run(self._find, wanted)

    async def ensure(self, ids: Iterable[str]) -> dict[str, Person]:
        return await self._run(self._ensure, list(dict.fromkeys(ids)))

    async def person(self, pseudonym: str) -> Person | None:
        def read(wanted: str) -> Person | None:
            row = self._database.execute("SELECT pseudonym, key FROM person WHERE pseudonym = ?", (wanted,)).fetchone()
            return Person(*row) if row else None

        return await self._run(read, pseudonym)

    async def move(self, moves: Mapping[str, str]) -> None:
        def write(moved: dict[str, str]) -> None:
            rows = [(self._hash(identity), pseudonym) for identity, pseudonym in moved.items()]
            with _transaction(self._database):
                self._database.executemany("INSERT OR REPLACE INTO alias VALUES (?, ?)", rows)

        await self._run(write, dict(moves))

    async def renew(self, identity: str) -> Person:
        person = _new_person()

        def write(renewed: str) -> None:
            with _transaction(self._database):
                self._database.execute("INSERT INTO person VALUES (?, ?)", (person.pseudonym, person.key))
                self._database.execute(
                    "INSERT OR REPLACE INTO alias VALUES (?, ?)", (self._hash(renewed), person.pseudonym)
                )

        await self._run(write, identity)
        return person

    async def move_all(self, source: str, target: str) -> None:
        def write(pair: tuple[str, str]) -> None:
            with _transaction(self._database):
                self._database.execute(
                    "INSERT OR REPLACE INTO former SELECT hash, pseudonym FROM alias WHERE pseudonym = ?", (pair[0],)
                )
                self._database.execute("UPDATE alias SET pseudonym = ? WHERE pseudonym = ?", (pair[1], pair[0]))
                self._database.execute("DELETE FROM person WHERE pseudonym = ?", (pair[0],))
                self._database.execute("INSERT OR REPLACE INTO became VALUES (?, ?)", pair)

        await self._run(write, (source, target))

    async def became(self, apart: Container[str] = ()) -> dict[str, str]:
        def read(kept: Container[str]) -> dict[str, str]:
            rows = self._database.execute("SELECT source, target FROM became").fetchall()
            return latest_of({source: target for source, target in rows if source not in kept})

        return await self._run(read, apart)

    async def unmerged(self, ids: Iterable[str]) -> dict[str, str]:
        def read(wanted: list[str]) -> dict[str, str]:
            found: dict[str, str] = {}
            for identity in wanted:
                row = self._database.execute(
                    "SELECT coalesce(source, alias.pseudonym) FROM alias LEFT JOIN former USING (hash) "
                    "LEFT JOIN became ON source = former.pseudonym AND target = alias.pseudonym WHERE hash = ?",
                    (self._hash(identity),),
                ).fetchone()
                if row is not None:
                    found[identity] = str(row[0])
            return found

        return await self._run(read, list(ids))

    async def hashes(self, pseudonym: str) -> list[bytes]:
        def read(wanted: str) -> list[bytes]:
            rows = self._database.execute("SELECT hash FROM alias WHERE pseudonym = ?", (wanted,))
            return [bytes(row[0]) for row in rows]

        return await self._run(read, pseudonym)

    async def part(self, person: Person, hashes: Iterable[bytes]) -> None:
        def write(rows: list[tuple[bytes, str]]) -> None:
            with _transaction(self._database):
                self._database.execute("INSERT OR REPLACE INTO person VALUES (?, ?)", (person.pseudonym, person.key))
                self._database.executemany("INSERT OR REPLACE INTO alias VALUES (?, ?)", rows)
                self._database.execute("DELETE FROM became WHERE source = ?", (person.pseudonym,))
                self._database.execute("DELETE FROM former WHERE pseudonym = ?", (person.pseudonym,))

        await self._run(write, [(one, person.pseudonym) for one in hashes])

    async def erase(self, pseudonyms: Iterable[str], query: bytes, at: float) -> list[Erasure]:
        def write(gone: list[str]) -> list[Erasure]:
            with _transaction(self._database):
                self._database.executemany(
                    "INSERT OR REPLACE INTO erasing VALUES (?, ?)", [(pseudonym, query) for pseudonym in gone]
                )
                return erase(self._database, gone, at)

        return await self._run(write, list(pseudonyms))

    async def erasing(self) -> dict[str, bytes]:
        def read(_: None) -> dict[str, bytes]:
            return {str(who): bytes(query) for who, query in self._database.execute("SELECT * FROM erasing")}

        return await self._run(read, None)

    async def erased(self, pseudonyms: Iterable[str]) -> None:
        def write(done: list[tuple[str]]) -> None:
            with _transaction(self._database):
                self._database.executemany("DELETE FROM erasing WHERE pseudonym = ?", done)
                self._database.executemany("DELETE FROM became WHERE source = ?", done)

        await self._run(write, [(one,) for one in pseudonyms])

    async def erasures(self, since: float) -> list[Erasure]:
        return await self._run(lambda at: erasures_of(self._database, at), since)

    def hashed(self, identity: str) -> bytes:
        return self._hash(identity)

    async def some(self, count: int) -> list[Person]:
        def read(wanted: int) -> list[Person]:
            rows = self._database.execute("SELECT pseudonym, key FROM person ORDER BY pseudonym LIMIT ?", (wanted,))
            return [Person(*row) for row in rows]

        return await self._run(read, count)

    async def after(self, pseudonym: str, count: int) -> list[Person]:
        def read(page: tuple[str, int]) -> list[Person]:
            rows = self._database.execute(
                "SELECT pseudonym, key FROM person WHERE pseudonym > ? ORDER BY pseudonym LIMIT ?", page
            )
            return [Person(*row) for row in rows]

        return await self._run(read, (pseudonym, count))

    async def count(self) -> int:
        def read(_: None) -> int:
            return int(self._database.execute("SELECT count(*) FROM person").fetchone()[0])

        return await self._run(read, None)

    async def _run(self, work: Callable[[Argument], Result], argument: Argument) -> Result:
        def locked() -> Result:
            with self._lock:
                return work(argument)

        return await asyncio.to_thread(locked)

    def _find(self, ids: Sequence[str], database: sqlite3.Connection | None = None) -> dict[str, Person]:
        hashes = {self._hash(identity): identity for identity in ids}
        found: dict[str, Person] = {}
        persons: dict[str, Person] = {}
        wanted = list(hashes)
        for start in range(0, len(wanted), _CHUNK):
            part = wanted[start : start + _CHUNK]
            rows = (database or self._database).execute(
                "SELECT hash, person.pseudonym, key FROM alias JOIN person USING (pseudonym) "
                f"WHERE hash IN ({','.join('?' * len(part))})",
                part,
            )
            for hashed, pseudonym, key in rows:
                person = persons.setdefault(pseudonym, Person(pseudonym, key))
                found[hashes[hashed]] = person
        return found

    def _ensure(self, ids: Sequence[str]) -> dict[str, Person]:
        with _transaction(self._database):
            found = self._find(ids)
            made = {identity: _new_person() for identity in ids if identity not in found}
            self._database.executemany(
                "INSERT INTO person VALUES (?, ?)", [(person.pseudonym, person.key) for person in made.values()]
            )
            self._database.executemany(
                # An id whose person was erased gets a new one.
                "INSERT OR REPLACE INTO alias VALUES (?, ?)",
                [(self._hash(identity), person.pseudonym) for identity, person in made.items()],
            )
        return found | made

    def _hash(self, identity: str) -> bytes:
        return hmac.digest(self._secret, identity.encode("utf-8", "surrogatepass"), "sha256")

    def _own_secret(self) -> bytes:
        with _transaction(self._database):
            self._database.execute("INSERT OR IGNORE INTO secret VALUES (1, ?)", (secrets.token_bytes(KEY_BYTES),))
            return bytes(self._database.execute("SELECT value FROM secret").fetchone()[0])


_SCHEMA = """
    CREATE TABLE IF NOT EXISTS secret (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), value BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS person (pseudonym TEXT PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS alias (hash BLOB PRIMARY KEY, pseudonym TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS alias_of_person ON alias (pseudonym);
    CREATE TABLE IF NOT EXISTS became (source TEXT PRIMARY KEY, target TEXT NOT NULL) WITHOUT ROWID;
""" + SCHEMA


def latest_of(became: Mapping[str, str]) -> dict[str, str]:
    """Who each of these is now: one may have become part of another who became part of a third."""
    found: dict[str, str] = {}
    for source in became:
        seen, target = {source}, became[source]
        while target in became and target not in seen:
            seen.add(target)
            target = became[target]
        found[source] = target
    return found


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; another process that writes is waited for."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _new_person() -> Person:
    return Person(secrets.token_hex(16), secrets.token_bytes(KEY_BYTES))
