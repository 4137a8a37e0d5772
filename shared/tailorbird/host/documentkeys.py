"""Under which key a document rests in its owner's bucket, and the digest by which one writing of it is known."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

__all__ = ["VERSION_LENGTH", "bucket_key", "digest", "document_key", "version_of"]


VERSION_LENGTH = 12
"""Digits of a set's version; a single document's digest has more."""


def bucket_key(key: str) -> str:
    """A bucket's keys allow few characters: others in an id are written as =XX, as in quoted-printable."""
    kind, _, identity = key.partition("/")
    safe = "".join(
        c if c.isascii() and (c.isalnum() or c in "_-") else "".join(f"={b:02X}" for b in c.encode()) for c in identity
    )
    return f"{kind}/{safe}"


def document_key(bucket_key: str) -> str:
    """`kind/id` of the document under this key of a bucket."""
    kind, _, safe = bucket_key.partition("/")
    if "=" not in safe:
        return bucket_key
    raw = bytearray()
    position = 0
    while position < len(safe):
        if safe[position] == "=":
            raw.append(int(safe[position + 1 : position + 3], 16))
            position += 3
        else:
            raw += safe[position].encode()
            position += 1
    return f"{kind}/{raw.decode()}"


def digest(body: bytes | None) -> str:
    """Of a document as its owner keeps it; empty where there is none."""
    return "" if body is None else hashlib.sha256(body).hexdigest()[:24]


def version_of(bodies: Mapping[str, bytes]) -> str:
    """Of a set of documents by key: twelve hex digits that change when any of them does."""
    found = hashlib.sha256()
    for key in sorted(bodies):
        found.update(key.encode() + b"\0" + bodies[key] + b"\0")
    return found.hexdigest()[:VERSION_LENGTH]
