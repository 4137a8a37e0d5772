"""Tells who keeps answers of offers that they may be others from now on."""

from __future__ import annotations

import asyncio

from tailorbird.bus import Announcer
from tailorbird.contracts.offers import CHANGED, OffersChanged

__all__ = ["Changes"]


class Changes:
    """Announces at once from `begin` on; whoever has no connection asks again anyway once they have one.

    A service that starts finds everything changed. It says so when it answers: until then what was answered before is
    all that others have.
    """

    def __init__(self, announcer: Announcer) -> None:
        self._announcer = announcer
        self._begun = False
        self._telling: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        """The service answers from now on."""
        self._begun = True
        self.of_all()

    def of_all(self) -> None:
        """Documents, the catalogue or budgets are others."""
        self._tell(OffersChanged())

    def of(self, person: str) -> None:
        """This customer refused or redeemed something, or something was decided for them ahead of time."""
        self._tell(OffersChanged(person=person))

    def _tell(self, message: OffersChanged) -> None:
        if not self._begun:
            return
        task = asyncio.get_running_loop().create_task(self._announcer.announce(CHANGED, message))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
