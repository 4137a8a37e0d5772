"""Sealed bytes: AES-256-GCM under a person's own key, and the key of that person's decisions derived from it."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tailorbird.profiles.keeping.keyring import Person

__all__ = ["BrokenSealError", "decision_key", "open_sealed", "seal"]

_FORMAT = b"\x01"
_NONCE_BYTES = 12


class BrokenSealError(Exception):
    """What is stored was not sealed under this key for this person, or a bit of it changed."""


def seal(person: Person, plain: bytes) -> bytes:
    """Format byte, nonce, ciphertext with tag: 29 bytes longer than `plain`. Bound to the pseudonym."""
    nonce = os.urandom(_NONCE_BYTES)
    return _FORMAT + nonce + AESGCM(person.key).encrypt(nonce, plain, person.pseudonym.encode())


def open_sealed(person: Person, sealed: bytes) -> bytes:
    """What was sealed. Raises BrokenSealError."""
    if sealed[:1] != _FORMAT or len(sealed) < 1 + _NONCE_BYTES + 16:
        raise BrokenSealError(f"what is stored of {person.pseudonym} is not in a known format")
    nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(person.key).decrypt(nonce, rest, person.pseudonym.encode())
    except InvalidTag as error:
        raise BrokenSealError(
            f"what is stored of {person.pseudonym} was changed, or sealed for another"
        ) from error


def decision_key(person: Person) -> bytes:
    """The 32 bytes that seal what is stored of this person's decisions: HKDF-SHA256 (RFC 5869) of the own key."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tailorbird decisions v1").derive(person.key)
