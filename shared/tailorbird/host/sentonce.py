"""Parts of what is known of a customer that are sent once and named afterwards: most of a page's bytes on the bus."""

from __future__ import annotations

from collections import OrderedDict

from msgspec import Raw

from tailorbird.contracts.wire import Fault

__all__ = ["NOT_HELD", "SentOnce"]

NOT_HELD = 428
"""Code of the fault that asks for the facts themselves (HTTP: Precondition Required)."""

NOTHING = (b"{}", b"[]")


class SentOnce:
    """The `size` parts used last, by the name under which they were sent."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[str, bytes] = OrderedDict()

    def clear(self) -> None:
        """Forgets them all: somebody was erased, and these have no name by which to find theirs."""
        self._held.clear()

    def part(self, came: Raw, name: str) -> bytes:
        """The part, the same object each time. Raises Fault(428) when a name alone came that is not held."""
        if not name:
            return bytes(came)
        held = self._held.get(name)
        if held is not None:
            self._held.move_to_end(name)
            return held
        sent = bytes(came)
        if sent in NOTHING:
            raise Fault(NOT_HELD, "These facts of the customer are not held here (any more); send them along.")
        self._held[name] = sent
        if len(self._held) > self._size:
            self._held.popitem(last=False)
        return sent
