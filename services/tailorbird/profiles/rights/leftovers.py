"""What lies about on disk beside profiles: rows of files that were refused, which may name people."""

from __future__ import annotations

import csv
from collections.abc import Container
from pathlib import Path

from tailorbird.profiles.keeping.records import overwrite

__all__ = ["erase_in_quarantine"]


def erase_in_quarantine(home: Path, words: Container[str]) -> int:
    """How many refused rows named one of these ids or addresses; they are written over with nothing."""
    found = 0
    for path in sorted((home / "quarantine").rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        kept = [row for row in rows if not _names(row, words)]
        if len(kept) == len(rows):
            continue
        found += len(rows) - len(kept)
        # The old bytes are overwritten where they stand before the file gets shorter.
        overwrite(path)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(kept)
    return found


def _names(row: list[str], words: Container[str]) -> bool:
    """Whether a cell is one of the words, or holds one between the separators of the row as it was."""
    for cell in row:
        if any(part.strip(" \"'[]{}") in words for part in cell.replace(";", ",").replace(":", ",").split(",")):
            return True
    return False
