"""Batches on disk, each in a file of its own: there entirely or not at all, whenever the power goes."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct

from tailorbird.contracts.profiles import Event, EventBatch

__all__ = ["Spooled", "SpoolFolder"]

_SUFFIX = ".batch"

log = structlog.get_logger(__name__)


class Spooled(Struct, frozen=True):
    """A batch as it rests on disk, with the id under which it goes, or went already, to the stream."""

    message_id: str
    batch: EventBatch


class SpoolFolder:
    """Files in the order in which they were written. Its methods block: call them in a thread."""

    def __init__(self, folder: Path) -> None:
        """Finds what an earlier process left. Half-written files go: nobody was told that those events are safe."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        for leftover in folder.glob("*.tmp"):
            leftover.unlink()
        self._lock = threading.Lock()
        self._files = deque(sorted(folder.glob(f"*{_SUFFIX}")))
        self._sizes = {file: file.stat().st_size for file in self._files}
        self._bytes = sum(self._sizes.values())
        self._next = int(self._files[-1].stem) + 1 if self._files else 1

    def __len__(self) -> int:
        return len(self._files)

    @property
    def bytes(self) -> int:
        return self._bytes

    def write(self, spooled: Spooled) -> None:
        """On disk for good when this returns."""
        body = _encode(spooled)
        file = self._folder / f"{self._next:020d}{_SUFFIX}"
        self._next += 1
        temporary = file.with_suffix(".tmp")
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                out.write(body)
                out.flush()
                os.fsync(out.fileno())
            temporary.rename(file)
        except OSError:
            temporary.unlink(missing_ok=True)  # Half a batch helps nobody, least of all on a full disk.
            raise
        self._sync_folder()
        with self._lock:
            self._files.append(file)
            self._sizes[file] = len(body)
            self._bytes += len(body)

    def rewrite(self, keep: Callable[[Event], bool]) -> None:
        """Leaves out of every batch the events that are not to be kept."""
        for file in list(self._files):
            try:
                spooled = _decode(file.read_bytes())
            except (OSError, msgspec.MsgspecError):
                continue  # It was sent meanwhile, or is set aside when its turn comes.
            events = tuple(event for event in spooled.batch.events if keep(event))
            if len(events) == len(spooled.batch.events):
                continue
            temporary = file.with_suffix(".tmp")
            temporary.write_bytes(_encode(Spooled(spooled.message_id, EventBatch(events=events))))
            with self._lock:
                if file in self._sizes:
                    temporary.replace(file)
            temporary.unlink(missing_ok=True)

    def oldest(self) -> Spooled | None:
        """The batch that waits longest; one that can't be read is set aside, for somebody to look at."""
        while self._files:
            file = self._files[0]
            try:
                return _decode(file.read_bytes())
            except (OSError, msgspec.MsgspecError) as error:
                log.error("spooled_batch_unreadable", file=str(file), reason=str(error))
                file.rename(file.with_suffix(".unreadable"))
                self._forget(file)
        return None

    def remove_oldest(self) -> None:
        file = self._files[0]
        file.unlink(missing_ok=True)
        self._forget(file)

    def _forget(self, file: Path) -> None:
        with self._lock:
            self._files.remove(file)
            self._bytes -= self._sizes.pop(file)

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Spooled).decode
