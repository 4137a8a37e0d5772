"""Of whom nothing may be kept, an event stays as something that happened to nobody."""

from __future__ import annotations

from typing import Any

from tailorbird.contracts.profiles import Event
from tailorbird.host.privacy import at_the_door
from tailorbird.rules.consent import ConsentDefaults

DEFAULTS = ConsentDefaults()
REFUSAL = {"consent": {"categoryPreferences": {"personalization": False}}}


def event(**fields: Any) -> Event:
    about: dict[str, Any] = {"customer_id": "c-1", "anonymous_id": "a-1", "traits": {"age": "30"}}
    return Event(message_id="m", type="track", at=1.0, event="Product Viewed", **(about | fields))


def test_with_global_privacy_control_an_event_is_nobodys() -> None:
    (kept,) = at_the_door([event(properties={"product_id": "i-1"}, context={"ip": "192.0.2.1"})], True, DEFAULTS)
    assert (kept.customer_id, kept.anonymous_id, kept.traits, kept.context) == ("", "", {}, {})
    assert kept.properties == {"product_id": "i-1"}
    assert at_the_door([event(context={"gpc": True})], False, DEFAULTS)[0].customer_id == ""


def test_a_refusal_is_kept_with_the_id_that_it_is_about_and_nothing_else() -> None:
    (kept,) = at_the_door([event(properties={"product_id": "i-1"}, context=REFUSAL | {"ip": "x"})], False, DEFAULTS)
    assert (kept.anonymous_id, kept.context, kept.properties, kept.traits) == ("a-1", REFUSAL, {}, {})


def test_a_refusal_that_comes_with_an_event_of_any_name_is_no_mistake() -> None:
    (kept,) = at_the_door([event(properties={"product_id": "i-1"}, context=REFUSAL)], False, DEFAULTS)
    assert (kept.type, kept.event) == ("track", "")


def test_with_global_privacy_control_what_cannot_be_read_is_not_kept() -> None:
    unreadable = event(properties={"sent": {"userId": "c-1"}}, mistake="No event.")
    (kept,) = at_the_door([unreadable], True, DEFAULTS)
    assert (kept.customer_id, kept.properties, kept.mistake) == ("", {}, "No event.")


def test_where_the_region_needs_a_yes_the_event_says_so() -> None:
    events = [event(), event(context={"location": {"country": "FR"}}), event(context={"region": "US"})]
    assert [one.needs_consent for one in at_the_door(events, False, DEFAULTS)] == [False, True, False]
    assert at_the_door([event()], False, DEFAULTS, region="DE")[0].needs_consent
