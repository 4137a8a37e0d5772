"""Passwords as argon2id hashes, made and checked in threads: one takes tens of milliseconds, as it should."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tailorbird.contracts.wire import Fault

__all__ = ["SHORTEST", "a_password", "hashed", "matches"]

SHORTEST = 12
LONGEST = 200
# Argon2id with the least memory that OWASP's cheat sheet on storing passwords names: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE = asyncio.Semaphore(2)
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IHRoZXJl$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""Of nobody's password: checked where there is no such name, so that a wrong name takes as long as a wrong password."""


async def hashed(password: str) -> str:
    """The hash to keep. Raises Fault(422) for a password that is too short or too long."""
    if len(password) < SHORTEST:
        raise Fault(422, f"A password needs at least {SHORTEST} characters; a few words make a good one.")
    if len(password) > LONGEST:
        raise Fault(422, f"A password has at most {LONGEST} characters.")
    async with _AT_ONCE:
        return await asyncio.to_thread(_HASHER.hash, password)


async def matches(kept: str | None, password: str) -> bool:
    """Whether this is the password; `kept` None: there is no such name, which takes as long to find out."""
    async with _AT_ONCE:
        return await asyncio.to_thread(_matches, kept or _NOBODY, password[:LONGEST]) and kept is not None


def _matches(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def a_password() -> str:
    """One that nobody has chosen, of 80 bits, to be told once: `k3fq-7hwm-...`."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
