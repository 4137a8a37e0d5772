"""What profiles say of moments: to pages, to browsers that listen, and of the webhooks that are called."""

from __future__ import annotations

from tailorbird.contracts.wire import Message
from tailorbird.contracts.words import CustomerRef, Seconds

__all__ = ["Deliveries", "MomentFired", "MomentNote", "WebhookTold", "Webhooks", "WebhooksQuery"]


class MomentNote(Message):
    """A moment that came to a customer, and what it says."""

    moment: str
    occasion: str
    """What it came for; with the moment's id it names this coming."""
    at: Seconds
    until: Seconds
    """Up to then it is said on pages."""
    headline: str = ""
    text: str = ""
    call_to_action: str = ""
    url: str = ""
    tone: str = "info"
    page: bool = False
    """Whether pages say it, and whether browsers that listen are told."""
    browser: bool = False


class MomentFired(Message):
    """A moment came: for whoever holds a connection to this customer's browsers."""

    customer: CustomerRef
    note: MomentNote
    anonymous_ids: tuple[str, ...] = ()


class WebhooksQuery(Message):
    """Which webhooks are called?"""


class Deliveries(Message, omit_defaults=False):
    """How telling a webhook goes, counted since it was told first."""

    taken: int = 0
    refused: int = 0
    """Attempts that were not taken; most of them are made again."""
    given_up: int = 0
    """What will not be told any more."""
    taken_at: Seconds = 0.0
    """When the latest was taken; 0: none ever was."""
    refused_at: Seconds = 0.0
    reason: str = ""
    """Of the latest that was refused."""
    waiting: int = 0
    """Moments still to be told, those refused and due again among them."""


class WebhookTold(Message, omit_defaults=False):
    id: str
    name: str
    url: str
    secret: str
    """With which the receiver checks signatures (Standard Webhooks)."""
    moments: tuple[str, ...]
    """Those that call it."""
    secret_before: str = ""
    """The secret that was replaced, while what is sent is signed with it too."""
    secret_before_until: Seconds = 0.0
    deliveries: Deliveries = Deliveries()


class Webhooks(Message, omit_defaults=False):
    webhooks: tuple[WebhookTold, ...]
