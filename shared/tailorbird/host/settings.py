"""Settings out of the environment: every complaint names the variable, every unknown one stops the start."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

from tailorbird.contracts.wire import Fault
from tailorbird.rules.consent import DEFAULTS

__all__ = ["PREFIX", "SuiteSettings", "read_service_settings", "read_suite_settings"]

PREFIX = "TAILORBIRD_"

Settings = TypeVar("Settings")


class SuiteSettings(Struct, frozen=True, kw_only=True):
    """What every process of the suite is told; each field is the variable TAILORBIRD_<FIELD>."""

    home: Path = Path(".tailorbird")
    """Folder of everything the suite keeps on this machine."""
    nats_url: str = ""
    """An existing nats-server with JetStream (comma-separated for a cluster); empty: one is started."""
    ledger_url: str = ""
    """The nats-server on which money is counted, with `sync_interval: always`; empty: one is started."""
    nats_seed_file: Path | None = None
    """File with the nkey seed of this process's NATS user; none: no authentication."""
    ledger_seed_file: Path | None = None
    """The same for the ledger."""
    replicas: Annotated[int, Meta(ge=1, le=5)] = 1
    """Copies of every stream and bucket: 3 on a cluster of three."""
    ledger_replicas: Annotated[int, Meta(ge=1, le=5)] = 1
    """Copies of every counter, when the ledger is a cluster of its own."""
    host: str = "127.0.0.1"
    """Address on which the gateway listens."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 8000
    """Its port."""
    public_url: str = ""
    """Address under which customers reach the gateway, for links in e-mails; empty: http://host:port."""
    server_key: str = ""
    """What your servers show for pages, e-mails, profiles and items; empty: one is made and kept in the home."""
    write_key: str = ""
    """What browsers and Segment's libraries show to send events; empty: one is made and kept in the home."""
    consent_defaults: str = DEFAULTS
    """What may be done for somebody who said nothing, by region: `EU=none US-CA=analytics+email *=all`."""
    time_zone: str = "UTC"
    """The shop's: hours and days in rules and in what is usual are those of its clocks (`Europe/Berlin`)."""
    log_level: str = "info"
    """debug, info, warning or error."""
    use_sensitive: bool = False
    """Whether items that the catalogue flags as sensitive may feed traits and segments, and stand in e-mails."""
    demo: bool = False
    """Serve the demonstration shop under /shop."""


def read_suite_settings(environ: Mapping[str, str], service_names: Iterable[str]) -> SuiteSettings:
    """The suite's settings. Raises Fault(422) naming each variable that is wrong or that nothing reads."""
    services = tuple(f"{PREFIX}{name.upper()}_" for name in service_names)
    own = {key: value for key, value in environ.items() if key.startswith(PREFIX) and not key.startswith(services)}
    settings = _read(SuiteSettings, PREFIX, own, {})
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Fault(
            422, f"{PREFIX}TIME_ZONE is wrong: no time zone is called '{settings.time_zone}'; one is Europe/Berlin."
        ) from error
    return settings


def read_service_settings(
    kind: type[Settings], name: str, environ: Mapping[str, str], suite: SuiteSettings
) -> Settings:
    """A service's settings; fields it shares by name with the suite (`home`, `public_url` ...) come from there."""
    prefix = f"{PREFIX}{name.upper()}_"
    own = {key: value for key, value in environ.items() if key.startswith(prefix)}
    fields = set(getattr(kind, "__struct_fields__", ()))
    given = {field: getattr(suite, field) for field in SuiteSettings.__struct_fields__ if field in fields}
    return _read(kind, prefix, own, given)


def _read(kind: type[Settings], prefix: str, environ: Mapping[str, str], given: dict[str, Any]) -> Settings:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}  # type: ignore[arg-type]
    values: dict[str, Any] = dict(given)
    for key, text in environ.items():
        name = key.removeprefix(prefix).lower()
        if name not in fields:
            near = difflib.get_close_matches(name, fields, n=1)
            hint = f" Did you mean {prefix}{near[0].upper()}?" if near else ""
            raise Fault(422, f"The environment variable {key} is not a setting of Tailorbird.{hint}")
        try:
            # With strict=False msgspec reads "8100" as a number and "true" as a truth value.
            values[name] = msgspec.convert(text, fields[name].type, strict=False, dec_hook=_path)
        except msgspec.ValidationError as error:
            raise Fault(422, f"The environment variable {key} is wrong: {error}.") from error
    return kind(**values)


def _path(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise TypeError(f"no way to read a setting of type {kind}")
