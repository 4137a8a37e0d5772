"""Whether a process that does not answer hangs or is only slow: told by whether it does anything at all meanwhile."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

__all__ = ["Signs", "does_nothing", "signs_of"]

_ASLEEP = frozenset("ST")
"""Sleeping, or stopped. Not among them: ready to run on a busy machine (R), waiting for a disk (D), held by a
debugger (t)."""


class Signs(Struct, frozen=True):
    """What the kernel says of a process."""

    state: str
    ticks: int
    """CPU time of all its threads so far, in the kernel's ticks."""


def signs_of(pid: int) -> Signs | None:
    """The process's signs of life; None where the kernel tells none, or it is gone."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    # The name, in brackets, may hold anything; what follows are numbers, but for the state.
    fields = told.rpartition(")")[2].split()
    return Signs(fields[0], int(fields[11]) + int(fields[12]))


def does_nothing(before: Signs | None, after: Signs | None) -> bool:
    """It slept all the while, though somebody asked it something: a process that is only slow has work to do."""
    if before is None or after is None:
        return False
    return before.state in _ASLEEP and after.state in _ASLEEP and before.ticks == after.ticks
