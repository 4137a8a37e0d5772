"""A process that has imported every service and becomes any of them on request: forked, so ready in milliseconds.

Importing costs each process 1.3 to 1.9 seconds of CPU time. Here it is paid once, and what was imported is shared
memory. The nursery itself opens nothing and starts no thread; `forking.py` asks it and says when to do without it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import NoReturn

import msgspec
import setproctitle
from litestar import Litestar

from tailorbird.host.broker import die_with_parent
from tailorbird.suite import __main__ as command
from tailorbird.suite.processes.forking import GREETING, Order
from tailorbird.suite.roster import SERVICES

__all__ = ["main"]

ADOPTED_WITHIN = 10.0

LATE = (
    "tailorbird.suite.processes.serving",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.lifespan.on",
    "anyio._backends._asyncio",
    "nkeys",
)
"""What is imported when a process begins to serve."""


def main() -> None:
    """Answers orders until the other side hangs up."""
    supervisor = os.getppid()
    asked = socket.socket(fileno=int(sys.argv[1]))
    _import_all()
    asked.sendall(GREETING)
    with asked.makefile("rb") as orders:
        for line in orders:
            order = msgspec.json.decode(line, type=Order)
            process_id = _fork()
            if process_id:
                try:
                    asked.sendall(b"%d\n" % process_id)
                except OSError:
                    return  # Nobody is there to be told: the supervisor has ended meanwhile.
                continue
            asked.close()
            _become(order, supervisor)
            _serve()


def _import_all() -> None:
    for name in SERVICES:
        for part in ("service", "http"):
            # A service whose libraries are not installed says so itself when it is started.
            with contextlib.suppress(ModuleNotFoundError):
                importlib.import_module(f"tailorbird.{name}.{part}")
    for module in LATE:
        importlib.import_module(module)
    # An application looks for the libraries it could speak to (pydantic alone: 0.1 s of CPU time) when it is made.
    Litestar(openapi_config=None)
    # Memory that is never written to stays shared: the collector would write into each object's header.
    gc.collect()
    gc.freeze()


def _fork() -> int:
    """The id of the new process; 0 in that process. Its parent is not the nursery but whoever adopts orphans."""
    reading, writing = os.pipe()
    between = os.fork()
    if between:
        os.close(writing)
        with os.fdopen(reading, "rb") as told:
            process_id = int(told.read())
        os.waitpid(between, 0)
        return process_id
    os.close(reading)
    process_id = os.fork()
    if process_id:
        # The nursery may have been ended while this was under way; the new process then ends by itself.
        with contextlib.suppress(OSError):
            os.write(writing, b"%d" % process_id)
        os._exit(0)
    os.close(writing)
    return 0


def _become(order: Order, supervisor: int) -> None:
    """Makes this process what the order says; ends it when there is nobody left to serve for."""
    until = time.monotonic() + ADOPTED_WITHIN
    while os.getppid() != supervisor:
        if time.monotonic() > until:
            os._exit(1)
        time.sleep(0.001)
    end_with_parent = die_with_parent(supervisor)
    if end_with_parent is not None:
        end_with_parent()
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for path, flags, targets in (
        (os.devnull, os.O_RDONLY, (0,)),
        (order.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, (1, 2)),
    ):
        opened = os.open(Path(path), flags, 0o600)
        for target in targets:
            os.dup2(opened, target)
        os.close(opened)
    sys.argv = ["tailorbird", "serve", *order.names]
    # So that a person finds it by what it does, as if it had been started by that command. Before the environment
    # changes: that is where the library looks for the place to write to.
    setproctitle.setproctitle(" ".join((sys.executable, "-m", "tailorbird.suite", "serve", *order.names)))
    os.environ.clear()
    os.environ.update(order.environment)


def _serve() -> NoReturn:
    """Runs the command, then ends without taking apart what was imported: libraries complain of what they share."""
    code: object = 1
    try:
        command.main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except Exception:  # noqa: BLE001 - it is printed, and the process ends
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    main()
