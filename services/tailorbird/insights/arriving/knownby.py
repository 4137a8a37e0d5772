"""Which person events come of: the pseudonym behind keyed digests of ids, as decisions and orders have told it."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path

__all__ = ["KnownBy"]

_ASKED_AT_ONCE = 500


class KnownBy:
    """A table on disk, and the key of its digests beside it. Called from threads, one at a time."""

    def __init__(self, folder: Path) -> None:
        self.key = _key(folder / "outcomes.key")
        self._lock = threading.Lock()
        (folder / "known.sqlite").touch(mode=0o600)
        self._database = sqlite3.connect(folder / "known.sqlite", check_same_thread=False, isolation_level=None)
        # What is erased is overwritten.
        self._database.execute("pragma secure_delete = on")
        self._database.execute("create table if not exists known (who text primary key, person text) without rowid")
        self._database.execute("create index if not exists of_person on known (person)")

    def learn(self, pairs: Iterable[tuple[str, str]]) -> None:
        """(digest of an id, person): the latest told is right, as persons become one."""
        with self._lock, self._database:
            self._database.execute("begin")
            self._database.executemany("insert or replace into known values (?, ?)", list(pairs))

    def persons(self, digests: Iterable[str]) -> dict[str, str]:
        """Digest -> person, of those that are known."""
        wanted = list(dict.fromkeys(digests))
        found: dict[str, str] = {}
        with self._lock:
            for start in range(0, len(wanted), _ASKED_AT_ONCE):
                part = wanted[start : start + _ASKED_AT_ONCE]
                places = ",".join("?" * len(part))
                found |= dict(self._database.execute(f"select who, person from known where who in ({places})", part))
        return found

    def forget(self, persons: Iterable[str], digests: Iterable[str]) -> None:
        """Nothing leads to these persons any more."""
        with self._lock, self._database:
            self._database.execute("begin")
            self._database.executemany("delete from known where person = ?", [(one,) for one in persons])
            self._database.executemany("delete from known where who = ?", [(one,) for one in digests])

    def close(self) -> None:
        self._database.close()


def _key(path: Path) -> bytes:
    if not path.exists():
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
    return path.read_bytes()
