"""Chance for what is given to chance: the same wherever the same is known, so that a retry shows the same."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

__all__ = ["chance_of"]


def chance_of(known: str) -> np.random.Generator:
    """A generator made of what is known."""
    key = blake2b(known.encode(), digest_size=8).digest()
    return np.random.Generator(np.random.Philox(int.from_bytes(key, "little")))
