"""Messages as lines of JSON in a folder, for systems that send."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from tailorbird.assembler.mail.sending.post import Message, Posted, Recovered
from tailorbird.contracts.wire import Fault

__all__ = ["Folder"]

_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
"""The lines hold addresses: files of theirs are for their owner alone."""
_encode_into = msgspec.json.Encoder().encode_into


class _Line(Struct, frozen=True):
    mark: str


class Folder:
    """Writes `<batch>.ndjson`, a message a line: a batch is there whole or not at all, and only once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Fault(422, f"Nothing can be written to {folder}: {error.strerror}.") from error

    async def post(self, batch: str, messages: Sequence[Message]) -> list[Posted]:
        await asyncio.to_thread(self.write, batch, messages)
        return [Posted(message.mark, left=True) for message in messages]

    def write(self, batch: str, messages: Sequence[Message]) -> None:
        """On disk when this returns. A batch that is there already is left alone."""
        path = self._folder / f"{batch}.ndjson"
        if path.exists():
            return
        temporary = path.with_suffix(".new")
        try:
            with os.fdopen(os.open(temporary, _NEW, 0o600), "wb") as file:
                # One buffer for all: new memory for each mail costs as much as writing it.
                line = bytearray()
                for message in messages:
                    _encode_into(message, line)
                    line += b"\n"
                    file.write(line)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError as error:
            raise Fault(503, f"{path} cannot be written: {error.strerror}.") from error

    def recovered(self) -> Iterator[Recovered]:
        decode = msgspec.json.Decoder(_Line).decode
        for path in sorted(self._folder.glob("*.ndjson")):
            with path.open("rb") as file:
                yield Recovered(path.stem, tuple(decode(line).mark for line in file))

    def close(self) -> None:
        """Nothing is open."""
