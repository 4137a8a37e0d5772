"""Suggestions that two persons are one: kept apart until somebody accepts one, never made again once refused."""

from __future__ import annotations

import time

import msgspec
from msgspec.structs import replace

from tailorbird.bus import Bucket
from tailorbird.contracts.identity import (
    DecideSuggestionQuery,
    IdentityPage,
    IdentityPageQuery,
    IdentityRow,
    SuggestedIdentity,
    Suggestions,
    SuggestionsQuery,
    SuggestQuery,
)
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.identity.joining import Joiner
from tailorbird.profiles.keeping.keyring import Keyring
from tailorbird.profiles.keeping.store import ProfileStore
from tailorbird.profiles.person.profile import Link, StoredProfile

__all__ = ["BUCKET", "Suggesting"]

BUCKET = "identity_suggestions"


class Suggesting:
    """Answers what `tailorbird identity` asks. What is stored of a suggestion names nobody."""

    def __init__(self, bucket: Bucket, keyring: Keyring, store: ProfileStore, joiner: Joiner) -> None:
        self._bucket = bucket
        self._keyring = keyring
        self._store = store
        self._joiner = joiner

    async def page(self, query: IdentityPageQuery) -> IdentityPage:
        """What is known of who persons are, page by page: for the command that compares them."""
        persons = await self._keyring.after(query.after, query.count)
        opened = await self._store.load(persons, keep=False)
        rows = [_row(one.pseudonym, opened[one.pseudonym].stored) for one in persons if opened[one.pseudonym].revision]
        return IdentityPage(rows=tuple(rows), after=persons[-1].pseudonym if len(persons) == query.count else "")

    async def suggest(self, query: SuggestQuery) -> Suggestions:
        """Those that are new: a pair that was suggested before keeps what was decided of it."""
        kept = await self._all()
        new: list[SuggestedIdentity] = []
        for one in query.suggestions:
            key = _key(one.one, one.other)
            before = kept.get(key)
            if before is not None and (before.state != "open" or before.score == one.score):
                continue
            suggestion = replace(one, at=time.time(), state="open")
            await self._bucket.put(key, msgspec.json.encode(suggestion))
            new.append(suggestion)
        return Suggestions(suggestions=tuple(new))

    async def listed(self, query: SuggestionsQuery) -> Suggestions:
        """Best first, with the ids of both persons; of somebody who is no more nothing is suggested."""
        found: list[SuggestedIdentity] = []
        for one in (await self._all()).values():
            if query.state and one.state != query.state:
                continue
            stored = await self._both(one)
            if stored is not None:
                ids = tuple(profile.customer_id or (profile.anonymous_ids or ("",))[-1] for profile in stored)
                found.append(replace(one, ids=ids))
        return Suggestions(suggestions=tuple(sorted(found, key=lambda one: -one.score)))

    async def decide(self, query: DecideSuggestionQuery) -> SuggestedIdentity:
        """The suggestion as decided; accepted, the two are one person. Raises Fault(404, 409)."""
        one = (await self._all()).get(query.suggestion_id)
        if one is None:
            raise Fault(404, f"There is no suggestion '{query.suggestion_id}'.")
        if one.state != "open":
            raise Fault(409, f"This suggestion was {one.state} already.")
        if query.accept:
            await self._merge(one, query.by)
        decided = replace(one, state="accepted" if query.accept else "refused", by=query.by)
        await self._bucket.put(query.suggestion_id, msgspec.json.encode(decided))
        return decided

    async def _merge(self, one: SuggestedIdentity, by: str) -> None:
        persons = [person for name in (one.one, one.other) if (person := await self._keyring.person(name)) is not None]
        if len(persons) < 2:
            raise Fault(409, "One of the two is no person of their own any more.")
        link = Link(f"person:{persons[1].pseudonym}", int(time.time()), "accepted", f"score {one.score} by {by}")
        await self._joiner.join(persons[0], persons[1], link)

    async def _both(self, one: SuggestedIdentity) -> tuple[StoredProfile, StoredProfile] | None:
        found: list[StoredProfile] = []
        for name in (one.one, one.other):
            person = await self._keyring.person(name)
            if person is None:
                return None
            found.append((await self._store.load((person,), keep=False))[name].stored)
        return found[0], found[1]

    async def _all(self) -> dict[str, SuggestedIdentity]:
        entries = await self._bucket.entries()
        return {
            key: msgspec.json.decode(entry.value, type=SuggestedIdentity)
            for key, entry in entries.items()
            if entry.value
        }


def _key(one: str, other: str) -> str:
    return ".".join(sorted((one, other)))


def _row(pseudonym: str, stored: StoredProfile) -> IdentityRow:
    """Given and imported traits, and the links by kind."""
    by_kind: dict[str, list[str]] = {}
    for link in stored.links:
        kind, _, value = link.identity.partition(":")
        by_kind.setdefault(kind, []).append(value)

    def trait(name: str) -> str:
        found = stored.traits.get(name)
        return str(found.value) if found is not None else ""

    return IdentityRow(
        person=pseudonym,
        is_customer=bool(stored.customer_id),
        first_name=trait("first_name"),
        last_name=trait("last_name"),
        birthday=trait("birthday"),
        postal_code=trait("postal_code"),
        city=trait("city"),
        email=(by_kind.get("email") or [""])[-1],
        phone=(by_kind.get("phone") or [""])[-1],
        household=(by_kind.get("household") or [""])[-1],
        ips=tuple(by_kind.get("ip", ())),
        devices=tuple(by_kind.get("device", ())),
    )
