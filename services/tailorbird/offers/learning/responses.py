"""What customers did with offers, counted once each; no customer can be read from the counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from msgspec import Struct

__all__ = ["MARKS_KEPT", "MARK_BYTES", "Responses", "with_responses"]

MARK_BYTES = 8
MARKS_KEPT = 80_000
"""Responses of one offer that are recognised when they are loaded again; a value of the store ends at a megabyte."""


class Responses(Struct, frozen=True):
    """What customers did with one offer so far."""

    offer_id: str
    redeemed: int = 0
    clicked: int = 0
    refused: int = 0
    marks: bytes = b""
    """Eight bytes of a digest of each row counted, so that a row loaded again is not counted again."""


def with_responses(
    known: Mapping[str, Responses], rows: Iterable[Mapping[str, Any]]
) -> tuple[dict[str, Responses], int]:
    """Counts that changed, by offer, and how many of the rows were new."""
    marks: dict[str, dict[bytes, None]] = {}
    counts: dict[str, dict[str, int]] = {}
    new = 0
    for row in rows:
        offer_id = row["offer_id"]
        kind = row.get("kind") or "redeemed"
        if offer_id not in marks:
            before = known.get(offer_id, Responses(offer_id))
            pieces = range(0, len(before.marks), MARK_BYTES)
            marks[offer_id] = dict.fromkeys(before.marks[at : at + MARK_BYTES] for at in pieces)
            counts[offer_id] = {"redeemed": before.redeemed, "clicked": before.clicked, "refused": before.refused}
        told = f"{row['customer_id']}\0{row['time']}\0{kind}".encode()
        mark = blake2b(told, digest_size=MARK_BYTES, key=offer_id.encode()[:64]).digest()
        if mark not in marks[offer_id]:
            marks[offer_id][mark] = None
            counts[offer_id][kind] = counts[offer_id].get(kind, 0) + 1
            new += 1
    changed = {
        offer_id: Responses(
            offer_id=offer_id,
            redeemed=counts[offer_id]["redeemed"],
            clicked=counts[offer_id]["clicked"],
            refused=counts[offer_id]["refused"],
            marks=b"".join(list(found)[-MARKS_KEPT:]),
        )
        for offer_id, found in marks.items()
    }
    return {offer_id: after for offer_id, after in changed.items() if known.get(offer_id) != after}, new
