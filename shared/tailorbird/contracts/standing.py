"""What a shop's other systems say of a customer: the loyalty card and its level, and requests for help."""

from __future__ import annotations

from tailorbird.contracts.wire import Message
from tailorbird.contracts.words import Seconds

__all__ = ["LoyaltyNote", "TicketNote"]


class LoyaltyNote(Message):
    """Where somebody stands in the loyalty programme, as told last."""

    level: str = ""
    points: float = 0.0
    segment: str = ""
    """The programme's own segment."""
    since: Seconds = 0.0
    """Member since; 0: not told."""
    lapse_at: Seconds = 0.0
    """When the points lapse; 0: not told."""
    told_at: Seconds = 0.0


class TicketNote(Message):
    """One request for help."""

    ticket_id: str
    opened_at: Seconds
    reason: str = ""
    promised_at: Seconds = 0.0
    """By when it is to be resolved, as promised; 0: nothing was."""
    resolved_at: Seconds = 0.0
    """0: still open."""
