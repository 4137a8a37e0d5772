"""An asker that waits long: for work that nobody watches, whose questions stand behind those of pages."""

from __future__ import annotations

from msgspec.structs import replace

from tailorbird.bus import Answer, Asker, Query
from tailorbird.contracts.wire import Endpoint

__all__ = ["PATIENCE_MS", "Patient"]

PATIENCE_MS = 10_000


class Patient:
    """Asks as the asker that it has, with a budget of `PATIENCE_MS` and no second instance asked meanwhile."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def ask(self, endpoint: Endpoint[Query, Answer], query: Query) -> Answer:
        return await self._asker.ask(_patient(endpoint), query)

    async def ask_encoded(self, endpoint: Endpoint[Query, Answer], query: Query) -> bytes:
        return await self._asker.ask_encoded(_patient(endpoint), query)


def _patient(endpoint: Endpoint[Query, Answer]) -> Endpoint[Query, Answer]:
    return replace(endpoint, budget_ms=PATIENCE_MS, hedge=False)
