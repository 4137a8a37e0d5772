"""Answers VIEW: one person's profile as people read it, for who may see all of it."""

from __future__ import annotations

import time

import msgspec

from tailorbird.contracts.profiles import View, ViewQuery
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.answering.answers import ProfileAnswers
from tailorbird.profiles.answering.showing import contact_centre, shown, timeline, timeline_page
from tailorbird.profiles.identity.belonging import ids_of
from tailorbird.profiles.identity.directory import Directory
from tailorbird.profiles.keeping.store import OpenProfile, ProfileStore

__all__ = ["Views"]


class Views:
    """Reads the profile as it is stored now."""

    def __init__(self, directory: Directory, store: ProfileStore, answers: ProfileAnswers) -> None:
        self._directory = directory
        self._store = store
        self._answers = answers

    async def answer(self, query: ViewQuery) -> View:
        """The part asked for. Raises Fault(404) when nothing is stored under this id."""
        opened = await self._find(query)
        at = time.time()
        profile = self._answers.whole(opened, at)
        match query.part:
            case "timeline":
                lines = timeline(opened.stored, await self._store.timelines.lines(opened.stored))
                told: object = timeline_page(lines, query.count, query.before)
            case "contact_centre":
                told = contact_centre(profile, opened.stored, at)
            case _:
                told = shown(profile, opened.stored, at)
        return View(body=msgspec.Raw(msgspec.json.encode(told)))

    async def _find(self, query: ViewQuery) -> OpenProfile:
        ids = ids_of(query.customer)
        persons = await self._directory.find(ids)
        opened = await self._store.load({person.pseudonym: person for person in persons.values()}.values())
        for identity in ids:
            if identity in persons and opened[persons[identity].pseudonym].revision:
                return opened[persons[identity].pseudonym]
        raise Fault(404, f"Nothing is known of '{query.customer.customer_id or query.customer.anonymous_id}'.")
