"""Profiles at hand: a bounded cache that what profiles announces keeps fresh, so that a page needs no hop for them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from hashlib import blake2b

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from tailorbird.assembler.gathering.context import JUST_BOUGHT, latest_purchases
from tailorbird.assembler.gathering.patterns import Pattern, pattern_in
from tailorbird.assembler.items.cards import Cards
from tailorbird.contracts.profiles import Profile
from tailorbird.contracts.words import Bought, CustomerFacts, CustomerRef

__all__ = ["NO_HISTORY", "HeldProfile", "ProfileCache", "keys_of"]

WORTH_A_NAME = 400
"""Bytes of facts from which on it pays to send them once and name them afterwards."""
NO_HISTORY = Raw(b"[]")


_NOT_LOOKED = Pattern("", 0, 0)
_decode_history = msgspec.json.Decoder(tuple[Bought, ...]).decode


class HeldProfile:
    """A profile with what is made of it once: the facts as JSON that recommender and offers are sent.

    A long history is kept as the JSON that it came as, under a name of its own, and what of it is younger than seven
    days: as objects it would take ten times the memory.
    """

    __slots__ = (
        "_bought", "_bought_at", "_latest", "_pattern", "dismissed", "exposed", "facts", "facts_name",
        "facts_stored_in", "foreseen", "held_since", "history", "history_name", "history_sent", "history_stored_in",
        "profile", "sent_to",
    )  # fmt: skip

    def __init__(self, profile: Profile, held_since: float, foreseen: bool = False) -> None:
        self.history = profile.history if profile.history == NO_HISTORY else profile.history.copy()
        """The whole history where it is longer than what stands in the facts."""
        self.profile = replace(profile, facts=replace(profile.facts, history=()), history=NO_HISTORY)
        self.history_name = _name_of(self.history) if self.history != NO_HISTORY else ""
        self.facts = Raw(msgspec.json.encode(profile.facts))
        self.facts_name = _name_of(self.facts, self.history_name) if len(self.facts) > WORTH_A_NAME else ""
        """Stands in for facts and history where they were sent before."""
        self.sent_to: set[str] = set()
        """Subjects whose answerer has been sent these facts."""
        self.dismissed = profile.dismissed
        """Items that are not for them."""
        self.exposed: set[str] = set()
        """Experiments of which profiles was told that this person was exposed to them."""
        self._pattern: Pattern | None = _NOT_LOOKED
        self._latest = latest_purchases(profile, held_since)
        self.history_sent = False
        """True once the recommender has been sent this history."""
        self.history_stored_in = ""
        """The decision that carries this history."""
        self.foreseen = foreseen
        """True when events of a call were folded in that profiles has not announced yet."""
        self.facts_stored_in = ""
        """The decision that carries these facts; later decisions only refer to it."""
        self.held_since = held_since
        self._bought: frozenset[str] = frozenset()
        self._bought_at = 0.0

    def take_over(self, earlier: HeldProfile) -> None:
        """What was done with the same history before holds for it still."""
        if self.history_name and self.history_name == earlier.history_name:
            self.history = earlier.history
            self.history_sent, self.history_stored_in = earlier.history_sent, earlier.history_stored_in
            self._pattern = earlier._pattern

    def bought_lately(self, now: float) -> frozenset[str]:
        """Items bought within the last seven days; looked for once a minute."""
        if now - self._bought_at > 60.0:
            self._bought = frozenset(item_id for item_id, at in self._latest.items() if at >= now - JUST_BOUGHT)
            self._bought_at = now
        return self._bought

    def pattern(self, cards: Cards, zone: tzinfo) -> Pattern | None:
        """The clearest pattern in what they bought; looked for once, as the history is read for nothing else here."""
        if self._pattern is _NOT_LOOKED:
            if self.history_name:
                bought = _decode_history(self.history)
            else:
                bought = msgspec.json.decode(self.facts, type=CustomerFacts).history
            self._pattern = pattern_in(bought, cards, zone)
        return self._pattern

    def out_of_date(self, now: float, oldest: float) -> bool:
        """True when its visit has ended, or when it is so old that an announcement may have been missed."""
        expires_at = self.profile.expires_at
        return 0.0 < expires_at <= now or self.held_since < now - oldest


def _name_of(part: Raw, beside: str = "") -> str:
    return blake2b(part, digest_size=12, key=beside.encode()).hexdigest()


def keys_of(customer: CustomerRef) -> tuple[str, ...]:
    """Under which keys a profile is held: the customer's, then the anonymous one. Nobody in particular has one too."""
    if customer.customer_id:
        if customer.anonymous_id:
            return ("c/" + customer.customer_id, "a/" + customer.anonymous_id)
        return ("c/" + customer.customer_id,)
    return ("a/" + customer.anonymous_id,) if customer.anonymous_id else ("-",)


