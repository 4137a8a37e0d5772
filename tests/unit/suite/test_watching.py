"""A process that hangs is told from one that is slow."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tailorbird.suite.watching import Signs, does_nothing, signs_of
from tests.waiting import eventually


@contextmanager
def running(code: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-S", "-c", code])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def waits_for_nothing(pid: int) -> bool:
    found = signs_of(pid)
    return found is not None and found.state in "ST" and does_nothing(found, signs_of(pid))


def test_one_that_waits_for_a_lock_that_nobody_opens_does_nothing() -> None:
    with running("import _thread; lock = _thread.allocate_lock(); lock.acquire(); lock.acquire()") as process:
        eventually(lambda: waits_for_nothing(process.pid), "a process that does nothing")


def test_one_that_was_stopped_does_nothing() -> None:
    with running("while True: pass") as process:
        process.send_signal(signal.SIGSTOP)
        eventually(lambda: waits_for_nothing(process.pid), "a stopped process")


def test_one_that_works_does_something_however_slowly() -> None:
    with running("while True: pass") as process:
        first = signs_of(process.pid)
        assert first is not None
        eventually(lambda: (signs_of(process.pid) or first).ticks > first.ticks, "CPU time of a busy process")
        assert not does_nothing(first, signs_of(process.pid))


def test_who_is_gone_or_waits_for_a_disk_or_a_debugger_is_not_judged() -> None:
    asleep = Signs("S", 7)
    assert does_nothing(asleep, asleep)
    assert signs_of(2**22 + 1) is None
    assert not does_nothing(asleep, None)
    assert not any(does_nothing(asleep, Signs(state, 7)) for state in "RDtZ")
