"""What somebody did, one line an event: kept with the profile in some twenty bytes each, told by `/timeline`.

Lines stand in order of time and are kept as bytes, as most are never read again: a new one is put at the end without
looking at the others. Whichever order events come in, the same lines are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

__all__ = [
    "LINES_KEPT", "LINES_STAYING", "Line", "Timeline", "lines_of", "lines_of_all", "merged", "parted", "since",
    "with_line",
]  # fmt: skip

LINES_KEPT = 96
"""Lines that a stored profile keeps itself; beyond that the oldest go into a page beside it. Each event writes all of
them once more, and a kilobyte costs some 8 us of CPU on its way into the bucket."""
LINES_STAYING = 32
_LONGEST_NAME = 40
_LONGEST_DETAIL = 60
_LENGTH = 2
"""Bytes before each line that tell how long it is."""

_KNOWN = (
    "identify", "page", "screen", "group", "alias", "product viewed", "product clicked", "product added",
    "product removed", "cart viewed", "checkout started", "order completed", "products searched", "promotion viewed",
    "promotion clicked", "item dismissed", "item dwelled", "item hovered", "offer redeemed", "offer refused",
    "email opened", "email link clicked", "exit intent", "geofence entered", "geofence exited", "ticket opened",
    "ticket updated", "ticket resolved", "contact made", "loyalty changed",
)  # fmt: skip
"""Names that are written as a number. A new one goes to the end."""
_NUMBER = {name: number for number, name in enumerate(_KNOWN)}
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, int | str, str]).decode


class Timeline(Struct, frozen=True, array_like=True):
    """The lines: [count, time of the latest, the lines as bytes, oldest first, where the latest second's begin]."""

    count: int = 0
    latest: int = 0
    packed: bytes = b""
    tail: int = -1
    """More of the latest second is put in among what stands from there on. -1: not known, in profiles from before."""


class Line(Struct, frozen=True):
    """One event: when, its name in lower case, and what it was about."""

    at: int
    name: str
    detail: str


def with_line(timeline: Timeline, at: int, name: str, detail: str) -> Timeline:
    """The timeline with one more line, which may be an old one."""
    line = _encode((at, _NUMBER.get(name, name[:_LONGEST_NAME]), detail[:_LONGEST_DETAIL]))
    framed = len(line).to_bytes(_LENGTH, "big") + line
    packed = timeline.packed
    if at > timeline.latest or not timeline.count:
        return Timeline(timeline.count + 1, at, packed + framed, len(packed))
    start = max(timeline.tail, 0) if at == timeline.latest else 0
    lines, place = list(_framed(packed[start:])), (at, framed)
    behind = len(lines)
    while behind and _place(lines[behind - 1]) > place:  # Most come nearly in order.
        behind -= 1
    lines.insert(behind, framed)
    tail = timeline.tail + len(framed) if at < timeline.latest and timeline.tail >= 0 else timeline.tail
    return Timeline(timeline.count + 1, timeline.latest, packed[:start] + b"".join(lines), tail)


def merged(one: Timeline, other: Timeline) -> Timeline:
    """The lines of both."""
    if not one.count or not other.count:
        return one if one.count else other
    return _kept([*_framed(one.packed), *_framed(other.packed)])


def parted(timeline: Timeline) -> tuple[bytes, Timeline]:
    """(the oldest lines, the others): nothing leaves until there are more than a profile keeps."""
    if timeline.count <= LINES_KEPT:
        return b"", timeline
    framed = list(_framed(timeline.packed))
    leaving, staying = framed[:-LINES_STAYING], framed[-LINES_STAYING:]
    return b"".join(leaving), _without_oldest(timeline, b"".join(staying), len(staying))


def since(timeline: Timeline, oldest: int) -> Timeline:
    """Without the lines from before that moment; the very same when there are none."""
    framed = list(_framed(timeline.packed))
    kept = [one for one in framed if _place(one)[0] >= oldest]
    return timeline if len(kept) == len(framed) else _without_oldest(timeline, b"".join(kept), len(kept))


def lines_of_all(parts: Iterable[bytes]) -> list[Line]:
    """The lines in all of these, newest first."""
    ordered = sorted((framed for packed in parts for framed in _framed(packed)), key=_place)
    return lines_of(Timeline(packed=b"".join(ordered)))


def lines_of(timeline: Timeline) -> list[Line]:
    """The lines, newest first."""
    found: list[Line] = []
    for framed in _framed(timeline.packed):
        at, name, detail = _decode(framed[_LENGTH:])
        found.append(Line(at, _KNOWN[name] if isinstance(name, int) else name, detail))
    found.reverse()
    return found


def _framed(packed: bytes) -> Iterator[bytes]:
    start, end = 0, len(packed)
    while start < end:
        stop = start + _LENGTH + int.from_bytes(packed[start : start + _LENGTH], "big")
        yield packed[start:stop]
        start = stop


def _kept(framed: Iterable[bytes]) -> Timeline:
    ordered = sorted(framed, key=_place)
    latest = _place(ordered[-1])[0]
    older = b"".join(one for one in ordered if _place(one)[0] < latest)
    return Timeline(len(ordered), latest, b"".join(ordered), len(older))


def _without_oldest(timeline: Timeline, staying: bytes, count: int) -> Timeline:
    gone = len(timeline.packed) - len(staying)
    return Timeline(count, timeline.latest, staying, max(timeline.tail - gone, 0) if timeline.tail >= 0 else -1)


def _place(framed: bytes) -> tuple[Any, bytes]:
    """Its time, then its bytes: of two at the same second always the same one comes first."""
    return _decode(framed[_LENGTH:])[0], framed
