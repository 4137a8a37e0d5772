"""A statement of account: all that the journal comes to up to an entry, in pieces, so that nobody need read it again.

It is never believed for itself: it names its entry and the entry's digest, and whoever reads it looks whether the
journal has that very entry there. Without one, or with one of another journal or another version of this module, the
journal is read from its first entry, which comes to the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from tailorbird.offers.redeeming.limits import Held, Tally
from tailorbird.offers.redeeming.settling import COUNTS, Answered, InOrder, Settled

__all__ = ["Statement", "digest_of", "pieces_of", "read_pieces"]

FORMAT = 2
"""Another number when the same journal comes to something else than before."""
AT_ONCE = 4_000
"""What a piece holds of a dictionary, so that encoding one takes a millisecond."""

Key = TypeVar("Key")
Value = TypeVar("Value")


class Statement(Struct, frozen=True, kw_only=True):
    """Up to which entry it is, and when that was."""

    format: int = FORMAT
    sequence: int
    digest: str
    """Of the entry."""
    at: float


class _Piece(Struct, frozen=True, array_like=True):
    """A part of one dictionary: of `answers` (those that say "It counts." apart), `orders`, or of an offer's tally."""

    offer_id: str
    field: str
    value: Raw


_SHAPES: Mapping[str, Any] = {
    "answers": dict[str, Answered],
    "counted": dict[str, tuple[str, float]],
    "orders": dict[str, tuple[InOrder, ...]],
    "held": dict[str, Held],
    "codes": list[str],
    "code_of": dict[str, str],
    "numbers": tuple[int, int, int],
    **dict.fromkeys(("by_customer", "by_household", "by_channel", "by_period"), dict[str, int]),
}
_decoders = {name: msgspec.json.Decoder(shape) for name, shape in _SHAPES.items()}
_of_tally = ("by_customer", "by_household", "by_channel", "by_period", "held", "codes", "code_of")
_encode = msgspec.json.Encoder().encode
_piece = msgspec.json.Decoder(_Piece)
_statement = msgspec.json.Decoder(Statement)


def digest_of(entry: bytes) -> str:
    """Tells one entry of the journal from another."""
    return blake2b(entry, digest_size=16).hexdigest()


def pieces_of(settled: Settled, sequence: int, last: bytes) -> Iterator[bytes]:
    """Lines of the statement up to this entry. All is copied at once: the rest may be asked for in one's own time."""
    head = Statement(sequence=sequence, digest=digest_of(last), at=settled.at)
    tallies = [
        (offer_id, (one.redeemed, one.cents, one.pooled), [(name, getattr(one, name).copy()) for name in _of_tally])
        for offer_id, one in settled.tallies.items()
    ]
    answers, orders = settled.answers.copy(), settled.orders.copy()
    return _lines(head, tallies, answers, orders)


def _lines(head: Statement, tallies: Iterable[Any], answers: dict[str, Any], orders: dict[str, Any]) -> Iterator[bytes]:
    yield _encode(head)
    for offer_id, numbers, fields in tallies:
        yield _encode((offer_id, "numbers", numbers))
        for name, found in fields:
            for part in _parts(found):
                yield _encode((offer_id, name, list(part) if name == "codes" else part))
    for part in _parts(answers):
        counted = {key: (one.body, one.at) for key, one in part.items() if one.answer is COUNTS}
        yield _encode(("", "counted", counted))
        yield _encode(("", "answers", {key: one for key, one in part.items() if key not in counted}))
    for part in _parts(orders):
        yield _encode(("", "orders", part))


def _parts(found: Mapping[Key, Value]) -> Iterator[dict[Key, Value]]:
    left = iter(found.items())
    while part := dict(islice(left, AT_ONCE)):
        yield part


def read_pieces(lines: Iterable[bytes]) -> tuple[Statement, Settled] | None:
    """What the statement says, None where it can't be read or was made by another version of the fold."""
    settled = Settled()
    said = iter(lines)
    try:
        head = _statement.decode(next(said, b""))
        if head.format != FORMAT:
            return None
        for line in said:
            piece = _piece.decode(line)
            _put(settled, piece, _decoders[piece.field].decode(piece.value))
    except (msgspec.MsgspecError, KeyError):
        return None
    settled.at = head.at
    settled.answers = dict(sorted(settled.answers.items(), key=lambda pair: pair[1].at))
    settled.restored()
    return head, settled


def _put(settled: Settled, piece: _Piece, value: Any) -> None:
    if piece.field in ("answers", "orders"):
        getattr(settled, piece.field).update(value)
        return
    if piece.field == "counted":
        settled.answers.update((key, Answered(body, COUNTS, at)) for key, (body, at) in value.items())
        return
    tally = settled.tallies.setdefault(piece.offer_id, Tally())
    if piece.field == "numbers":
        tally.redeemed, tally.cents, tally.pooled = value
    elif piece.field == "codes":
        tally.codes.update(dict.fromkeys(value))
    else:
        getattr(tally, piece.field).update(value)
