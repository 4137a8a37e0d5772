"""The suite that runs on this machine: where it is, with which keys; a file that commands and notebooks read."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.wire import Fault
from tailorbird.host.settings import SuiteSettings, read_suite_settings
from tailorbird.suite.roster import SERVICES

__all__ = [
    "LOCK", "Keys", "Running", "connect_to_running", "forget_running", "keys_of", "read_running", "write_private",
    "write_running",
]  # fmt: skip

FILE = "suite.json"
KEYS = "keys.json"
LOCK = "suite.lock"
"""Held by the suite of this home until the last of its processes has ended."""


class Running(Struct, frozen=True, kw_only=True):
    """Addresses and keys of a running suite."""

    nats_url: str
    ledger_url: str
    gateway_url: str
    server_key: str
    write_key: str
    process_id: int
    seed_file: Path | None = None
    """Seed of the operator, the user of commands and notebooks, where the suite started NATS itself."""

    @property
    def nats(self) -> Address:
        return Address(self.nats_url, self.seed_file)

    @property
    def ledger(self) -> Address:
        return Address(self.ledger_url, self.seed_file)


class Keys(Struct, frozen=True, kw_only=True):
    server_key: str
    write_key: str


def keys_of(settings: SuiteSettings) -> Keys:
    """The keys of the settings, else those kept in the home folder, made at the first start."""
    path = settings.home / KEYS
    kept = msgspec.json.decode(path.read_bytes(), type=Keys) if path.exists() else None
    if kept is None:
        kept = Keys(server_key=f"server-{secrets.token_hex(20)}", write_key=f"write-{secrets.token_hex(12)}")
        write_private(path, msgspec.json.encode(kept))
    return Keys(server_key=settings.server_key or kept.server_key, write_key=settings.write_key or kept.write_key)


def write_private(path: Path, content: bytes) -> None:
    """Writes the file so that only its owner reads it, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    temporary.replace(path)


def write_running(home: Path, running: Running) -> None:
    write_private(home / FILE, msgspec.json.encode(running, enc_hook=str))


def forget_running(home: Path) -> None:
    """No suite runs with this home, or not yet."""
    (home / FILE).unlink(missing_ok=True)


def read_running(home: Path) -> Running:
    """The suite that runs with this home. Raises Fault(503) with what to do when none does."""
    path = home / FILE
    if not path.exists():
        raise Fault(503, f"No suite runs with the home folder {home}; start one with `make run` or `tailorbird up`.")
    running = msgspec.json.decode(path.read_bytes(), type=Running, dec_hook=_path)
    try:
        os.kill(running.process_id, 0)
    except ProcessLookupError as error:
        raise Fault(503, f"The suite of {home} is not running any more; start it with `make run`.") from error
    except PermissionError:
        pass  # It runs, as somebody else.
    return running


@asynccontextmanager
async def connect_to_running(environ: Mapping[str, str], name: str = "command") -> AsyncIterator[NatsBus]:
    """The bus of the suite that the environment names, else of the one that runs with the home folder."""
    settings = read_suite_settings(environ, SERVICES)
    if settings.nats_url:
        nats = Address(settings.nats_url, settings.nats_seed_file)
        ledger = Address(settings.ledger_url or settings.nats_url, settings.ledger_seed_file)
    else:
        running = read_running(settings.home)
        nats, ledger = running.nats, running.ledger
    async with connect(name, nats, ledger, settings.replicas, settings.ledger_replicas) as bus:
        yield bus


def _path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise TypeError(f"no way to read a {kind} from {FILE}")
