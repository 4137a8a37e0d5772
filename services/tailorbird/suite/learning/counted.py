"""How many of something, as it is said: `1 customer`, `2,009 customers`."""

from __future__ import annotations

__all__ = ["counted"]


def counted(count: int, one: str) -> str:
    """With the word in its number."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"
