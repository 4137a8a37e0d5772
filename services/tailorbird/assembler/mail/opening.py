"""Mail's own answers: what an address wants, and what becomes of it when somebody says otherwise."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

from tailorbird.assembler.mail.keeping import Standings
from tailorbird.bus import AskingBus
from tailorbird.contracts.mail import CHANGE_STANDING, STANDING

__all__ = ["answering_mail"]


@contextlib.asynccontextmanager
async def answering_mail(bus: AskingBus, clock: Callable[[], float]) -> AsyncIterator[Standings]:
    """Answers for as long as it is entered."""
    async with Standings(await bus.bucket("mail_standings"), clock) as standings:
        await bus.answerer.answer(STANDING, standings.answer)
        await bus.answerer.answer(CHANGE_STANDING, standings.change)
        yield standings
