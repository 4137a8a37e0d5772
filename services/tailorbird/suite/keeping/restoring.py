"""`tailorbird restore BACKUP`: everything as the backup has it, but for those who were erased since.

Runs while the suite does not. Who was erased after the backup was made is known from this home's keyring and from the
backup's own: their keys are destroyed in what is restored, before anything of theirs is put back.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from rich.console import Console

from tailorbird.bus import Journal
from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.profiles import PURCHASED, Purchased
from tailorbird.contracts.wire import Fault
from tailorbird.host.broker import Broker, free_port
from tailorbird.host.folderlock import alone
from tailorbird.host.settings import SuiteSettings
from tailorbird.profiles.keeping.records import read_records
from tailorbird.profiles.rights.backups import KEYRING, MANIFEST, OF_PERSONS, ORDERS, Manifest
from tailorbird.profiles.rights.erasures import Erasure, apply_erasures, erasures_of, opened
from tailorbird.profiles.rights.rowserasing import rows_of
from tailorbird.suite.running import LOCK

__all__ = ["restore", "the_backup"]

PUT_AT_ONCE = 500
APPENDED_AT_ONCE = 100
Entry = TypeVar("Entry")
Place = TypeVar("Place")
SEALED = ("profiles", "profile_marks", "profile_timelines")
"""Buckets whose keys begin with a pseudonym: what nobody can open any more is not put back."""


def the_backup(folder: Path) -> Path:
    """The backup in this folder: itself, or the latest in it. Raises Fault(404)."""
    if (folder / MANIFEST).exists():
        return folder
    found = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))
    if not found:
        raise Fault(404, f"There is no complete backup in {folder}.")
    return found[-1]


async def restore(backup: Path, settings: SuiteSettings, keyring: Path, console: Console) -> None:
    """Replaces everything that is kept with what the backup holds. Raises Fault(409) while a suite runs here."""
    manifest = msgspec.json.decode((backup / MANIFEST).read_bytes(), type=Manifest)
    running = f"A suite runs with the home folder {settings.home}; end it with `tailorbird stop` first."
    with alone(settings.home / LOCK, running):
        persons, erased = await asyncio.to_thread(_restore_keyring, backup, keyring, manifest.made_at)
        async with _bus(settings) as bus:
            await bus.empty()
            await _put_back(backup, manifest, bus, persons, settings.home / "restoring")
        await asyncio.to_thread(_restore_decisions, backup / "insights", settings.home / "insights")
        if (backup / "keys.json").exists():
            await asyncio.to_thread(shutil.copy2, backup / "keys.json", settings.home / "keys.json")
    console.print(
        f"Restored {backup.name}: {len(persons):,} persons; {erased:,} who were erased since stay erased.",
        markup=False, soft_wrap=True,
    )  # fmt: skip


def _restore_keyring(backup: Path, keyring: Path, made_at: float) -> tuple[frozenset[str], int]:
    """(pseudonyms that have a key, how many persons were erased since)."""
    erasures: list[Erasure] = []
    if keyring.exists():
        with opened(keyring) as database:
            erasures = erasures_of(database)
    keyring.parent.mkdir(parents=True, exist_ok=True)
    fresh = keyring.with_suffix(".restoring")
    shutil.copy2(backup / KEYRING, fresh)
    with opened(fresh) as database:
        database.execute("BEGIN IMMEDIATE")
        gone = apply_erasures(database, [*erasures, *erasures_of(database)], made_at)
        database.execute("COMMIT")
        persons = frozenset(str(row[0]) for row in database.execute("SELECT pseudonym FROM person"))
    fresh.chmod(0o600)
    fresh.replace(keyring)
    return persons, len(gone)


async def _put_back(
    backup: Path, manifest: Manifest, bus: NatsBus, persons: frozenset[str], workspace: Path
) -> None:
    for name in manifest.buckets:
        bucket = await bus.bucket(name, manifest.bucket_days.get(name, 0.0))
        pairs = _live(read_records(backup / "buckets" / name), persons if name in SEALED else None)
        while values := dict(islice(pairs, PUT_AT_ONCE)):
            await bucket.put_many(values)
    for name in manifest.objects:
        store = await bus.objects(name)
        described: dict[str, Any] = msgspec.json.decode((backup / "objects" / f"{name}.json").read_bytes())
        for number, about in described.items():
            path = backup / "objects" / name / number
            if about["name"].startswith(OF_PERSONS):
                kept = workspace / "rows.parquet"
                await asyncio.to_thread(workspace.mkdir, parents=True, exist_ok=True)
                await asyncio.to_thread(rows_of, path, sorted(persons), kept)
                path = kept
            # Revisions begin anew, so whoever follows a bucket from a snapshot on reads all of it once.
            metadata = {key: "0" if key == "revision" else value for key, value in about["metadata"].items()}
            await store.put(about["name"], path, metadata)
    await asyncio.to_thread(shutil.rmtree, workspace, ignore_errors=True)
    kept_orders = (order for person, order in read_records(backup / ORDERS) if person.decode() in persons)
    orders = (msgspec.json.decode(order, type=Purchased) for order in kept_orders)
    await _together(orders, lambda order: bus.announcer.append(PURCHASED, order, order.message))
    for name in manifest.journals:
        journal = await bus.journal(name)
        entries = (value for _, value in read_records(backup / "journals" / name))
        places = await _together(entries, partial(_journaled, journal))
        if places != sorted(places):
            raise Fault(503, f"The entries of the journal {name} came into another order: restore again.")


async def _journaled(journal: Journal, value: bytes) -> int:
    return await journal.append(value, uuid.uuid4().hex)


async def _together(entries: Iterator[Entry], append: Callable[[Entry], Awaitable[Place]]) -> list[Place]:
    """What became of each, in their order. Many are on their way at once: they leave in order, and on one connection
    they arrive so.
    """
    places: list[Place] = []
    # The first goes alone: a connection gets ready with it.
    at_once = 1
    while batch := list(islice(entries, at_once)):
        places += await asyncio.gather(*map(append, batch))
        at_once = APPENDED_AT_ONCE
    return places


def _live(pairs: Iterator[tuple[bytes, bytes]], persons: frozenset[str] | None) -> Iterator[tuple[str, bytes]]:
    """The pairs whose person has a key; all of them where there are no persons."""
    for key, value in pairs:
        name = key.decode()
        if persons is None or name[:32] in persons:
            yield name, value


def _restore_decisions(source: Path, target: Path) -> None:
    for part in ("decisions", "journal"):
        shutil.rmtree(target / part, ignore_errors=True)
        if (source / part).exists():
            shutil.copytree(source / part, target / part)


@contextlib.asynccontextmanager
async def _bus(settings: SuiteSettings) -> AsyncIterator[NatsBus]:
    """The servers of the settings, else those of this home, started for as long as this takes."""
    if settings.nats_url:
        nats = Address(settings.nats_url, settings.nats_seed_file)
        ledger = Address(settings.ledger_url or settings.nats_url, settings.ledger_seed_file)
        async with connect("restore", nats, ledger, settings.replicas, settings.ledger_replicas) as bus:
            yield bus
        return
    processes: list[subprocess.Popen[bytes]] = []
    addresses: list[Address] = []
    try:
        for name in ("nats", "ledger"):
            # No write is synced by itself, as what fails half-way is restored again; in the end all is.
            broker = Broker(name=name, folder=settings.home / name, port=free_port())
            processes.append(broker.start())
            await broker.ready()
            addresses.append(Address(broker.url))
        async with connect("restore", addresses[0], addresses[1]) as bus:
            yield bus
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            await asyncio.to_thread(process.wait)
        await asyncio.to_thread(os.sync)
