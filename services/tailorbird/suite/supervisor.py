"""All processes of the suite on one machine: started, started again when they die or hang, stopped without a trace."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from tailorbird.contracts.wire import Fault
from tailorbird.suite.forking import Forker, Process, ended, started
from tailorbird.suite.watching import Signs, does_nothing, signs_of

__all__ = ["THREADS", "Child", "Supervisor"]

log = structlog.get_logger(__name__)

THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""One thread of linear algebra per serving process: three copies of OpenBLAS and two of OpenMP share each."""

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 5.0
STEADY_AFTER = 20.0
"""Seconds after which a child that ran so long is started again at once, as if it had never failed."""
STOP_WITHIN = 8.0
CHECK_EVERY = 0.5
ANSWERS_WITHIN = 0.25
SILENT_ASKS = 3
"""So many asks in a row that a child slept through, without any CPU time: it hangs, and is started again."""
HUNG_AFTER = 15.0
"""Seconds without an answer to /health after which a child that was well is ended, whatever it is busy with."""
WRONG_SETTINGS = 78
"""Exit code (EX_CONFIG of sysexits.h) of a child that will never start as it is told to."""


class Child:
    """One process that is kept running."""

    def __init__(
        self,
        name: str,
        environment: dict[str, str],
        log_path: Path,
        *,
        port: int = 0,
        command: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.command = command
        """None: the service of this name."""
        self.environment = environment
        self.log_path = log_path
        self.port = port
        """Port of its /health and /ready; 0 when it has none."""
        self.process: Process | None = None
        self.starts = 0
        self.last_well = 0.0
        """When it last answered, on the monotonic clock; 0 while it has not done so since it was started."""

    async def start(self, forker: Forker) -> None:
        if self.command:
            self.process = started(self.command, self.environment, self.log_path)
        else:
            self.process = await forker.serve((self.name,), self.environment, self.log_path)
        self.starts += 1
        self.last_well = 0.0

    def signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, number)

    def signs(self) -> Signs | None:
        """Its signs of life; None while there are none."""
        return signs_of(self.process.pid) if self.process is not None else None

    def last_words(self) -> str:
        """The end of its log, for the person who has to know why it does not start."""
        try:
            lines = self.log_path.read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-3:])


class Supervisor:
    """Keeps its children running until it is told to stop."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._forker = Forker({**os.environ, **THREADS})
        self._children: list[Child] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._stopping = False
        self.stopped = asyncio.Event()
        self.failure: Fault | None = None

    @property
    def children(self) -> tuple[Child, ...]:
        return tuple(self._children)

    def open(self) -> None:
        """Begins to import what services need, so that they start quickly later on."""
        self._forker.open()

    async def add(self, child: Child) -> None:
        """Starts the child and keeps it running."""
        await child.start(self._forker)
        self._children.append(child)
        self._keepers.append(asyncio.create_task(self._keep(child), name=f"keep-{child.name}"))
        if child.port:
            self._keepers.append(asyncio.create_task(self._watch(child), name=f"watch-{child.name}"))

    async def ready(self, child: Child, within: float = 60.0) -> None:
        """Returns when the child says it is ready. Raises Fault(503) with the end of its log when it does not."""
        until = time.monotonic() + within
        while time.monotonic() < until and not self._stopping:
            if await answers(child.port, "/ready"):
                child.last_well = time.monotonic()
                return
            await asyncio.sleep(0.05)
        raise self.failure or Fault(
            503, f"{child.name} did not get ready. Its log, {child.log_path}, ends:\n{child.last_words()}"
        )

    async def stop(self) -> None:
        """Ends every child, in the reverse of the order in which they were added. None is left when this returns."""
        self._stopping = True
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        self._forker.close()
        with_http = [child for child in self._children if child.port]
        without = [child for child in self._children if not child.port]
        for group in (with_http, without):  # The services take leave of NATS before it goes.
            for child in group:
                child.signal(signal.SIGTERM)
                child.signal(signal.SIGCONT)
            await asyncio.gather(*(self._ended(child) for child in group))

    def fail(self, fault: Fault) -> None:
        """Gives up: `stopped` is set, `failure` says why."""
        self.failure = self.failure or fault
        self.stopped.set()

    async def _ended(self, child: Child) -> None:
        if child.process is None:
            return
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await ended(child.process)
        except TimeoutError:
            child.process.kill()
            await ended(child.process)

    async def _keep(self, child: Child) -> None:
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            code = await ended(child.process) if child.process else 0
            if code == WRONG_SETTINGS:
                self.fail(Fault(422, child.last_words() or f"{child.name} refuses its settings."))
                return
            if time.monotonic() - began > STEADY_AFTER:
                pause = 0.0
            self._say(f"{child.name} ended ({_how(code)}); starting it again. Its log: {child.log_path}")
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, pause * 2))
            await child.start(self._forker)

    async def _watch(self, child: Child) -> None:
        """Ends a child that was well and hangs: at once where it does nothing, later where it is busy with something.
        Its keeper starts it again.
        """
        silent = 0
        while True:
            await asyncio.sleep(0.0 if silent else CHECK_EVERY)
            before, asked_at = child.signs(), time.monotonic()
            well = await answers(child.port, "/health", ANSWERS_WITHIN)
            slept = time.monotonic() - asked_at >= ANSWERS_WITHIN and does_nothing(before, child.signs())
            if well or (not slept and await answers(child.port, "/health")):
                child.last_well, silent = time.monotonic(), 0
                continue
            now = time.monotonic()
            silent = silent + 1 if slept and child.last_well else 0
            if silent >= SILENT_ASKS or (child.last_well and now - child.last_well > HUNG_AFTER):
                self._say(f"{child.name} has not answered for {now - child.last_well:.1f} s; ending it.")
                child.signal(signal.SIGKILL)
                child.last_well, silent = 0.0, 0


async def answers(port: int, path: str, within: float = 2.0) -> bool:
    """True when a GET on this port of the loopback interface is answered with 200 within so many seconds."""
    try:
        async with asyncio.timeout(within):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
