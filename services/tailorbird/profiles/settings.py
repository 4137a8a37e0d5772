"""What an operator can set of profiles: TAILORBIRD_PROFILES_<FIELD>."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from tailorbird.profiles.person.ageing import Limits

__all__ = ["Settings"]


class Settings(Struct, frozen=True, kw_only=True):
    """Settings of profiles and of the collector in front of it."""

    home: Path = Path(".tailorbird")
    """Folder of everything the suite keeps on this machine."""
    keyring_file: Path | None = None
    """Where ids, pseudonyms and keys are; not said: profiles/keyring.sqlite in the home."""
    keyring_secret: str = ""
    """Keys the hashes of ids in the keyring; not said: one is made and kept in the keyring."""
    held_profiles: Annotated[int, Meta(ge=1)] = 4_000
    """Profiles kept open in memory; one with 400 items takes some 30 KB."""
    held_ids: Annotated[int, Meta(ge=1)] = 50_000
    """Ids of which it is kept in memory whose they are."""
    spool_dir: Path | None = None
    """Where accepted events wait when the stream does not answer; not said: spool in the home."""
    spool_bytes: Annotated[int, Meta(ge=0)] = 256 * 1024 * 1024
    """How much may wait there before the collector answers 503."""
    time_zone: str = "UTC"
    """Of `usual.open_hour` and `usual.shop_hour`."""
    use_sensitive: bool = False
    """Whether items that the catalogue flags as sensitive may say something of who buys them: traits, segments."""
    private_hosts: str = ""
    """Hosts of webhooks that may be private or without https, with commas: `crm.internal,127.0.0.1:9000`."""
    webhook_pace: Annotated[float, Meta(gt=0)] = 1.0
    """Factor on the pauses between attempts at a webhook, which are those of the Standard Webhooks specification."""
    webhook_secret: str = ""
    """From which the secrets of webhooks are derived; not said: one is made and kept in the home."""
    population_hours: Annotated[float, Meta(gt=0)] = 6.0
    """How often the value model and the fifths are found anew from all customers."""
    gather_minutes: Annotated[float, Meta(gt=0)] = 15.0
    """How often orders that came as events go into the snapshot that training reads; training asks for it too."""
    stream_seconds: Annotated[float, Meta(gt=0)] = 1.0
    """How long the collector waits for the stream before it writes to disk."""

    keep_visitors_days: Annotated[int, Meta(ge=0)] = 400
    """Somebody without a customer id of whom nothing was heard for so many days is erased; 0: never."""
    keep_customers_days: Annotated[int, Meta(ge=0)] = 0
    """The same for customers."""
    keep_behaviour_days: Annotated[int, Meta(ge=0)] = 400
    """What was looked at, searched for and dwelt on, visits, the timeline, moments, answers to offers."""
    keep_purchases_days: Annotated[int, Meta(ge=0)] = 0
    """Which items were bought when, also in what training reads; how many orders for how much stays."""
    keep_contacts_days: Annotated[int, Meta(ge=0)] = 730
    """Conversations, and tickets that were resolved."""
    sweep_hours: Annotated[float, Meta(gt=0)] = 24.0
    """How often what is older than that is done away with."""

    @property
    def limits(self) -> Limits:
        return Limits(
            visitors=self.keep_visitors_days,
            customers=self.keep_customers_days,
            behaviour=self.keep_behaviour_days,
            purchases=self.keep_purchases_days,
            contacts=self.keep_contacts_days,
        )

    @property
    def keyring_path(self) -> Path:
        return self.keyring_file or self.home / "profiles" / "keyring.sqlite"

    @property
    def allowed_hosts(self) -> frozenset[str]:
        return frozenset(host.strip() for host in self.private_hosts.split(",") if host.strip())

    @property
    def webhook_secret_path(self) -> Path:
        return self.home / "profiles" / "webhook.secret"

    @property
    def workspace(self) -> Path:
        return self.home / "profiles" / "work"

    @property
    def spool_folder(self) -> Path:
        return self.spool_dir or self.home / "spool"
