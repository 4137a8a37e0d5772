"""Events as they may be kept: of whom nothing may be kept, the event stays without whose it was."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from litestar.connection import ASGIConnection
from msgspec.structs import replace

from tailorbird.contracts.profiles import Event
from tailorbird.contracts.wire import Fault
from tailorbird.rules.consent import ConsentDefaults

__all__ = ["at_the_door", "consent_defaults", "sends_gpc"]


def sends_gpc(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether the browser sends Global Privacy Control: the header `Sec-GPC: 1`."""
    return connection.headers.get("sec-gpc", "").strip() == "1"


@functools.lru_cache(maxsize=8)
def consent_defaults(text: str) -> ConsentDefaults:
    """The defaults of a setting, read once. Raises Fault(422) with what is wrong."""
    try:
        return ConsentDefaults(text)
    except ValueError as error:
        raise Fault(422, f"The environment variable TAILORBIRD_CONSENT_DEFAULTS is wrong: {error}") from error


def at_the_door(
    events: Iterable[Event], gpc: bool, defaults: ConsentDefaults, region: str = ""
) -> tuple[Event, ...]:
    """The events as they may be stored. `region`: of the call, for events that name none.

    An event that comes with Global Privacy Control or with a refusal of personalization is kept without ids, traits and
    context, as something that happened to nobody; what it says of consent is kept with the id that it is about.
    """
    return tuple(_kept(event, gpc, defaults, region) for event in events)


def _kept(event: Event, gpc: bool, defaults: ConsentDefaults, region: str) -> Event:
    context = event.context
    said = context.get("consent") if context else None
    preferences = said.get("categoryPreferences") if isinstance(said, dict) else None
    speaks = isinstance(preferences, dict)
    refused = isinstance(preferences, dict) and preferences.get("personalization") is False
    if gpc or refused or (context and context.get("gpc") is True):
        if speaks:
            # Without its name too: an event of that name may need what is not kept, and then its word would be lost.
            return replace(event, event="", properties={}, traits={}, context={"consent": said}, mistake="")
        properties = {} if event.mistake else event.properties
        return replace(
            event, customer_id="", anonymous_id="", previous_id="", properties=properties, traits={}, context={}
        )
    if "personalization" not in defaults.granted(region or _region_of(context)):
        return replace(event, needs_consent=True)
    return event


def _region_of(context: dict[str, Any]) -> str:
    """The region that an event names: `context.region`, or Segment's `context.location.country`."""
    location = context.get("location")
    found = context.get("region") or (location.get("country") if isinstance(location, dict) else "")
    return found if isinstance(found, str) else ""
