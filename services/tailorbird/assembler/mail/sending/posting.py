"""Messages handed over: lines of JSON in a folder, for systems that send; or mails to an SMTP server (`smtp.py`)."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from tailorbird.assembler.mail.sending.outgoing import Outgoing, Push
from tailorbird.contracts.mail import StandingWord
from tailorbird.contracts.wire import Fault

__all__ = ["Folder", "Post", "Posted", "Recovered", "post_to"]

Message = Outgoing | Push
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
"""The lines hold addresses: files of theirs are for their owner alone."""
_encode_into = msgspec.json.Encoder().encode_into


class Posted(Struct, frozen=True):
    """What became of one message."""

    mark: str
    left: bool
    word: StandingWord | None = None
    """What is known of the address from now on: that it bounced."""
    reason: str = ""


class Recovered(Struct, frozen=True):
    """Messages that left before a process was killed, of which it could not tell any more."""

    batch: str
    marks: tuple[str, ...]


class Post(Protocol):
    """Where messages go."""

    async def post(self, batch: str, messages: Sequence[Message]) -> list[Posted]:
        """One outcome for each. Raises Fault(503) when nothing of the batch left and it should be tried again."""
        ...

    def recovered(self) -> Iterator[Recovered]:
        """What has left, batch by batch, as far as it stands on this machine."""
        ...

    def close(self) -> None: ...


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


@contextlib.asynccontextmanager
async def post_to(where: str, journal: Path, passes: int = 4) -> AsyncIterator[Post]:
    """A folder, or `smtp://user:password@host:587` (`smtps://` where TLS comes first). `journal`: what left by SMTP
    is noted there, so that a killed process does not send it again. Raises Fault(422, 503).
    """
    post: Post
    if where.startswith(("smtp://", "smtps://")):
        from tailorbird.assembler.mail.sending.smtp import Smtp

        post = await asyncio.to_thread(Smtp, where, journal, passes)
    elif "://" in where:
        raise Fault(422, f"'{where}' is neither a folder nor smtp://host:port.")
    else:
        post = Folder(Path(where))
    try:
        yield post
    finally:
        await asyncio.to_thread(post.close)
