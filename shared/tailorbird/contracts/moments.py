"""What profiles say of moments: to pages, to browsers that listen, and of the webhooks that are called."""

from __future__ import annotations

from tailorbird.contracts.wire import Message
from tailorbird.contracts.words import CustomerRef, Seconds

__all__ = ["MomentFired", "MomentNote", "WebhookTold", "Webhooks", "WebhooksQuery"]


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


class WebhookTold(Message, omit_defaults=False):
    id: str
    name: str
    url: str
    secret: str
    """With which the receiver checks signatures (Standard Webhooks)."""
    moments: tuple[str, ...]
    """Those that call it."""


class Webhooks(Message, omit_defaults=False):
    webhooks: tuple[WebhookTold, ...]
