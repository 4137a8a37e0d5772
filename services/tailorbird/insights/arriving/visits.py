"""Which decisions begin a visit: the first of a person on a page, or the first after half an hour without one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

__all__ = ["Visits"]

PAUSE = 1_800.0
"""Seconds without a page after which a visit is over."""
REMEMBERED = 200_000


class Visits:
    """When each of the persons here lately was last served a page."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, float] = OrderedDict()

    def remember(self, seen: Iterable[tuple[str, float]]) -> None:
        """What an earlier process saw: person and time, oldest first."""
        for person, at in seen:
            self._last[person] = at

    def begins(self, person: str, subject: str, at: float) -> bool:
        """Whether this decision begins a visit. Of somebody without a pseudonym each page does, as none is known to
        belong to another; an e-mail never does.
        """
        if subject.startswith("email/"):
            return False
        if not person:
            return True
        before = self._last.pop(person, None)
        self._last[person] = at if before is None else max(at, before)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
        return before is None or at - before > PAUSE
