"""Processes of the suite, started: forked from the nursery where that works, else as commands of their own."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import structlog
from msgspec import Struct

from tailorbird.host.broker import die_with_parent

__all__ = ["GREETING", "Forker", "Order", "Process", "ended", "started"]

log = structlog.get_logger(__name__)

IMPORTED_WITHIN = 60.0
BORN_WITHIN = 5.0
LOOK_EVERY = 0.05
ADOPT_ORPHANS = 36
"""PR_SET_CHILD_SUBREAPER of Linux's prctl."""


GREETING = b"ready\n"


class Order(Struct, frozen=True):
    """What the nursery is asked for: one line of JSON. It answers the new process's id, on a line."""

    names: tuple[str, ...]
    """Arguments of `tailorbird serve`."""
    environment: dict[str, str]
    log_path: str


class Process(Protocol):
    """A running child."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        ...

    def kill(self) -> None: ...


class Forked:
    """A child of this process that was forked elsewhere."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            try:
                found, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                self._code = 0  # Somebody else has taken note of its end.
            else:
                self._code = os.waitstatus_to_exitcode(status) if found else None
        return self._code

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


class Forker:
    """Starts services from a nursery. Without one (another system, or it died) they are commands that import anew."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {
            **environment,
            "PYTHONUNBUFFERED": "1",
            # Arrow's allocator would run a thread, and a process that is forked should have but one.
            "JE_ARROW_MALLOC_CONF": "background_thread:false",
        }
        self._nursery: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._greeted = False
        self._asking = asyncio.Lock()

    def open(self) -> None:
        """Starts the nursery; it imports while the caller goes on."""
        if sys.platform != "linux" or ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0) != 0:
            return
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tailorbird.suite.processes.nursery", str(theirs.fileno())],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - it only calls prctl
        )
        theirs.close()
        self._socket, self._greeted = ours, False

    async def serve(self, names: Sequence[str], environment: Mapping[str, str], log_path: Path) -> Process:
        """A process that runs `tailorbird serve NAMES`."""
        async with self._asking:
            forked = await self._forked(names, environment, log_path)
        if forked is not None:
            return forked
        command = [sys.executable, "-m", "tailorbird.suite", "serve", *names]
        return started(command, environment, log_path)

    def close(self) -> None:
        """Ends the nursery; what it started goes on."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._nursery is not None:
            self._nursery.kill()
            self._nursery.wait()
            self._nursery = None

    async def _forked(self, names: Sequence[str], environment: Mapping[str, str], log_path: Path) -> Forked | None:
        if self._socket is None:
            return None
        order = _order(names, environment, log_path)
        loop = asyncio.get_running_loop()
        try:
            if not self._greeted:
                async with asyncio.timeout(IMPORTED_WITHIN):
                    self._greeted = await self._line(loop) == GREETING
            async with asyncio.timeout(BORN_WITHIN):
                await loop.sock_sendall(self._socket, order)
                return Forked(int(await self._line(loop)))
        except (OSError, TimeoutError, ValueError) as error:
            log.warning("nursery_lost", reason=f"{type(error).__name__}: {error}")
            self.close()
            self.open()
            return None

    async def _line(self, loop: asyncio.AbstractEventLoop) -> bytes:
        """What the nursery says next. Raises ConnectionError when it says nothing any more."""
        line = b""
        while not line.endswith(b"\n"):
            said = await loop.sock_recv(self._socket, 64) if self._socket else b""
            if not said:
                raise ConnectionError("the nursery ended")
            line += said
        return line


def started(command: Sequence[str], environment: Mapping[str, str], log_path: Path) -> Process:
    """A process that runs this command and ends with this one."""
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("ab") as log_file:
        return subprocess.Popen(
            list(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log_file,
            stderr=log_file,
            start_new_session=True,  # Ctrl-C is for the supervisor, which ends them in order.
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - it only calls prctl
        )


async def ended(process: Process) -> int:
    """The exit code, the moment it ends."""
    noticed = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as stack:
        if sys.platform == "linux":
            with contextlib.suppress(OSError):  # It has ended and was taken note of, or the kernel is old.
                handle = os.pidfd_open(process.pid)
                stack.callback(os.close, handle)
                loop.add_reader(handle, noticed.set)
                stack.callback(loop.remove_reader, handle)
                await noticed.wait()
        while (code := process.poll()) is None:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(LOOK_EVERY)
        return code


def _order(names: Sequence[str], environment: Mapping[str, str], log_path: Path) -> bytes:
    log_path.parent.mkdir(parents=True, exist_ok=True)
    return msgspec.json.encode(Order(tuple(names), dict(environment), str(log_path.resolve()))) + b"\n"
