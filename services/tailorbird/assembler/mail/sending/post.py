"""What every way of handing messages over does, and says of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from tailorbird.assembler.mail.sending.outgoing import Outgoing, Push
from tailorbird.contracts.mail import StandingWord

__all__ = ["Message", "Post", "Posted", "Recovered"]

Message = Outgoing | Push


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
