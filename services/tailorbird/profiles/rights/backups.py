"""The backups there are of this home: whoever is erased is erased from the keyrings in them too.

A backup holds what is sealed as it was sealed, and no raw events; its keyring is a file of its own, where overwriting
is real. A backup that is elsewhere when somebody is erased is caught up with when it is restored.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog
from msgspec import Struct

from tailorbird.profiles.keeping.records import overwrite, without
from tailorbird.profiles.rights.erasures import Erasure, erase_in_file
from tailorbird.profiles.rights.rowserasing import rows_without

__all__ = [
    "BACKUPS",
    "KEYRING",
    "MANIFEST",
    "OF_PERSONS",
    "ORDERS",
    "Manifest",
    "erase_in_backups",
    "known_backups",
    "note_backup",
]

BACKUPS = "profiles/backups.json"
KEYRING = "keyring.sqlite"
MANIFEST = "manifest.json"
ORDERS = "orders"
"""Orders that the snapshot of purchases does not have yet."""
OF_PERSONS = ("interactions/", "responses/")
"""Names of snapshots whose rows are somebody's."""

log = structlog.get_logger(__name__)


class Manifest(Struct, frozen=True, kw_only=True):
    """What a backup is: when it was begun and what is in it."""

    made_at: float
    """Seconds since 1970 UTC."""
    buckets: dict[str, int] = {}
    """Bucket -> values."""
    bucket_days: dict[str, float] = {}
    """Bucket -> days for which it keeps a value; 0: for good."""
    objects: dict[str, int] = {}
    journals: dict[str, int] = {}


def known_backups(home: Path) -> list[Path]:
    """Folders of backups that were made of this home, as far as they are still there."""
    path = home / BACKUPS
    names: list[str] = msgspec.json.decode(path.read_bytes(), type=list[str]) if path.exists() else []
    return [Path(name) for name in names if (Path(name) / KEYRING).exists()]


def note_backup(home: Path, folder: Path) -> None:
    """From now on this backup is known."""
    known = {str(one) for one in known_backups(home)} | {str(folder.resolve())}
    path = home / BACKUPS
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(sorted(known)))


def erase_in_backups(home: Path, erasures: Sequence[Erasure]) -> int:
    """How many backups held a key that is destroyed now."""
    changed = 0
    for folder in known_backups(home):
        try:
            manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
            gone = erase_in_file(folder / KEYRING, erasures, manifest.made_at)
            if gone:
                changed += 1
                _erase_rows(folder, sorted(gone))
        except (OSError, sqlite3.Error, msgspec.MsgspecError) as error:
            log.warning("backup_not_reached", folder=str(folder), reason=str(error))
    return changed


def _erase_rows(folder: Path, persons: list[str]) -> None:
    """Purchases and responses of these persons, which rest beside their profiles."""
    without(folder / ORDERS, {person.encode() for person in persons})
    for listing in (folder / "objects").glob("*.json"):
        described: dict[str, Any] = msgspec.json.decode(listing.read_bytes())
        for number, about in described.items():
            path = listing.with_suffix("") / number
            if about["name"].startswith(OF_PERSONS):
                kept = path.with_suffix(".kept")
                rows_without(path, persons, kept)
                overwrite(path)
                kept.replace(path)
