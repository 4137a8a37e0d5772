"""Whom profiles know an address of, for campaigns; and the messages that moments want sent."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from tailorbird.contracts.profiles import Profile
from tailorbird.contracts.wire import Endpoint, Message, Topic
from tailorbird.contracts.words import Id, Seconds

__all__ = [
    "AUDIENCE", "AUDIENCES_BEING_SENT", "MAIL_WANTED", "SEND_AUDIENCE", "Audience", "AudienceQuery",
    "AudienceSending", "AudiencesBeingSent", "BeingSentQuery", "MailWanted", "Member", "SendAudienceQuery",
]  # fmt: skip


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


class MailWanted(Message):
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


class SendAudienceQuery(Message):
    """Tells another system who is in a segment now, page by page, until it has taken all of them."""

    segment: Id
    webhook: Id


class AudienceSending(Message, omit_defaults=False):
    """How far it is."""

    id: str
    segment: str
    webhook: str
    began_at: Seconds
    told: int = 0
    """Customers that were taken so far."""
    attempts: int = 0
    """How often the page that is next was refused."""
    reason: str = ""
    """Why it was refused last."""


class BeingSentQuery(Message):
    """Which audiences are not told to the end yet?"""


class AudiencesBeingSent(Message):
    sendings: tuple[AudienceSending, ...] = ()


AUDIENCE = Endpoint("tailorbird.profiles.v1.audience", AudienceQuery, Audience, budget_ms=30_000)
SEND_AUDIENCE = Endpoint(
    "tailorbird.profiles.v1.send_audience", SendAudienceQuery, AudienceSending, budget_ms=5_000
)
AUDIENCES_BEING_SENT = Endpoint(
    "tailorbird.profiles.v1.audiences_being_sent", BeingSentQuery, AudiencesBeingSent, budget_ms=2_000
)
MAIL_WANTED = Topic("tailorbird.profiles.v1.mail_wanted", MailWanted, stream="MAIL_WANTED")
