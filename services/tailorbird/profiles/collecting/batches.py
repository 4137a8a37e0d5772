"""What a batch of events makes of profiles and of who is who: decided here, stored by `consuming.py`. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

import structlog
from msgspec import Struct, structs

from tailorbird.contracts.profiles import Event, Purchased, RefusedEvent
from tailorbird.profiles.collecting.checking import mistake_in
from tailorbird.profiles.identity.belonging import Belonging, belonging, ids_of_all
from tailorbird.profiles.identity.graph import noted, strong_ids
from tailorbird.profiles.person.consent import allows_personalization, silent
from tailorbird.profiles.person.folding import fold
from tailorbird.profiles.person.marks import remembered_long_ago
from tailorbird.profiles.person.merging import absorbed
from tailorbird.profiles.person.products import purchased
from tailorbird.profiles.person.profile import StoredProfile, mark_of

__all__ = ["Changes", "Fold", "MergeRecord", "NeedsPersonError"]

log = structlog.get_logger(__name__)


class NeedsPersonError(Exception):
    """An id has no person yet: make one and start the batch again."""

    def __init__(self, identity: str) -> None:
        super().__init__(identity)
        self.identity = identity


class MergeRecord(Struct, frozen=True):
    """Two profiles just before they became one."""

    source: str
    target: str
    visitor: StoredProfile
    customer: StoredProfile


class Changes(Struct):
    """What a batch changed."""

    profiles: dict[str, StoredProfile] = {}
    """Pseudonym -> profile."""
    moved: dict[str, str] = {}
    """Id -> pseudonym to which it leads from now on."""
    merged: dict[str, StoredProfile] = {}
    """Pseudonym -> its last profile, which names the person of whom it became part."""
    records: list[MergeRecord] = []
    """Both profiles of each merge as they were just before."""
    parted: list[str] = []
    """Ids of devices that several customers use: each gets a new person."""
    heard: list[tuple[str, Event]] = []
    """Notable events that were new, each with the pseudonym it was folded into."""
    heard_again: list[tuple[str, Event]] = []
    """Those that had been folded before."""
    refused: list[RefusedEvent] = []
    purchased: list[Purchased] = []
    """Orders that profiles did not know."""


class Fold:
    """Folds events in their order into profiles that were read before."""

    def __init__(
        self,
        owners: Mapping[str, str],
        profiles: Mapping[str, StoredProfile],
        pages: Mapping[str, bytes],
        at: float = 0.0,
        notable: Container[str] = frozenset(),
    ) -> None:
        """`owners`: id -> pseudonym. `profiles`: pseudonym -> profile, empty ones too. `pages`: of their old marks.
        `notable`: names of events, in lower case, that somebody waits for (of an event that is no track event, its
        type).
        """
        self._at = at
        self._notable = notable
        self._owners = dict(owners)
        self._pages = pages
        self._profiles = dict(profiles)
        self.changes = Changes()

    def take(self, events: Iterable[Event]) -> Changes:
        """What these events changed. Raises NeedsPersonError."""
        for event in events:
            mistake = mistake_in(event)
            if mistake:
                self._refuse(event, mistake)
                continue
            where = belonging(event, self._owner_of)
            if where.into not in self._owners:
                if silent(event) or not (event.customer_id or event.anonymous_id):
                    continue
                raise NeedsPersonError(where.into)
            if where.parted:
                self._part(where.parted)
            if where.link:
                self._link(where)
            for identity in strong_ids(event):
                self._tie(identity, where)
            self._fold(event, where)
        return self.changes

    def _owner_of(self, identity: str) -> StoredProfile | None:
        pseudonym = self._owners.get(identity)
        return self._profiles.get(pseudonym) if pseudonym is not None else None

    def _fold(self, event: Event, where: Belonging) -> None:
        pseudonym = self._owners[where.into]
        before = self._profiles[pseudonym]
        if before.mark_pages and remembered_long_ago(before, self._pages, mark_of(event.message_id)):
            return
        told = event if where.with_visitor else structs.replace(event, anonymous_id="")
        try:
            after = fold(before, told, where.claim)
        except Exception as error:
            # One event that breaks folding must not hold up everybody else's.
            log.exception("event_not_folded", message_id=event.message_id, kind=event.type)
            self._refuse(event, f"Folding it failed: {type(error).__name__}.")
            return
        after = noted(before, after, told)
        if after.orders > before.orders:
            self.changes.purchased.append(purchased(event, pseudonym))
        self._change(pseudonym, before, after)
        if (event.event.lower() if event.type == "track" else event.type) in self._notable:
            (self.changes.heard_again if after is before else self.changes.heard).append((pseudonym, event))

    def _refuse(self, event: Event, reason: str) -> None:
        if silent(event) and not self._agreed(event):
            # Nothing is kept of who they are, and of what cannot be read nobody knows whether it says.
            event = structs.replace(
                event, customer_id="", anonymous_id="", previous_id="", traits={}, context={},
                properties={} if event.mistake else event.properties,
            )  # fmt: skip
        self.changes.refused.append(RefusedEvent(event=event, reason=reason, at=self._at))

    def _agreed(self, event: Event) -> bool:
        owners = map(self._owner_of, ids_of_all((event,)))
        return any(owner is not None and allows_personalization(owner.consent, True) for owner in owners)

    def _link(self, where: Belonging) -> None:
        """The anonymous id leads to the customer from now on, and what was known of the visitor with it."""
        target, source = self._owners[where.into], self._owners.get(where.link)
        if source is not None and source != target:
            self._merge(source, target)
        elif source is None:
            self.changes.moved[where.link] = target
        self._owners[where.link] = target

    def _tie(self, identity: str, where: Belonging) -> None:
        """A strong identifier leads to one person: two profiles that share it are one, unless both are customers'."""
        mine, other = self._owners[where.into], self._owners.get(identity)
        if other is None:
            self._owners[identity] = self.changes.moved[identity] = mine
            return
        if other == mine:
            return
        me, them = self._profiles[mine], self._profiles[other]
        names = {one for one in (where.into.partition(":")[2] if where.into.startswith("customer:") else "",
                                 me.customer_id, them.customer_id) if one}  # fmt: skip
        if me.shared or them.shared or names & {*me.kept_apart, *them.kept_apart}:
            return
        if len(names) > 1:
            # Two customers: a device they share belongs to neither from now on; a shared address is a hint, no proof.
            if identity.startswith("device:"):
                self._part(identity)
            return
        source, target = (mine, other) if them.customer_id else (other, mine)
        self._merge(source, target)
        self._owners[identity] = target

    def _merge(self, source: str, target: str) -> None:
        before, visitor = self._profiles[target], self._profiles[source]
        self.changes.records.append(MergeRecord(source, target, visitor, before))
        self._change(target, before, absorbed(before, visitor, source))
        self._owners = {identity: target if owner == source else owner for identity, owner in self._owners.items()}
        self.changes.moved = {
            identity: target if owner == source else owner for identity, owner in self.changes.moved.items()
        }
        self.changes.merged[source] = structs.replace(visitor, merged_into=target)
        self.changes.profiles.pop(source, None)

    def _part(self, identity: str) -> None:
        del self._owners[identity]
        self.changes.moved.pop(identity, None)
        self.changes.parted.append(identity)

    def _change(self, pseudonym: str, before: StoredProfile, after: StoredProfile) -> None:
        if after is not before:
            self._profiles[pseudonym] = self.changes.profiles[pseudonym] = after
