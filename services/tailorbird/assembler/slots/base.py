"""What every slot type owes: what it needs from others, how it fills itself from that, and what stands in instead.

Filling is pure and quick: it only reads what was gathered, and joins JSON that was encoded before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from tailorbird.assembler.gathering.patterns import Pattern
from tailorbird.assembler.gathering.picks import Picks
from tailorbird.assembler.items.cards import Cards
from tailorbird.assembler.items.popular import Popular
from tailorbird.assembler.wording.placeholders import Wording
from tailorbird.contracts.assembler import Fallback
from tailorbird.contracts.insights import DecidedSlot
from tailorbird.contracts.offers import DecisionSlot, SlotChoices
from tailorbird.contracts.profiles import MomentNote
from tailorbird.contracts.recommender import Shelf
from tailorbird.contracts.standing import LoyaltyNote, TicketNote
from tailorbird.contracts.wire import Problem
from tailorbird.contracts.words import AttributeValue, CartLine, Id, Signal
from tailorbird.wording import locales

__all__ = [
    "Filling",
    "Gathered",
    "Line",
    "Moment",
    "Openings",
    "Prose",
    "Slot",
    "Url",
    "encode",
    "encode_text",
    "unless_certain",
]

Line = Annotated[str, Meta(max_length=300)]
"""A title or a line: plain text, escaped where it is shown."""
Prose = Annotated[str, Meta(max_length=4_000)]
Url = Annotated[
    str,
    Meta(
        max_length=2_000, pattern=r"^($|#[\w-]+$|https?://[^\s\"'<>\\]+$|/($|[^/\s\"'<>\\][^\s\"'<>\\]*$)|mailto:[^\s\"'<>\\]+$)"
    ),
]
"""http(s), mailto, a path of the shop, or `#<slot>` on the same page; nothing that could run."""

encode = msgspec.json.Encoder().encode

_FAR = 60 * 86_400
_PLACES = ("context.region", "session.place", "customer.store_id", "customer.city", "customer.region")


def encode_text(text: str) -> bytes:
    """The text as it stands between a JSON string's quotes."""
    return encode(text)[1:-1]


def unless_certain(propensities: list[float]) -> tuple[float, ...]:
    """The propensities as a decision holds them: none where nothing was left to chance."""
    return () if all(one == 1.0 for one in propensities) else tuple(propensities)


class Moment(Struct, frozen=True, kw_only=True):
    """The call: which page, through which channel, when, around which item, with what in the cart."""

    page: str
    channel: str = "web"
    at: float = 0.0
    item_id: str = ""
    cart: tuple[CartLine, ...] = ()
    device: str = ""
    store_id: str = ""
    referrer: str = ""
    referrer_host: str = ""
    campaign: str = ""
    query: str = ""
    """What was searched for, and `results`: ids of the items that the shop's own search found, best first."""
    results: tuple[str, ...] = ()
    barcode: str = ""
    """The code that was scanned; `item_id` is the item that has it."""
    locale: str = ""
    most_items: int = 0
    """Items that a slot shows at most, as more do not fit the screen; 0: as many as the layout says."""


class Gathered(Struct, frozen=True, kw_only=True):
    """All that a page is made of. A part that did not come says why, as a value."""

    moment: Moment
    cards: Cards
    popular: Popular
    first_name: str = ""
    departments: tuple[str, ...] = ()
    """Departments the customer buys from, most important first; for fallbacks."""
    never: frozenset[str] = frozenset()
    """Items not to show as recommendations whatever happens: just bought, or dismissed."""
    moments: tuple[MomentNote, ...] = ()
    """What came to the customer lately and is still to be said, latest first."""
    recent: tuple[Signal, ...] = ()
    """What the customer did with items lately, newest first."""
    loyalty: LoyaltyNote | None = None
    tickets: tuple[TicketNote, ...] = ()
    attributes: Mapping[str, AttributeValue] = {}
    """What else is known of the customer."""
    pattern: Callable[[], Pattern | None] = lambda: None
    """The clearest pattern in what they bought, found when it is asked for."""
    zone: tzinfo = UTC
    shelves: Mapping[str, Picks] = {}
    shelves_missing: str = ""
    """Why the recommender's part did not come; empty when it did."""
    choices: Mapping[str, SlotChoices] = {}
    choices_missing: str = ""
    """Why the offers' part did not come; empty when it did."""

    def places(self) -> set[str]:
        """Where the customer is or belongs: store, town, region, in small letters."""
        found = [self.moment.store_id, *(self.attributes.get(name) for name in _PLACES)]
        return {one.casefold() for one in found if isinstance(one, str) and one}


