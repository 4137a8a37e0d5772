"""The processes of a running suite by name, to be killed, stopped and counted."""

from __future__ import annotations

import asyncio
import time

import psutil

from tests.runningsuite import RunningSuite

SERVERS = ("nats", "ledger")


def process_of(suite: RunningSuite, name: str) -> psutil.Process:
    """The process of this service (`gateway`, `offers` ...), nats-server (`nats`, `ledger`) or helper (`nursery`)."""
    for process in psutil.Process(suite.process.pid).children(recursive=True):
        try:
            # A forked process has its whole title in one argument, and nothing in those that followed.
            command = " ".join(process.cmdline()).split()
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
        if name in SERVERS and any(part.endswith(f"/{name}/nats-server.conf") for part in command):
            return process
        if command[-2:] == ["serve", name] or f"tailorbird.suite.processes.{name}" in command:
            return process
    raise LookupError(f"No process of {name} runs.")


async def running_process(suite: RunningSuite, name: str, other_than: int = 0) -> psutil.Process:
    """The process of this name as soon as there is one with another id: one that was killed is on its way back."""
    until = time.monotonic() + 60.0
    while True:
        try:
            found = process_of(suite, name)
        except LookupError:
            if time.monotonic() > until:
                raise
        else:
            if found.pid != other_than:
                return found
            assert time.monotonic() < until, f"{name} was not started again."
        await asyncio.sleep(0.02)


def all_processes(suite: RunningSuite) -> list[psutil.Process]:
    """The supervisor and everything it started."""
    supervisor = psutil.Process(suite.process.pid)
    return [supervisor, *supervisor.children(recursive=True)]
