"""Whom profiles know an address of, for campaigns; and the messages that moments want sent."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from tailorbird.contracts.profiles import Profile
from tailorbird.contracts.wire import Endpoint, Message, Topic
from tailorbird.contracts.words import Seconds

__all__ = ["AUDIENCE", "MAIL_WANTED", "Audience", "AudienceQuery", "MailWanted", "Member"]


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


AUDIENCE = Endpoint("tailorbird.profiles.v1.audience", AudienceQuery, Audience, budget_ms=30_000)
MAIL_WANTED = Topic("tailorbird.profiles.v1.mail_wanted", MailWanted, stream="MAIL_WANTED")
