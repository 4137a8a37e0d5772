"""What the assembler is told by the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from tailorbird.rules.consent import DEFAULTS

__all__ = ["Settings"]


class Settings(Struct, frozen=True, kw_only=True):
    """TAILORBIRD_ASSEMBLER_<FIELD>."""

    server_key: str = ""
    """From which the signatures of links in mails are derived."""
    public_url: str = ""
    """Where customers reach the shop, for links in e-mails; empty: http://host:port."""
    host: str = "127.0.0.1"
    port: int = 8000
    profiles_held: Annotated[int, Meta(ge=100)] = 20_000
    """Profiles kept at hand, some 15 KB each."""
    profile_seconds: Annotated[float, Meta(gt=0)] = 600.0
    """Age at which a held profile is asked for again, should an announcement have been missed."""
    shelves_held: Annotated[int, Meta(ge=0)] = 4_096
    """Answers of the recommender, and as many of offers, kept at hand, some 15 KB each."""
    shelves_seconds: Annotated[float, Meta(ge=0)] = 60.0
    """How long such an answer serves at most, while nothing has changed that it was made from."""
    page_ms: Annotated[float, Meta(gt=0)] = 130.0
    """Milliseconds that all parts of a page may take together."""
    email_ms: Annotated[float, Meta(gt=0)] = 250.0
    """The same for an e-mail."""
    popular_seconds: Annotated[float, Meta(gt=0)] = 60.0
    """How often the recommender is asked what many like, for the time in which it does not answer."""
    use_sensitive: bool = False
    """Whether items flagged as sensitive may stand in e-mails."""
    consent_defaults: str = DEFAULTS
    time_zone: str = "UTC"
    """Of `time.hour`, `time.weekday` and `time.date` in rules."""

    home: Path = Path(".tailorbird")
    mail_to: str = ""
    """Where e-mails go that moments send: a folder, or smtp://user:password@host:587; empty: home/outbox/moments."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