class Filling:
    """A page while it is being filled: what it may use, what it has shown already, what had to stand in."""

    __slots__ = ("decided", "fallbacks", "gathered", "hero", "name", "navigation", "promised", "taken")

    def __init__(self, gathered: Gathered, hero: bytes = b"null", navigation: bytes = b"[]") -> None:
        self.gathered = gathered
        self.name = encode_text(gathered.first_name) if gathered.first_name else b""
        """The first name as JSON text, for wordings."""
        self.hero = hero
        """The variant's hero as JSON, in the words for this customer."""
        self.navigation = navigation
        """The variant's links as JSON."""
        self.taken: set[str] = {line.item_id for line in gathered.moment.cart} | gathered.never
        """Items that stand on the page so far, lie in the cart, or were just bought: nothing is recommended twice."""
        self.promised: set[str] = set()
        """Offers and actions on the page so far."""
        self.fallbacks: list[Fallback] = []
        self.decided: list[DecidedSlot] = []

    def day(self, at: float) -> str:
        """The day of this moment, as the customer writes it."""
        moment = self.gathered.moment
        return locales.day(int(at // 60), self.gathered.zone, moment.locale, abs(at - moment.at) > _FAR)

    def weekday(self, number: int) -> str:
        return locales.weekday(number, self.gathered.moment.locale)

    def fell_back(self, slot: str, reason: str) -> None:
        """Say that something stood in for this slot, and why."""
        self.fallbacks.append(Fallback(slot=slot, reason=reason))


class Openings:
    """How a slot's JSON begins, compiled once per variant, for each way in which the slot may be filled."""

    __slots__ = ("_wordings",)

    def __init__(self, slot: Slot) -> None:
        self._wordings = {way: Wording(_without_empty(shown)) for way, shown in slot.shown().items()}

    @property
    def named(self) -> bool:
        """Whether a name may stand in its words."""
        return any(wording.named for wording in self._wordings.values())

    def say(self, filling: Filling, way: str = "usual") -> bytes:
        """`{"id":...,"type":...,"title":...` in the words for this customer, without the closing brace."""
        return self._wordings[way].say(filling.name)[:-1]


class Slot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", omit_defaults=True):
    """A place on a page, as its layout describes it. `type` is the tag; each type is one file beside this one."""

    id: Id
    title: Line = ""
    """Said above the slot; may hold `{first_name}`."""
    deadline_ms: Annotated[int, Meta(ge=5, le=2_000)] | None = None
    """Milliseconds that the page waits for what this slot needs, at most; then its fallback stands in. Not given: as
    long as the whole page may take.
    """

    @property
    def type(self) -> str:
        return str(self.__struct_config__.tag)

    def shown(self) -> dict[str, dict[str, Any]]:
        """For each way of filling ("usual" and others) what stands in every payload; texts may hold placeholders."""
        return {"usual": {"id": self.id, "type": self.type, "title": self.title}}

    def shelf(self, moment: Moment) -> Shelf | None:
        """What it asks of the recommender."""
        del moment
        return None

    def decision(self) -> DecisionSlot | None:
        """What it asks of offers."""
        return None

    def shared(self) -> bool:
        """Whether it is the same for everybody who gets this variant, but for a name in its words."""
        return False

    def problems(self, path: str) -> list[Problem]:
        """Mistakes that the types alone do not tell."""
        del path
        return []

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        """The slot as JSON."""
        return openings.say(filling) + b"}"


def _without_empty(shown: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in shown.items() if value not in ("", None)}
