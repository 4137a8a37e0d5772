"""What is kept of one person: plain data, packed in a few hundred bytes, changed only by making another.

The structs are arrays on disk: a new field goes to the end, with a default. Whoever changes a profile copies it and
replaces whole fields; lists and dictionaries in it are never changed in place, as copies share them.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct, field

from tailorbird.contracts.experiments import Exposure
from tailorbird.contracts.words import Consent
from tailorbird.profiles.person.dismissing import Dismissed
from tailorbird.profiles.person.noted import Dwell, Fence, Fired, Observed
from tailorbird.profiles.person.packing import History
from tailorbird.profiles.person.recent import Recent
from tailorbird.profiles.person.refunds import Refund
from tailorbird.profiles.person.timeline import Timeline

__all__ = [
    "ANONYMOUS_IDS_KEPT",
    "DAY",
    "HISTORY_KEPT",
    "MARKS_KEPT",
    "MARK_BYTES",
    "ORDERS_KEPT_DAYS",
    "RECENT_KEPT",
    "RESPONSES_KEPT",
    "SESSION_GAP",
    "Cart",
    "CartStep",
    "Consent",
    "Link",
    "Order",
    "Response",
    "Session",
    "StoredProfile",
    "Trait",
    "mark_of",
    "pack",
    "remember",
    "remembers",
    "unpack",
]

ANONYMOUS_IDS_KEPT = 20
DAY = 86_400
SESSION_GAP = 1_800
"""Seconds of silence that end a visit."""
HISTORY_KEPT = 1_200
"""Different items remembered as bought. With 400, a third of the demo's households would be shown as new what they had
bought long ago: discovery then loses to popularity (ndcg@10 -.002, with 1,200 +.005)."""
RECENT_KEPT = 50
"""Recent signals, beside the purchases of the last seven days."""
ORDERS_KEPT_DAYS = 90
RESPONSES_KEPT = 200
MARK_BYTES = 6
MARKS_KEPT = 200
"""Message ids that a stored profile remembers itself, newest last; older ones go into pages beside it (`marks.py`)."""


class Trait(Struct, frozen=True, array_like=True):
    """A value that somebody stated: [value, at, source]."""

    value: Any
    at: int
    source: str = "given"
    """`given`: the site vouched for it. `imported`: out of a file. `claimed`: said with the write key only."""


class Session(Struct, frozen=True, array_like=True):
    """One visit: from its first event to its last, silences under half an hour."""

    started: int
    ended: int
    views: int = 0
    pages: int = 0
    searches: tuple[str, ...] = ()
    referrer: str = ""
    campaign: str = ""
    dwells: tuple[Dwell, ...] = ()
    """Items looked at for long or hovered over, by item id."""
    device: tuple[int, str] = (0, "")
    """The latest heard of, and when; so is `place`."""
    place: tuple[int, str] = (0, "")
    fences: tuple[Fence, ...] = ()
    """Geofences entered or left, by name."""
    checkout_at: int = 0
    """When the checkout was last begun."""
    referrer_at: int = 0
    """When that was told; so is `campaign_at`. Of several the first counts."""
    campaign_at: int = 0


class CartStep(Struct, frozen=True, array_like=True):
    """An item put in (change above 0) or taken out: [at, mark, item_id, change]. Mark breaks ties of time."""

    at: float
    """To the fraction of a second, as who takes an item out again may do so at once; so is a cart's."""
    mark: bytes
    item_id: str
    change: int


class Cart(Struct, frozen=True, array_like=True):
    """The cart as last seen whole, and the steps since. What happened before `at` no longer matters."""

    at: float = 0.0
    mark: bytes = b""
    lines: tuple[tuple[str, int], ...] = ()
    steps: tuple[CartStep, ...] = ()


class Order(Struct, frozen=True, array_like=True):
    """One recent order: [at, value, mark], the mark made of its id."""

    at: int
    value: float
    mark: bytes


class Response(Struct, frozen=True, array_like=True):
    """What was done with an offer, how often, last when: [offer_id, kind, times, last_at]."""

    offer_id: str
    kind: str
    times: int
    last_at: int


class Link(Struct, frozen=True, array_like=True):
    """An identifier that is this person's, and how that is known: [identity, at, source, evidence, weak]."""

    identity: str
    at: int
    source: str
    """`server`: somebody trusted vouched for it. `browser`: said with the write key. `accepted`: by a person.
    `imported`: out of a file."""
    evidence: str = ""
    weak: bool = False


