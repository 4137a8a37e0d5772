"""Answers EXPORT: everything that profiles keep of one person, readable, for the person themself."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from tailorbird.bus import Listener
from tailorbird.contracts.identity import ExportQuery
from tailorbird.contracts.profiles import COLLECTED, Event, View
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.answering.answers import ProfileAnswers
from tailorbird.profiles.answering.showing import shown, timeline, visits
from tailorbird.profiles.identity.belonging import ids_of, ids_of_all
from tailorbird.profiles.identity.directory import Directory
from tailorbird.profiles.keeping.store import ProfileStore
from tailorbird.profiles.person.profile import StoredProfile

__all__ = ["Exports"]



class Exports:
    """Reads the profile and the raw events that the stream still holds."""

    def __init__(
        self, directory: Directory, store: ProfileStore, answers: ProfileAnswers, listener: Listener
    ) -> None:
        self._directory = directory
        self._store = store
        self._answers = answers
        self._listener = listener

    async def answer(self, query: ExportQuery) -> View:
        """All of it. Raises Fault(404) when nothing is stored under this id."""
        ids = ids_of(query.customer)
        persons = await self._directory.find(ids)
        opened = await self._store.load({person.pseudonym: person for person in persons.values()}.values())
        stored = [opened[persons[identity].pseudonym] for identity in ids if identity in persons]
        found = [one for one in stored if one.revision]
        if not found:
            raise Fault(404, f"Nothing is known of '{query.customer.customer_id or query.customer.anonymous_id}'.")
        main, at = found[0], time.time()
        whole: dict[str, Any] = {
            **shown(self._answers.whole(main, at), main.stored, at),
            "stated": _stated(main.stored),
            "visits": visits(main.stored, at),
            "timeline": timeline(main.stored, await self._store.timelines.lines(main.stored)),
            "events": [msgspec.to_builtins(event) for event in await self._events(main.person.pseudonym)],
        }
        return View(body=msgspec.Raw(msgspec.json.encode(whole)))

    async def _events(self, pseudonym: str) -> Sequence[Event]:
        """Raw events of the last days whose ids lead to this person."""
        found: list[Event] = []
        async for part in self._listener.stored(COLLECTED):
            events = [event for stored in part for event in stored.message.events]
            persons = await self._directory.find(ids_of_all(events))
            mine = {identity for identity, person in persons.items() if person.pseudonym == pseudonym}
            found += [event for event in events if ids_of_all((event,)) & mine]
        return found


def _stated(stored: StoredProfile) -> dict[str, Any]:
    """What was said of the person, each with its source and time, also what counts for nothing yet."""
    told = {
        name: {"value": trait.value, "source": trait.source, "at": trait.at} for name, trait in stored.traits.items()
    }
    claims = {
        name: {"value": trait.value, "source": trait.source, "at": trait.at} for name, trait in stored.claims.items()
    }
    words = {
        purpose: {"granted": word.granted, "at": word.at, "source": word.source}
        for purpose, word in stored.consent.items()
    }
    return {"traits": told, "claims": claims, "consent": words, "claimed_customer": stored.claimed_customer}
