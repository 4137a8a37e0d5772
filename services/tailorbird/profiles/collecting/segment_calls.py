"""What a client library sent to the collector as events: gunzipped, decoded, timed, each vouched for or not."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from tailorbird.contracts.profiles import Event
from tailorbird.contracts.wire import Fault, Problem
from tailorbird.host.body import decode, decoder_for
from tailorbird.host.segment_events import LARGEST_EVENT, event_from_segment, one_by_one, unreadable_event

__all__ = ["LARGEST_BATCH", "Voucher", "body_of", "events_of", "largest", "write_key_in"]

LARGEST_BATCH = 500 * 1024
"""Bytes of a batch's JSON."""
_GZIP = b"\x1f\x8b"


class Voucher(Struct, frozen=True):
    """For whom the caller may speak: for everybody (server key), for the customer of a signed token, or for nobody."""

    server: bool = False
    customer_id: str = ""

    def trusts(self, body: Any) -> bool:
        if self.server:
            return True
        named = body.get("userId") if isinstance(body, dict) else None
        return bool(self.customer_id) and named is not None and str(named) == self.customer_id


def largest(kind: str) -> int:
    """How many bytes of JSON a call of this kind may have."""
    return LARGEST_BATCH if kind == "batch" else LARGEST_EVENT


def body_of(raw: bytes, kind: str) -> Any:
    """The decoded body. Raises Fault(400) when it is no JSON, Fault(413) when it is too large unpacked.

    Gzip is known by its first bytes, as some libraries forget the header that says so, or name another type.
    """
    limit = largest(kind)
    if raw[:2] == _GZIP:
        raw = _unzipped(raw, limit)
    if len(raw) > limit:
        raise Fault(413, f"The body is larger than the {limit // 1024} KB taken here.")
    return decode(raw, _decoder)


def events_of(body: Any, kind: str, received_at: float, voucher: Voucher) -> tuple[Event, ...]:
    """The events of a call of this kind (`batch` or a type of event). Raises Fault(400, 413) with the path.

    Of a batch what cannot be read stops no other: a library that is told 400 throws all of it away. It comes along to
    be refused by itself; only where nothing can be read the sender is told.
    """
    if kind != "batch":
        return (event_from_segment(body, received_at, voucher.trusts(body), kind=kind),)
    if not isinstance(body, dict) or not isinstance(body.get("batch"), list):
        raise Fault(400, "A batch is an object with a list `batch`.", (Problem(path="$.batch", sentence="A list."),))
    entries: Sequence[Any] = body["batch"]
    context = body.get("context")
    shared = context if isinstance(context, dict) else {}
    sent_at = body.get("sentAt")
    found: list[Event] = []
    faults: list[Fault] = []
    for place, entry in enumerate(entries):
        path, trusted = f"$.batch[{place}]", voucher.trusts(entry)
        try:
            event = event_from_segment(
                entry, one_by_one(received_at, place), trusted, sent_at=sent_at, shared_context=shared, path=path
            )
        except Fault as fault:
            faults.append(fault)
            event = unreadable_event(entry, received_at, fault.sentence, path)
        found.append(event)
    if faults and len(faults) == len(found):
        raise faults[0]
    return tuple(found)


def write_key_in(body: Any) -> str:
    """The key as browser libraries send it, who can't set headers while a page closes."""
    found = body.get("writeKey") if isinstance(body, dict) else None
    return found if isinstance(found, str) else ""


def _unzipped(raw: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(raw, limit + 1)
    except zlib.error as error:
        raise Fault(400, f"The body looks like gzip but cannot be unpacked: {error}.") from error
    if len(plain) <= limit and not unpacker.eof:
        raise Fault(400, "The body looks like gzip but ends too early.")
    return plain


_decoder = decoder_for(object)