class StoredProfile(Struct, array_like=True):
    """Everything known of one person. Times are seconds since 1970 UTC, whole ones where nothing hangs on less."""

    customer_id: str = ""
    anonymous_ids: tuple[str, ...] = ()
    """Linked ones, latest last, at most 20."""
    version: int = 0
    last_at: int = 0
    """Time of the latest thing known."""
    traits: dict[str, Trait] = {}
    claims: dict[str, Trait] = {}
    """What the write key said: shown to nobody, counted for nothing, until the site vouches for the link."""
    claimed_customer: str = ""
    consent: dict[str, Consent] = {}
    audiences: tuple[str, ...] = ()
    session: Session | None = None
    previous_session: Session | None = None
    recent: Recent = field(default_factory=Recent)
    cart: Cart = Cart()
    orders: int = 0
    spend: float = 0.0
    lines: int = 0
    """Order lines, and how many of them were bought at a discount."""
    discounted_lines: int = 0
    first_order_at: int = 0
    last_order_at: int = 0
    recent_orders: tuple[Order, ...] = ()
    """Those of the 90 days before the latest, newest first."""
    history: History = field(default_factory=History)
    forgotten_items: int = 0
    """Items bought that `history` has no room for."""
    responses: tuple[Response, ...] = ()
    marks: bytes = b""
    """Message ids folded already, six bytes of digest each."""
    shared: bool = False
    """An anonymous visitor's device that several customers use: it is never linked to one of them again."""
    merged_into: str = ""
    """The person of whose profile this one becomes part: set first, so that nobody adds to it any more."""
    observed: Observed = Observed()
    timeline: Timeline = Timeline()
    fired: tuple[Fired, ...] = ()
    """Moments that came, latest first."""
    mark_pages: tuple[str, ...] = ()
    """Names of the pages with marks that `marks` had no room for, oldest first; see `marks.py`."""
    links: tuple[Link, ...] = ()
    """Identifiers, each with its evidence; see `identity.graph`."""
    kept_apart: tuple[str, ...] = ()
    """Customers with whom this visitor was merged once and by somebody's word is not."""
    exposures: tuple[Exposure, ...] = ()
    """The experiments that they were exposed to, with the variant that came first; see `exposures.py`."""
    timeline_pages: tuple[str, ...] = ()
    """Names of the pages with lines that `timeline` had no room for, oldest first."""
    dismissed: Dismissed = ()
    """Items that are not for them; see `dismissing.py`."""
    earlier_sessions: tuple[Session, ...] = ()
    """Before the previous one, latest first: those that a late event may yet show to be part of one of the two."""
    refunds: tuple[Refund, ...] = ()
    """What was taken back of orders: `orders` and `spend` are without it; see `refunds.py`."""


def pack(profile: StoredProfile) -> bytes:
    """The profile as MessagePack."""
    return _encoder.encode(profile)


def unpack(packed: bytes) -> StoredProfile:
    """The profile out of `pack`. Raises msgspec.MsgspecError when the bytes are none."""
    return _decoder.decode(packed)


def mark_of(text: str) -> bytes:
    """Six bytes that stand for an id: two of a person's agree by chance once in 10^10 profiles."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=MARK_BYTES).digest()


def remembers(marks: bytes, mark: bytes) -> bool:
    """Whether this mark is among the remembered."""
    place = marks.find(mark)
    while place >= 0 and place % MARK_BYTES:
        place = marks.find(mark, place + 1)
    return place >= 0


def remember(marks: bytes, mark: bytes) -> bytes:
    """The marks with this one as the newest. They are cut to their length when the profile is stored."""
    return marks + mark


def _encoded(value: Any) -> bytes:
    if isinstance(value, (History, Recent)):
        return value.packed()
    raise TypeError(f"a profile holds no {type(value).__name__}")


def _decoded(kind: type, value: Any) -> Any:
    if kind is History:
        return History(packed=value)
    if kind is Recent:
        return Recent(packed=value)
    raise TypeError(f"a profile holds no {kind.__name__}")


_encoder = msgspec.msgpack.Encoder(enc_hook=_encoded)
_decoder = msgspec.msgpack.Decoder(StoredProfile, dec_hook=_decoded)
