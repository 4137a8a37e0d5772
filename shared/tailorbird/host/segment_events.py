"""A Segment call (track, identify, page, screen, group, alias) as the Event it tells of.

Client libraries disagree about much, so unknown fields are kept or skipped, never refused. Pure: the time of receipt
comes in as an argument.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import msgspec

from tailorbird.contracts.profiles import Event, EventType
from tailorbird.contracts.wire import Fault, Problem

__all__ = ["LARGEST_EVENT", "event_from_segment", "events_from_segment", "one_by_one", "unreadable_event"]

LARGEST_EVENT = 32 * 1024
"""Bytes of one event as JSON."""

_TYPES: dict[str, EventType] = {
    "track": "track",
    "identify": "identify",
    "page": "page",
    "screen": "screen",
    "group": "group",
    "alias": "alias",
}
_LONGEST_ID = 200
_DAY = 86_400.0
_EARLIEST = 946_684_800.0
"""2000-01-01: nobody's clock is meant to say less."""


def events_from_segment(
    bodies: list[Any], received_at: float, trusted: bool, path: str = "$.events"
) -> tuple[Event, ...]:
    """Each body as an event, in their order. Raises Fault(400, 413) with the place of the first that is none."""
    return tuple(
        event_from_segment(body, one_by_one(received_at, place), trusted, path=f"{path}[{place}]")
        for place, body in enumerate(bodies)
    )


def one_by_one(received_at: float, place: int) -> float:
    """When an event that names no time of its own happened: in the order of its call, a microsecond after another."""
    return received_at + place * 1e-6


def event_from_segment(
    body: Any,
    received_at: float,
    trusted: bool,
    *,
    kind: str = "",
    sent_at: Any = None,
    shared_context: dict[str, Any] | None = None,
    path: str = "$",
) -> Event:
    """The event that a decoded body tells of.

    `kind`: type by the route, where the body names none. `sent_at`, `shared_context`: those of a batch. `trusted`: a
    server key came with it. Raises Fault(400) with the path of the mistake, Fault(413) when it is too large.
    """
    if not isinstance(body, dict):
        raise _mistake(path, "An event is an object with `type`, `userId` or `anonymousId`, and more.")
    named = body.get("type") or kind or ("track" if "event" in body else "")
    found = _TYPES.get(named) if isinstance(named, str) else None
    if found is None:
        raise _mistake(f"{path}.type", f"The type is one of {', '.join(_TYPES)}.")
    name = _text(body.get("event"), f"{path}.event") if found == "track" else ""
    if found == "track" and not name:
        raise _mistake(f"{path}.event", "A track event needs its name in `event`, such as 'Product Viewed'.")
    customer_id = _text(_either(body, "userId", "user_id"), f"{path}.userId")
    anonymous_id = _text(_either(body, "anonymousId", "anonymous_id"), f"{path}.anonymousId")
    previous_id = _text(_either(body, "previousId", "previous_id"), f"{path}.previousId") if found == "alias" else ""
    if not (customer_id or anonymous_id):
        raise _mistake(path, "Whose event is it? It needs `userId` or `anonymousId`.")
    context = (shared_context or {}) | _object(body, "context", path)
    given = _either(body, "timestamp", "originalTimestamp")
    at = _moment(given, _either(body, "sentAt", "sent_at") or sent_at, received_at)
    makes_sense = given is None or at is not None
    event = Event(
        message_id=_text(_either(body, "messageId", "message_id"), f"{path}.messageId")
        or _made_id(body, received_at, path),
        type=found,
        at=received_at if at is None else at,
        received_at=received_at,
        # Kept, as somebody will want to know which clock was wrong.
        absurd_time="" if makes_sense else str(given)[:_LONGEST_ID] or "empty",
        customer_id=customer_id,
        anonymous_id=anonymous_id,
        previous_id=previous_id,
        event=name or _text(body.get("name"), f"{path}.name"),
        properties=_object(body, "properties", path),
        traits=_traits(body, context, path) if found in ("identify", "group") else {},
        context=context,
        trusted=trusted,
    )
    if len(_encoded(event, path)) > LARGEST_EVENT:
        raise Fault(413, f"The event at {path} is larger than the {LARGEST_EVENT // 1024} KB taken.")
    return event


def unreadable_event(body: Any, received_at: float, mistake: str, path: str) -> Event:
    """What was sent in a batch and is no event, to be refused by itself: under its ids, where it names any."""
    fields = body if isinstance(body, dict) else {}
    told = {name: value.strip() for name, value in fields.items() if isinstance(value, str)}
    ids = (told.get(name, "")[:_LONGEST_ID] for name in ("messageId", "userId", "anonymousId"))
    message_id, customer_id, anonymous_id = ids
    event = Event(
        message_id=message_id or _made_id({"sent": repr(body)}, received_at, path),
        type="track",
        at=received_at,
        received_at=received_at,
        customer_id=customer_id,
        anonymous_id=anonymous_id,
        properties={"sent": body},
        mistake=mistake,
    )
    try:
        small = len(_encoded(event, path)) <= LARGEST_EVENT
    except Fault:
        small = False
    return event if small else msgspec.structs.replace(event, properties={})


def _traits(body: dict[str, Any], context: dict[str, Any], path: str) -> dict[str, Any]:
    """Where Segment's libraries put them, or else where RudderStack's do: in the context."""
    beside = context.get("traits")
    return _object(body, "traits", path) or (beside if isinstance(beside, dict) else {})


def _moment(given: Any, sent_at: Any, received_at: float) -> float | None:
    """When it happened by our clock: the sender's clock is off by as much as `sentAt` differs from the receipt.

    None when nothing was given, or a time that cannot be: before 2000, or more than a day ahead.
    """
    at = _seconds(given)
    if at is None:
        return None
    sent = _seconds(sent_at)
    if sent is not None and sent >= _EARLIEST:
        at += received_at - sent
    return at if _EARLIEST <= at <= received_at + _DAY else None


def _seconds(given: Any) -> float | None:
    if isinstance(given, bool) or given is None:
        return None
    try:
        if isinstance(given, (int, float)):
            # From 10^11 on it counts milliseconds: as seconds it would lie beyond the year 5000.
            return float(given) / 1000.0 if abs(given) >= 1e11 else float(given)
        if not isinstance(given, str):
            return None
        parsed = datetime.fromisoformat(given.strip())
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _made_id(body: dict[str, Any], received_at: float, path: str) -> str:
    return "made-" + hashlib.blake2b(_encoded(body, path) + repr(received_at).encode(), digest_size=16).hexdigest()


def _encoded(value: Any, path: str) -> bytes:
    try:
        return _encoder.encode(value)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError, TypeError) as error:
        raise _mistake(path, f"It holds a value that cannot be kept: {error}.") from error


_encoder = msgspec.json.Encoder()


def _either(body: dict[str, Any], name: str, other: str) -> Any:
    found = body.get(name)
    return body.get(other) if found is None else found


def _text(value: Any, path: str) -> str:
    """Ids and names as text; some libraries send numbers."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise _mistake(path, "This is a text.")
    text = str(value).strip()
    if len(text) > _LONGEST_ID:
        raise _mistake(path, f"This is longer than {_LONGEST_ID} characters.")
    return text


def _object(body: dict[str, Any], name: str, path: str) -> dict[str, Any]:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _mistake(f"{path}.{name}", "This is an object.")
    return value


def _mistake(path: str, sentence: str) -> Fault:
    return Fault(400, f"{sentence.rstrip('.')}, at {path}.", (Problem(path=path, sentence=sentence),))
