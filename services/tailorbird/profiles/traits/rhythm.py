"""When somebody usually opens their mail, and when they shop: how often at each hour of the day (R121).

Twenty-four counters of a byte each, by UTC. An opening that a machine made doesn't count: mail programs that fetch
every picture ahead to hide who reads, and scanners that look into mails before anybody gets them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["HOURS", "added", "counted", "opened_by_somebody", "usual_hour"]

HOURS = 24
_HOUR = 3_600
_FULL = 255
_FEWEST = 3
"""With fewer occasions nothing is usual."""
_MACHINES = (
    "googleimageproxy", "yahoomailproxy", "duckduckgo", "barracuda", "proofpoint", "mimecast", "symantec", "trendmicro",
    "fireeye", "forcepoint", "cloudmark", "safelinks", "bingpreview", "bot", "crawler", "spider", "scanner", "python-",
    "curl/", "wget/", "go-http-client", "okhttp", "headless",
)  # fmt: skip
_HIDDEN_READER = "mozilla/5.0"
"""All that Apple's Mail Privacy Protection says of itself."""
_AT_ONCE = 2
"""Nobody opens a mail within so many seconds of its delivery; scanners do."""


def counted(counters: bytes, moments: Iterable[int]) -> bytes:
    """The counters with these moments in them. Adding is free of order; a full counter stays full."""
    hours = bytearray(counters or bytes(HOURS))
    for at in moments:
        hour = at // _HOUR % HOURS
        hours[hour] = min(hours[hour] + 1, _FULL)
    return bytes(hours)


def added(one: bytes, other: bytes) -> bytes:
    """Two persons' counters as one's."""
    if not one or not other:
        return one or other
    return bytes(min(mine + theirs, _FULL) for mine, theirs in zip(one, other, strict=True))


def usual_hour(counters: bytes, offset: int = 0) -> int | None:
    """The hour, 0 to 23, around which most of it happens, `offset` hours from UTC; None while nothing is usual.

    An hour counts with half of its neighbours, so that seven minutes to nine and ten past nine go together.
    """
    if sum(counters) < _FEWEST:
        return None
    weights = [2 * counters[hour] + counters[hour - 1] + counters[(hour + 1) % HOURS] for hour in range(HOURS)]
    return (weights.index(max(weights)) + offset) % HOURS


def opened_by_somebody(properties: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
    """Whether a person opened the mail, as far as the event tells."""
    for name in ("machine_open", "sg_machine_open", "bot", "is_machine"):
        if properties.get(name) is True:
            return False
    agent = context.get("userAgent") or properties.get("user_agent") or ""
    agent = agent.strip().lower() if isinstance(agent, str) else ""
    if agent == _HIDDEN_READER or any(machine in agent for machine in _MACHINES):
        return False
    after = properties.get("seconds_after_delivery")
    return not (isinstance(after, (int, float)) and not isinstance(after, bool) and after < _AT_ONCE)
