"""An append-only file of lines that is on the disk before anything is acknowledged, in numbered segments."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

__all__ = ["Journal", "replace_file", "sync_folder"]


class Journal:
    """The segment being written. Whatever `append` returned from survives kill -9 and a power cut.

    Not safe to call from two threads at once: its owner sees to it.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._number = max((int(path.stem) for path in self.segments()), default=0)
        self._file: int | None = None
        self._length = 0

    def segments(self) -> list[Path]:
        """Every segment on the disk, oldest first, the one being written included."""
        return sorted(self._folder.glob("*.ndjson"))

    def append(self, lines: Sequence[bytes]) -> None:
        """Written and synced when this returns; nothing of it is left when it raises."""
        if self._file is None:
            self._number += 1
            path = self._folder / f"{self._number:012d}.ndjson"
            self._file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
            self._length = 0
            sync_folder(self._folder)
        data = b"\n".join(lines) + b"\n"
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._file, view) :]
            os.fdatasync(self._file)
        except OSError:
            # A full disk may have taken half a line; the next append must not continue it.
            os.ftruncate(self._file, self._length)
            raise
        self._length += len(data)

    def rotate(self) -> Path | None:
        """The segment written so far, closed; None when it is empty. The next append starts a new one."""
        if self._file is None:
            return None
        os.close(self._file)
        self._file = None
        return self._folder / f"{self._number:012d}.ndjson"

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def replace_file(temporary: Path, final: Path) -> None:
    """`temporary` under its final name, whole or not at all, also after a power cut."""
    file = os.open(temporary, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
    temporary.replace(final)
    sync_folder(final.parent)


def sync_folder(folder: Path) -> None:
    """The folder's list of names on the disk: a new file is only found after a power cut when this was done."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
