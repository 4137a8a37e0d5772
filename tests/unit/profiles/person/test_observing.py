"""What events tell beside items and orders, and the attributes that follow."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tailorbird.contracts.profiles import Event
from tailorbird.profiles.person.folding import fold
from tailorbird.profiles.person.merging import absorbed
from tailorbird.profiles.person.profile import DAY, StoredProfile, pack, unpack
from tailorbird.profiles.person.timeline import (
    LINES_KEPT,
    LINES_STAYING,
    Timeline,
    lines_of,
    lines_of_all,
    parted,
    with_line,
)
from tailorbird.profiles.traits import affinity
from tailorbird.profiles.traits.attributes import Lasting, lasting, passing
from tailorbird.profiles.traits.items import Items, items_from_columns, price_levels, sensitive_items
from tailorbird.profiles.traits.population import Population
from tailorbird.profiles.traits.rhythm import counted, usual_hour

AT = 1_795_000_000
NO_ITEMS = Items()


def did(name: str, at: int = AT, /, context: dict[str, Any] | None = None, **properties: Any) -> Event:
    return Event(
        message_id=f"{name} {at} {properties}",
        type="track",
        at=float(at),
        anonymous_id="a-1",
        event=name,
        properties=properties,
        context=context or {},
    )


def after(*events: Event) -> StoredProfile:
    profile = StoredProfile()
    for event in events:
        profile = fold(profile, event)
    return unpack(pack(profile))


def told(profile: StoredProfile, at: int = AT + 60) -> dict[str, Any]:
    return lasting(profile, NO_ITEMS, at, Population()).values | passing(profile, Lasting(), at, NO_ITEMS)


def test_dwelling_and_hovering_add_up_per_item() -> None:
    profile = after(
        did("Item Dwelled", AT, product_id="tea", seconds=40),
        did("Item Dwelled", AT + 1, product_id="tea", seconds=25),
        did("Item Hovered", AT + 2, product_id="rye"),
    )
    found = told(profile)
    assert (found["session.longest_dwell"], found["session.hovers"]) == (65, 1)
    assert found["journey.stage"] == "evaluating"


@pytest.mark.parametrize(
    ("events", "stage"),
    [
        ([did("Product Viewed", AT, product_id="a")], "researching"),
        ([did("Product Viewed", AT, product_id="a"), did("Product Viewed", AT + 5, product_id="a")], "evaluating"),
        ([did("Product Added", AT, product_id="a")], "ready"),
        ([did("Checkout Started", AT)], "ready"),
    ],
)
def test_the_stage_of_the_journey(events: list[Event], stage: str) -> None:
    assert told(after(*events))["journey.stage"] == stage


def test_a_ticket_is_the_same_in_whatever_order_it_is_told() -> None:
    events = [
        did("Ticket Opened", AT, ticket_id="t-1", reason="late delivery", promised_at="2026-12-01T00:00:00Z"),
        did("Ticket Updated", AT + 60, ticket_id="t-1", promised_at="2026-12-02T00:00:00Z"),
        did("Ticket Resolved", AT + 120, ticket_id="t-1"),
        did("Contact Made", AT + 5, reason="late delivery", ticket_id="t-1"),
    ]
    assert len({repr(after(*some).observed) for some in itertools.permutations(events)}) == 1
    ticket = after(*events).observed.tickets[0]
    assert (ticket.reason[1], ticket.opened_at, ticket.resolved_at) == ("late delivery", AT, AT + 120)
    found = told(after(*events[:2]), AT + 200)
    assert (found["contact.open_tickets"], found["contact.promised_at"]) == (1, 1_796_169_600)
    assert told(after(*events), AT + 200)["contact.last_reason"] == "late delivery"


def test_a_place_and_a_device_are_the_latest_whatever_the_order() -> None:
    events = [
        did("Product Viewed", AT + n, {"device": {"type": kind}, "location": {"city": city}}, product_id="a")
        for n, (kind, city) in enumerate([("mobile", "Bonn"), ("desktop", "Ulm"), ("tablet", "Kiel")])
    ]
    for some in itertools.permutations(events):
        found = told(after(*some))
        assert (found["session.device"], found["session.place"]) == ("tablet", "Kiel")


def test_geofences_are_those_entered_and_not_left() -> None:
    entered = [did("Geofence Entered", AT, geofence="store-5"), did("Geofence Entered", AT + 1, geofence="mall")]
    left = did("Geofence Exited", AT + 9, geofence="mall")
    assert told(after(left, *entered))["session.geofences"] == ["store-5"]


def test_openings_by_machines_do_not_count() -> None:
    people = [did("Email Opened", AT + n * DAY, {"userAgent": "Thunderbird/128"}, email_id="w") for n in range(3)]
    machines = [
        did("Email Opened", AT + n * DAY + 7_200, {"userAgent": agent}, email_id="w")
        for n, agent in enumerate(["Mozilla/5.0", "Mozilla/5.0 (via ggpht.com GoogleImageProxy)", "Barracuda Sentinel"])
    ]
    scanned = [did("Email Opened", AT + 3_600, email_id="w", machine_open=True)]
    assert told(after(*people, *machines, *scanned))["usual.open_hour"] == AT // 3_600 % 24
    assert "usual.open_hour" not in told(after(*machines, *scanned))


def test_an_hour_counts_with_its_neighbours() -> None:
    assert usual_hour(counted(b"", [8 * 3600, 9 * 3600, 10 * 3600, 20 * 3600, 20 * 3600])) == 9
    assert usual_hour(counted(b"", [23 * 3600] * 3), offset=2) == 1
    assert usual_hour(counted(b"", [3600] * 2)) is None


def test_somebody_who_reviews_is_an_advocate() -> None:
    assert told(after(did("Product Reviewed", AT, product_id="a")))["treatment.advocacy"] == "advocate"
    assert told(after(did("Product Viewed", AT, product_id="a")))["treatment.advocacy"] == "passive"


def test_the_axes_of_a_visitor_who_only_looks_are_all_behaviour() -> None:
    found = told(after(did("Product Viewed", AT, product_id="a")))
    assert (found["share.identity"], found["share.behaviour"]) == (0.0, 1.0)


def test_a_timeline_is_the_same_in_whatever_order_lines_come() -> None:
    lines = [(AT, "product viewed", "a"), (AT, "page", "/"), (AT + 5, "Own Event", "x"), (AT + 9, "identify", "")]
    timelines = set()
    for some in itertools.permutations(lines):
        timeline = Timeline()
        for at, name, detail in some:
            timeline = with_line(timeline, at, name, detail)
        timelines.add(timeline.packed)
    assert len(timelines) == 1
    assert [(line.at, line.name, line.detail) for line in lines_of(timeline)][:2] == [lines[3], lines[2]]


def test_a_timeline_keeps_the_latest_lines() -> None:
    ahead, behind = Timeline(), Timeline()
    for n in range(LINES_KEPT + 50):
        ahead = with_line(ahead, AT + n, "page", str(n))
        behind = with_line(behind, AT + LINES_KEPT + 49 - n, "page", str(LINES_KEPT + 49 - n))
    assert ahead == behind
    page, staying = parted(ahead)
    assert staying.count == LINES_STAYING
    assert lines_of_all((staying.packed, page)) == lines_of(ahead)
    assert parted(staying) == (b"", staying)
    assert lines_of(ahead)[0].detail == str(LINES_KEPT + 49)


def test_one_person_of_two_has_what_was_noticed_of_both() -> None:
    one = after(did("Product Reviewed", AT, product_id="a"), did("Ticket Opened", AT + 1, ticket_id="t"))
    other = after(did("Contact Made", AT + 2, reason="size"), did("Product Viewed", AT + 3, product_id="b"))
    both = absorbed(one, other, "p-2")
    assert [line.name for line in lines_of(both.timeline)] == [
        "product viewed", "contact made", "ticket opened", "product reviewed",
    ]  # fmt: skip
    assert both.observed.advocacy == 1
    assert both.observed.contacts[0].reason == "size"


def test_affinities_follow_what_was_bought_and_looked_at_lately() -> None:
    items = items_from_columns(
        ["m1", "m2", "b1"], ["D", "D", "D"], ["Milk", "Milk", "Bread"], ["Alpha", "Beta", "Gamma"], ["{}"] * 3,
        [1.0, 3.0, 2.0], {"Milk": (1.5, 2.5), "Bread": (1.0, 1.5)},
    )  # fmt: skip
    some = items.numbers_of(["b1", "unknown", "m1"])
    bought = affinity.of_history(some, np.array([4, 50, 1]), np.array([AT, AT, AT - 200 * DAY]), items.kinds)
    found = affinity.attributes(bought)
    assert found == {"affinity.categories": ["Bread"], "affinity.brands": ["Gamma"], "affinity.price": 1.0}
    recent = after(*[did("Product Viewed", AT + n, product_id="m2") for n in range(8)]).recent.entries()
    assert affinity.attributes(bought, recent, items)["affinity.brands"] == ["Gamma", "Beta"]


def test_prices_are_low_or_high_within_their_category() -> None:
    levels = price_levels(["A"] * 6 + ["B"], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 9.0])
    assert levels == {"A": (3.0, 5.0)}


def test_a_flag_in_the_catalogue_makes_an_item_sensitive() -> None:
    flags = ['{"sensitive":true}', '{"sensitive":false}', None, '{"sensitive":"true"}', '{"sensitive_kind":"x"}']
    assert sensitive_items(["a", "b", "c", "d", "e"], flags) == {"a", "d"}
