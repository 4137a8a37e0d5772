"""`tailorbird backup FOLDER`: a copy of all that is kept, made while the suite runs.

What is personal is copied as it rests: sealed under each person's key. The keys go into a file of their own, in which
an erasure overwrites them. Raw events, which rest unsealed for a week, are not copied: what they told is in the
profiles once they are folded, and the backup waits for that.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console

from tailorbird.bus import Entry, Journal
from tailorbird.bus.connect import NatsBus
from tailorbird.contracts.profiles import COLLECTED, PURCHASED
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.keeping.records import write_records
from tailorbird.profiles.rights.backups import KEYRING, MANIFEST, ORDERS, Manifest, note_backup

__all__ = ["NOT_COPIED", "back_up"]

NOT_COPIED = frozenset({"staging"})
"""Objects on their way."""
FOLDED_WITHIN = 30.0
READ_AT_ONCE = 2_048
"""Entries of a journal in memory."""
_SUFFIXES = (".parquet", ".ndjson")


async def back_up(into: Path, bus: NatsBus, home: Path, keyring: Path, console: Console) -> Path:
    """The folder of this backup, under `into`, named after the moment. Raises Fault(404) where no keyring is."""
    if not await asyncio.to_thread(keyring.exists):
        raise Fault(404, f"There is no keyring at {keyring}: run this where profiles keep theirs.")
    await _folded(bus, console)
    made_at = time.time()
    folder = into / datetime.fromtimestamp(made_at, UTC).strftime("%Y-%m-%dT%H-%M-%S-%f")
    await asyncio.to_thread(folder.mkdir, parents=True, mode=0o700)
    # Keys first: who becomes a person while the copy is made is not in it; nobody in it lacks a key.
    await asyncio.to_thread(_copy_keyring, keyring, folder / KEYRING)
    await asyncio.to_thread(note_backup, home, folder)
    kept, ledger = await bus.inventories()
    buckets: dict[str, int] = {}
    days: dict[str, float] = {}
    for name, kept_for in kept.buckets.items():
        bucket = await bus.bucket(name)
        buckets[name] = await write_records(folder / "buckets" / name, _pairs(bucket.each()))
        days[name] = kept_for
    objects: dict[str, int] = {}
    for name in sorted(set(kept.objects) - NOT_COPIED):
        store = await bus.objects(name)
        names = await store.names()
        described = {}
        for number, one in enumerate(names):
            info = await store.fetch(one, folder / "objects" / name / str(number))
            described[str(number)] = {"name": one, "metadata": info.metadata}
        await asyncio.to_thread(_write_json, folder / "objects" / f"{name}.json", described)
        objects[name] = len(names)
    await write_records(folder / ORDERS, _orders(bus))
    journals: dict[str, int] = {}
    for name in ledger.journals:
        journals[name] = await write_records(folder / "journals" / name, _entries(await bus.journal(name)))
    await asyncio.to_thread(_copy_decisions, home / "insights", folder / "insights")
    if (home / "keys.json").exists():
        await asyncio.to_thread(shutil.copy2, home / "keys.json", folder / "keys.json")
    manifest = Manifest(made_at=made_at, buckets=buckets, bucket_days=days, objects=objects, journals=journals)
    await asyncio.to_thread(_write_json, folder / MANIFEST, manifest)
    values, files = sum(buckets.values()), sum(objects.values())
    console.print(f"{values:,} values and {files:,} files are in {folder}", markup=False, soft_wrap=True)
    return folder


async def _folded(bus: NatsBus, console: Console) -> None:
    """Waits until what was collected is in the profiles, but not forever."""
    until = time.monotonic() + FOLDED_WITHIN
    while not await bus.caught_up(COLLECTED, "profiles"):
        if time.monotonic() > until:
            console.print("Events come faster than they are folded: the last ones are not in this backup.")
            return
        await asyncio.sleep(0.1)


def _copy_keyring(source: Path, target: Path) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as known, sqlite3.connect(target) as copy:
        known.backup(copy)
    copy.close()
    known.close()


def _copy_decisions(source: Path, target: Path) -> None:
    """Every file of decisions: they never change once they are there, and a journal only grows."""
    for path in sorted(source.rglob("*")) if source.exists() else ():
        if path.is_file() and path.suffix in _SUFFIXES:
            copied = target / path.relative_to(source)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copied)


async def _pairs(entries: AsyncIterator[Entry]) -> AsyncIterator[tuple[bytes, bytes]]:
    async for entry in entries:
        yield entry.key.encode(), entry.value or b""


async def _orders(bus: NatsBus) -> AsyncIterator[tuple[bytes, bytes]]:
    async for part in bus.listener.stored(PURCHASED):
        for order in part:
            yield order.message.person.encode(), msgspec.json.encode(order.message)


async def _entries(journal: Journal) -> AsyncIterator[tuple[bytes, bytes]]:
    """All of them, however many: few at a time are in memory."""
    after = 0
    while found := await journal.read(after, READ_AT_ONCE):
        for entry in found:
            yield b"", entry.value
        after = found[-1].sequence


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value)))
