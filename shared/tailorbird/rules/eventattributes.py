"""What the rule of a moment may test beside everything else: the event that raised it."""

from __future__ import annotations

from tailorbird.rules.attributes import CATALOGUE, Attribute

__all__ = ["CATALOGUE_OF_MOMENTS"]

CATALOGUE_OF_MOMENTS = CATALOGUE.declaring(
    Attribute(name="event.name", type="text", label="event"),
    Attribute(name="event.item_id", type="text", label="item of the event", description="By id"),
    Attribute(name="event.item_category", type="text", label="category of the event's item"),
    Attribute(name="event.item_department", type="text", label="department of the event's item"),
    Attribute(name="event.value", type="number", label="value of the event", description="Revenue of an order"),
    Attribute(name="event.seconds", type="number", label="seconds of the event", description="Of Item Dwelled"),
    Attribute(name="event.geofence", type="text", label="geofence of the event"),
    Attribute(name="event.reason", type="text", label="reason told with the event"),
)
"""What a moment's rule may ask about: all that segments may, the cart, and the event that raised it."""
