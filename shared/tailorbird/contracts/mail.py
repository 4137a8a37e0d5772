"""Mail: who may still be written to, what was sent to whom, and whom a campaign reaches."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from tailorbird.contracts.profiles import Profile
from tailorbird.contracts.wire import Endpoint, Message, Topic
from tailorbird.contracts.words import Channel, Seconds

__all__ = [
    "AUDIENCE", "CHANGE_STANDING", "MAILED", "MAIL_DUE", "STANDING", "Audience", "AudienceQuery", "Counted",
    "MailDue", "Mailed", "Member", "Standing", "StandingChange", "StandingQuery", "StandingWord",
]  # fmt: skip

StandingWord = Literal["unsubscribed", "subscribed", "bounced", "bounced_softly", "complained", "refused"]
Mark = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$")]
"""Stands for an address: the first half of its SHA-256, trimmed and in lower case."""


class Standing(Message):
    """What an address wants and what became of mail to it."""

    stopped: str = ""
    """Why nothing goes there any more; empty: it may."""
    at: Seconds = 0.0
    source: str = ""
    without: tuple[str, ...] = ()
    """Topics that it does not want."""
    per_week: Annotated[int, Meta(ge=0, le=50)] = 0
    """Mails a week that it wants at most; 0: as the shop does it."""
    soft_bounces: int = 0
    """Deliveries in a row that failed for the time being."""


class StandingQuery(Message):
    mark: Mark


class StandingChange(Message):
    """Something was heard of an address."""

    mark: Mark
    word: StandingWord | None = None
    """None: the preferences below were stated."""
    topic: str = ""
    """Of `unsubscribed` and `subscribed`: only this topic."""
    without: tuple[str, ...] | None = None
    per_week: Annotated[int, Meta(ge=0, le=50)] | None = None
    source: str = ""
    """Who said so: `link`, `preferences`, `api`, `webhook`, `smtp`."""
    decision_id: str = ""
    """The mail by which it was said."""


class AudienceQuery(Message):
    """Customers who can be written to, page by page in the order of their pseudonyms, or those of `persons`."""

    after: str = ""
    count: Annotated[int, Meta(ge=1, le=200)] = 100
    persons: tuple[str, ...] = ()


class Member(Message):
    """One of an audience."""

    profile: Profile
    address: str


class Audience(Message):
    members: tuple[Member, ...] = ()
    after: str = ""
    """Ask on with this; empty: this was the last page."""


class Mailed(Message):
    """Messages that went out together. From these is known who was written to, and how often."""

    run: str
    """The campaign and its message (`spring/week-47`), or the moment."""
    batch: str
    at: Seconds
    marks: tuple[str, ...]
    channel: Channel = "email"


class MailDue(Message):
    """A moment wants a message sent to somebody."""

    id: str
    """The same coming of the moment has the same id, however often it is told."""
    moment: str
    person: str
    at: Seconds
    email: str = ""
    push: bool = False
    headline: str = ""
    text: str = ""
    url: str = ""


class Counted(Message):
    """How often something happened to the mails of one e-mail."""

    sent: int = 0
    opened: int = 0
    opened_by_machines: int = 0
    clicked: int = 0
    clicked_by_machines: int = 0
    unsubscribed: int = 0
    bounced: int = 0
    complained: int = 0


AUDIENCE = Endpoint("tailorbird.profiles.v1.audience", AudienceQuery, Audience, budget_ms=30_000)
STANDING = Endpoint("tailorbird.assembler.v1.mail_standing", StandingQuery, Standing, budget_ms=1_000)
CHANGE_STANDING = Endpoint("tailorbird.assembler.v1.mail_standing_change", StandingChange, Standing, budget_ms=2_000)
MAILED = Topic("tailorbird.assembler.v1.mailed", Mailed, stream="MAILED")
MAIL_DUE = Topic("tailorbird.profiles.v1.mail_due", MailDue, stream="MAIL_DUE")
