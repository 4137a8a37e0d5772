"""Profiles' answers about persons as such: who is one with whom, what is kept of somebody, and erasing it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from tailorbird.bus import AnsweringBus
from tailorbird.contracts.identity import (
    DECIDE_SUGGESTION,
    ERASE,
    EXPORT,
    IDENTITY_PAGE,
    MERGES,
    PERSON_ERASED,
    SUGGEST,
    SUGGESTIONS,
    UNMERGE,
)
from tailorbird.profiles.answering.answers import ProfileAnswers
from tailorbird.profiles.collecting.consuming import EventConsumer
from tailorbird.profiles.identity import suggesting
from tailorbird.profiles.identity.joining import Joiner
from tailorbird.profiles.identity.suggesting import Suggesting
from tailorbird.profiles.rights.erasing import Eraser
from tailorbird.profiles.rights.exporting import Exports

__all__ = ["answering_of_persons"]


@contextlib.asynccontextmanager
async def answering_of_persons(
    bus: AnsweringBus,
    eraser: Eraser,
    joiner: Joiner,
    answers: ProfileAnswers,
    consumer: EventConsumer,
) -> AsyncIterator[None]:
    """Answers for as long as it is entered; from here on the consumer keeps merges, and drops events of the erased."""
    directory, store, keeper = joiner.directory, joiner.store, joiner.merges
    suggestions = Suggesting(await bus.bucket(suggesting.BUCKET), directory.keyring, store, joiner)
    consumer.allowed = eraser.allowed
    consumer.remember_merges = keeper.remember
    await bus.listener.hear(PERSON_ERASED, eraser.heard)
    await eraser.open()
    try:
        await bus.answerer.answer(ERASE, eraser.answer)
        await bus.answerer.answer(EXPORT, Exports(directory, store, answers, bus.listener).answer)
        await bus.answerer.answer(MERGES, keeper.answer)
        await bus.answerer.answer(UNMERGE, keeper.unmerge)
        await bus.answerer.answer(IDENTITY_PAGE, suggestions.page)
        await bus.answerer.answer(SUGGEST, suggestions.suggest)
        await bus.answerer.answer(SUGGESTIONS, suggestions.listed)
        await bus.answerer.answer(DECIDE_SUGGESTION, suggestions.decide)
        yield
    finally:
        await eraser.close()
