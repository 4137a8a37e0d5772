"""A folder held by one process: two that write into the same one would overwrite each other's files."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from tailorbird.contracts.wire import Fault

__all__ = ["alone", "in_turn"]


@contextlib.contextmanager
def alone(lock_file: Path, sentence: str) -> Iterator[None]:
    """Holds the lock until left or killed. Raises Fault(409) with the sentence when another process holds it."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Fault(409, sentence) from error
        yield


@contextlib.contextmanager
def in_turn(lock_file: Path) -> Iterator[None]:
    """Holds the lock until left or killed, after whoever holds it now."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
