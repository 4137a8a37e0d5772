"""How many customers a rule holds of, asked before it becomes a segment."""

from __future__ import annotations

from msgspec import Raw

from tailorbird.contracts.wire import Message

__all__ = ["CountQuery", "SegmentCount", "Values", "ValuesQuery"]


class CountQuery(Message):
    """Of how many customers does this rule hold now?"""

    rule: Raw = Raw(b"null")
    """JSON of a rule as a segment has it; `null`: everybody."""


class SegmentCount(Message, omit_defaults=False):
    customers: int
    of: int
    """Everybody of whom something is stored."""
    looked_at: int
    """Profiles that were counted; fewer than `of`: a sample, and `customers` is scaled up."""
    sentence: str
    """What the rule says, in English."""
    growing: bool = False
    """More are being looked at: asked again in a moment, the count is surer."""


class ValuesQuery(Message):
    """Which values of this attribute do customers have, for completing a rule?"""

    attribute: str


class Values(Message):
    values: tuple[str, ...] = ()
    """The most frequent first; none that only few customers have."""
