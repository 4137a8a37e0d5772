"""Mail, as the assembler keeps it: who may still be written to, and what was sent to whom."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from tailorbird.contracts.wire import Endpoint, Message, Topic
from tailorbird.contracts.words import Channel, Seconds

__all__ = [
    "CHANGE_STANDING", "MAILED", "STANDING", "Counted", "Mailed", "Standing", "StandingChange", "StandingQuery",
    "StandingWord",
]  # fmt: skip

StandingWord = Literal["unsubscribed", "subscribed", "bounced", "bounced_softly", "complained", "refused"]
Mark = Annotated[str, Meta(max_length=64)]
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


class Mailed(Message):
    """Messages that went out together. From these is known who was written to, and how often."""

    run: str
    """The campaign and its message (`spring/week-47`), or the moment."""
    batch: str
    at: Seconds
    marks: tuple[str, ...]
    channel: Channel = "email"


class Counted(Message, omit_defaults=False):
    """How often something happened to the mails of one e-mail."""

    sent: int = 0
    opened: int = 0
    opened_by_machines: int = 0
    clicked: int = 0
    clicked_by_machines: int = 0
    unsubscribed: int = 0
    bounced: int = 0
    complained: int = 0


STANDING = Endpoint("tailorbird.assembler.v1.mail_standing", StandingQuery, Standing, budget_ms=1_000)
CHANGE_STANDING = Endpoint("tailorbird.assembler.v1.mail_standing_change", StandingChange, Standing, budget_ms=2_000)
MAILED = Topic("tailorbird.assembler.v1.mailed", Mailed, stream="MAILED")