class ProfileCache:
    """The `size` profiles used last, by customer id and by anonymous id."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[str, HeldProfile] = OrderedDict()
        self._keys: dict[str, set[str]] = {}
        """Person -> the keys under which a profile of theirs is held: a person may have several anonymous ids."""
        self._generation = 0
        self._sure_since = 0.0
        self._announced: dict[str, Profile] = {}
        self._asking: dict[str, int] = {}
        self._untold: dict[str, int] = {}
        """Versions of persons told while answers were under way, which may be older."""
        self._bought: OrderedDict[str, dict[str, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def get(self, customer: CustomerRef) -> HeldProfile | None:
        """What is held of this customer; None: ask."""
        # A customer id decides alone: what is held under an anonymous id may be somebody else's by now.
        key = keys_of(customer)[0]
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
        return held

    def begin_asking(self, customer: CustomerRef) -> int:
        """Note that an answer is under way, so that what is announced meanwhile is not overwritten by it."""
        key = keys_of(customer)[0]
        self._asking[key] = self._asking.get(key, 0) + 1
        return self._generation

    def end_asking(
        self, customer: CustomerRef, profile: Profile | None, generation: int, now: float, foreseen: bool = False
    ) -> HeldProfile | None:
        """The answer, held from now on unless it is out of date already; None when there was no answer."""
        key = keys_of(customer)[0]
        left = self._asking.pop(key, 1) - 1
        if left > 0:
            self._asking[key] = left
        announced = self._announced.get(key) if left > 0 else self._announced.pop(key, None)
        if announced is not None and (profile is None or announced.version > profile.version):
            profile, foreseen = announced, False
        if profile is None:
            return None
        held = HeldProfile(profile, now, foreseen)
        if generation == self._generation and self._untold.get(profile.person, 0) <= profile.version:
            self._hold(key, held)
        return held

    def announce(self, profile: Profile, now: float) -> None:
        """Replace the copies held of this person, unless they are newer. Nothing is held that nobody asked for."""
        gone = 0.0 < profile.expires_at <= now
        for key in {*keys_of(profile.customer), *self._keys.get(profile.person, ())}:
            if key in self._asking and not gone:
                self._announced[key] = profile
            held = self._held.get(key)
            if held is None:
                continue
            if not gone:
                if self._newer(profile, held):
                    self._put(key, HeldProfile(profile, now))
            elif held.profile.person == profile.person:
                self._drop(key)

    def stored(self, versions: Mapping[str, int]) -> None:
        """Forget copies of lower versions: these profiles were changed, and whoever wants them asks."""
        for person, version in versions.items():
            for key in tuple(self._keys.get(person, ())):
                if self._held[key].profile.version < version:
                    self._drop(key)
            if self._asking:
                self._untold[person] = version
        if not self._asking or len(self._untold) > self._size:
            self._untold.clear()

    def doubt(self, now: float) -> None:
        """NATS was away, and announcements with it: what is held is asked for again when it is next used."""
        self._sure_since = now

    def in_doubt(self, held: HeldProfile) -> bool:
        return held.held_since < self._sure_since

    def clear(self) -> None:
        """Forget every profile: segments or personas mean something else from now on."""
        self._generation += 1
        self._held.clear()
        self._keys.clear()

    def forget(self, ids: Iterable[str]) -> None:
        """Somebody was erased: nothing is held under their ids (`customer:1228`, `anonymous:a-1`) any more."""
        for identity in ids:
            kind, _, value = identity.partition(":")
            key = ("c/" if kind == "customer" else "a/") + value
            self._announced.pop(key, None)
            self._bought.pop(key, None)
            if key in self._held:
                self._drop(key)

    def note_bought(self, customer: CustomerRef, item_ids: Iterable[str], at: float) -> None:
        """Remember what a call's own events told, until profiles has folded them."""
        for key in keys_of(customer):
            noted = self._bought.setdefault(key, {})
            noted.update(dict.fromkeys(item_ids, at))
            self._bought.move_to_end(key)
        while len(self._bought) > self._size:
            self._bought.popitem(last=False)

    def noted(self, customer: CustomerRef, since: float) -> list[str]:
        """Items that calls told were bought since then."""
        if not self._bought:
            return []
        found: list[str] = []
        for key in keys_of(customer):
            found += [item_id for item_id, at in self._bought.get(key, {}).items() if at >= since]
        return found

    def _newer(self, profile: Profile, held: HeldProfile) -> bool:
        if profile.person != held.profile.person:
            return True  # The id leads to another person now: their versions do not compare.
        if held.foreseen:
            return profile.version >= held.profile.version
        return profile.version > held.profile.version

    def _hold(self, key: str, held: HeldProfile) -> None:
        self._put(key, held)
        self._held.move_to_end(key)
        while len(self._held) > self._size:
            self._drop(next(iter(self._held)))

    def _put(self, key: str, held: HeldProfile) -> None:
        if key in self._held:
            held.take_over(self._held[key])
            self._drop(key)
        self._held[key] = held
        if held.profile.person:
            self._keys.setdefault(held.profile.person, set()).add(key)

    def _drop(self, key: str) -> None:
        person = self._held.pop(key).profile.person
        keys = self._keys.get(person)
        if keys is not None:
            keys.discard(key)
            if not keys:
                del self._keys[person]
