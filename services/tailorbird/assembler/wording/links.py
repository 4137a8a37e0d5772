"""Addresses that may stand in a page or mail: made absolute, of an allowed scheme, or nothing."""

from __future__ import annotations

import re
from typing import Any

import minijinja

__all__ = ["Links", "markup", "safe_url"]

_CLEAN = r"[^\s\"'<>\\]"
_SAFE = re.compile(rf"^(https?://{_CLEAN}+|mailto:{_CLEAN}+|/(?!/){_CLEAN}*|\?{_CLEAN}*|#[\w-]*)$", re.IGNORECASE)


def safe_url(url: object) -> str:
    """The address when nothing in it can run; `#` when it can, or is none."""
    return url if isinstance(url, str) and _SAFE.fullmatch(url) else "#"


def markup(url: str) -> Any:
    """A safe address as it stands in an attribute of HTML: nothing in it but `&` needs escaping."""
    return minijinja.safe(url.replace("&", "&amp;"))


class Links:
    """Makes the shop's own paths absolute, for mails that are read elsewhere."""

    def __init__(self, public_url: str) -> None:
        self._base = public_url.rstrip("/")

    @property
    def base(self) -> str:
        return self._base

    def absolute(self, url: object) -> str:
        """The address with the shop's own in front of a path; `#` when it is not safe."""
        safe = safe_url(url)
        return self._base + safe if safe.startswith("/") else safe
