"""How a contract travels and where things rest. The only package that imports nats.

The protocols below stand in the order in which a reader meets them. `connect.py` opens them all. Questions travel by
`asking.py` (over NATS, coalesced by `lanes.py`) or `local.py` (within the process), with `patience.py` where nobody
watches; `call.py` holds the deadline and trace of the call in progress. What rests in JetStream: `buckets.py`,
`objects.py`, `journals.py`, and streams, read by `consuming.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from tailorbird.contracts.wire import Endpoint, Fault, Message, Topic

Query = TypeVar("Query", bound=Message)
Answer = TypeVar("Answer", bound=Message)
Announced = TypeVar("Announced", bound=Message)


class Asker(Protocol):
    """Asks. Raises the Fault that the answerer raised; Fault(503) when nobody answers, Fault(504) when too late."""

    async def ask(self, endpoint: Endpoint[Query, Answer], query: Query) -> Answer: ...

    async def ask_encoded(self, endpoint: Endpoint[Query, Answer], query: Query) -> bytes:
        """The answer as the JSON it travelled in, for a route that passes it on unread."""
        ...


class Answerer(Protocol):
    """Answers. Handlers run side by side, each under its asker's deadline and trace."""

    async def answer(
        self, endpoint: Endpoint[Query, Answer], handler: Callable[[Query], Awaitable[Answer]]
    ) -> None: ...

    async def answer_together(
        self,
        endpoint: Endpoint[Query, Answer],
        handler: Callable[[Sequence[Query]], Awaitable[Sequence[Answer | Fault]]],
    ) -> None:
        """Hands the handler all queries that arrived in one message: one outcome for each, in their order."""
        ...


class Announcer(Protocol):
    """Announces. Without a stream on the topic: sent and forgotten. `append` waits until it is stored."""

    async def announce(self, topic: Topic[Announced], message: Announced) -> None: ...

    async def append(self, topic: Topic[Announced], message: Announced, message_id: str) -> None:
        """Stored when this returns; the same id within two minutes is stored once. Raises Fault(503) when it cannot."""
        ...


class Stored(Struct, Generic[Announced], frozen=True):
    """A message of a stream, and its place there."""

    place: int
    message: Announced


class Listener(Protocol):
    """Listens. `hear` may miss what is said while away; `consume` is durable and hands over until told it is done."""

    async def hear(self, topic: Topic[Announced], handler: Callable[[Announced], Awaitable[None]]) -> None: ...

    async def consume(
        self,
        topic: Topic[Announced],
        name: str,
        handler: Callable[[Sequence[Announced]], Awaitable[None]],
        batch: int = 100,
    ) -> None:
        """A durable pull consumer: at least once, in order; acknowledged when the handler returns, else again."""
        ...

    def stored(self, topic: Topic[Announced], after: int = 0) -> AsyncIterator[Sequence[Stored[Announced]]]:
        """What the topic's stream holds now beyond place `after`, oldest first: nothing is acknowledged."""
        ...

    async def erase(self, topic: Topic[Announced], place: int) -> None:
        """Overwrites the message at this place of the topic's stream."""
        ...

    async def erase_through(self, topic: Topic[Announced], place: int) -> None:
        """Removes everything up to this place of the topic's stream."""
        ...


class Entry(Struct, frozen=True):
    """One value of a bucket. Deleted: `value` is None."""

    key: str
    value: bytes | None
    revision: int


class Bucket(Protocol):
    """Key-value with revisions: at most a megabyte a value. Keys: letters, digits, `_-./=`."""

    async def get(self, key: str) -> Entry | None: ...

    async def get_all(self, keys: Sequence[str]) -> dict[str, Entry]:
        """The live entries of these keys, in one read."""
        ...

    async def put(self, key: str, value: bytes, revision: int | None = None) -> int:
        """The new revision. With `revision` (0: must not exist) raises Fault(409) when another was faster."""
        ...

    async def put_all(self, values: Sequence[tuple[str, bytes, int]]) -> list[int | Fault]:
        """(key, value, revision) side by side: the new revision of each, or why it could not be put."""
        ...

    async def put_many(self, values: dict[str, bytes]) -> None:
        """Puts all, side by side; for bulk loads."""
        ...

    async def delete(self, key: str) -> None: ...

    async def entries(self) -> dict[str, Entry]:
        """Every live entry: for small buckets (documents)."""
        ...

    def watch(self, after: int = 0) -> AsyncIterator[Entry]:
        """Each change with a revision above `after`, in order, forever; survives reconnects without a gap."""
        ...

    async def revision(self) -> int:
        """Revision of the latest change, 0 when empty."""
        ...


class Noted(Struct, frozen=True):
    """One entry of a journal; its sequence rises with every entry."""

    sequence: int
    value: bytes


class Journal(Protocol):
    """Entries in one order on the ledger server, each on disk when `append` returns."""

    async def append(self, value: bytes, message_id: str) -> int:
        """The entry's sequence: sent again with the same id within two minutes it is there once, and has the same.

        Raises Fault(503) when it may or may not be there: then send it again.
        """
        ...

    async def read(self, after: int, most: int = 0) -> list[Noted]:
        """The entries after this sequence (0: from the first), in their order; at most so many (0: all there are)."""
        ...


class ObjectInfo(Struct, frozen=True):
    name: str
    size: int
    digest: str
    metadata: dict[str, str]


class Objects(Protocol):
    """Files by name, up to gigabytes, checked against their digest when fetched."""

    async def put(self, name: str, path: Path, metadata: dict[str, str] | None = None) -> ObjectInfo: ...

    async def fetch(self, name: str, into: Path) -> ObjectInfo:
        """Writes to a temporary file beside `into`, checks, renames. Fault(404) when there is none."""
        ...

    async def info(self, name: str) -> ObjectInfo | None: ...

    async def names(self) -> list[str]: ...

    async def delete(self, name: str, *, overwrite: bool = False) -> None:
        """`overwrite`: its bytes are overwritten on disk too, as they hold what must not be read again."""
        ...


class AnsweringBus(Protocol):
    """The pieces that a service gets which answers and never asks."""

    @property
    def answerer(self) -> Answerer: ...
    @property
    def announcer(self) -> Announcer: ...
    @property
    def listener(self) -> Listener: ...

    async def bucket(self, name: str, days: float = 0.0) -> Bucket:
        """The bucket, made when there is none. `days`: how long a value stays; 0: until it is deleted."""
        ...

    async def objects(self, name: str) -> Objects: ...
    async def journal(self, name: str) -> Journal: ...


class AskingBus(AnsweringBus, Protocol):
    """All of it: for the assembler, the studio, HTTP routes and the command line."""

    @property
    def asker(self) -> Asker: ...
