"""Chance for the beliefs of an epoch: the same wherever the same is known, so that it can be drawn again."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

import numpy as np

__all__ = ["chance_of"]


def chance_of(identity: str) -> Callable[[str], np.random.Generator]:
    """Gives a generator for each thing that something is drawn about, by what is known (a name) and by that thing."""

    def about(what: str) -> np.random.Generator:
        key = blake2b(f"{identity}\0{what}".encode(), digest_size=8).digest()
        return np.random.Generator(np.random.Philox(int.from_bytes(key, "little")))

    return about
