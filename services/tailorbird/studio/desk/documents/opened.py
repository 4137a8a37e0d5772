"""A document as it is opened to be looked at or written on, and what is said to whoever saves second."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from tailorbird.host.documentkeys import digest
from tailorbird.studio.desk.documents.drafts import Draft
from tailorbird.studio.desk.documents.versions import Version

__all__ = ["Clash", "Opened", "Saved"]


class Opened(Struct, frozen=True, kw_only=True):
    """A document as it is opened to be looked at or written on."""

    key: str
    document: dict[str, Any] | None
    """What the draft says, else what is at work; None: there is neither."""
    live: bytes | None
    """What is at work, as its owner keeps it."""
    draft: Draft | None
    versions: tuple[Version, ...]

    @property
    def at_work(self) -> dict[str, Any] | None:
        return msgspec.json.decode(self.live) if self.live else None

    @property
    def at_work_digest(self) -> str:
        return digest(self.live)

    @property
    def revision(self) -> int:
        return self.draft.revision if self.draft else 0

    @property
    def base(self) -> str:
        """Digest of what a form that is drawn now shows."""
        return self.draft.body if self.draft else self.at_work_digest


class Clash(Exception):  # noqa: N818 - not an error: two people wrote at the same time
    """Somebody else saved meanwhile: what they wrote, and what both began with."""

    def __init__(self, opened: Opened, base: dict[str, Any] | None, mine: dict[str, Any]) -> None:
        super().__init__(opened.key)
        self.opened = opened
        self.base = base
        self.mine = mine


class Saved(Struct, frozen=True, kw_only=True):
    """A draft just saved."""

    draft: Draft
    theirs: tuple[str, ...] = ()
    """Places that somebody else had changed meanwhile, and the saver had not: they stand in it too."""
    who: str = ""
    """Who changed them."""
