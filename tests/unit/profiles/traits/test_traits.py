"""Attributes out of a profile, worked by hand, and the segments that follow from them."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from tailorbird.contracts.words import Bought, CustomerRef
from tailorbird.profiles.answering.describing import Knowledge, described, stranger
from tailorbird.profiles.person.packing import History
from tailorbird.profiles.person.profile import DAY, Order, Response, Session, StoredProfile, Trait
from tailorbird.profiles.segments.membership import Persona, Segment, SegmentIndex, check
from tailorbird.profiles.traits.attributes import Lasting, attributes
from tailorbird.profiles.traits.items import Items, Kinds, items_from_columns
from tailorbird.profiles.traits.population import OrderTotals, Population, fifths, lifetime_value, quintile
from tailorbird.profiles.traits.tastes import Tastes, tastes_of
from tailorbird.rules.attributes import CATALOGUE
from tailorbird.rules.document import Rule

AT = 1_795_000_000.0

REGULAR = StoredProfile(
    customer_id="c-1",
    traits={
        "age": Trait("25-34", 0, "imported"),
        "email": Trait("ada@example.com", 0, "imported"),
        "first_name": Trait("Ada", 0, "given"),
        "income": Trait("250K+", 0, "claimed"),
    },
    audiences=("8", "13"),
    orders=4,
    spend=100.0,
    lines=10,
    discounted_lines=4,
    first_order_at=int(AT) - 100 * DAY,
    last_order_at=int(AT) - 2 * DAY,
    recent_orders=(
        Order(int(AT) - 2 * DAY, 30.0, b"000001"),
        Order(int(AT) - 89 * DAY, 20.0, b"000002"),
        Order(int(AT) - 91 * DAY, 25.0, b"000003"),
    ),
    history=History((Bought("milk", 3, int(AT) - 2 * DAY), Bought("rye", 1, int(AT) - 91 * DAY))),
    forgotten_items=5,
    responses=(Response("coupon", "redeemed", 2, 0), Response("coupon", "viewed", 9, 0)),
    session=Session(int(AT) - 300, int(AT) - 60, views=3, pages=2, searches=("tea",)),
)


POPULATION = Population(
    value=(1.0, 2.0, 3.0, 10_000.0),
    last_at=tuple(AT - days * DAY for days in (90, 60, 30, 7)),
    orders=(2.0, 4.0, 8.0, 16.0),
    spend=(50.0, 200.0, 400.0, 800.0),
)


def rule(field: str, operator: str, value: Any) -> Rule:
    return msgspec.convert({"field": field, "operator": operator, "value": value}, Rule)


def test_attributes_of_a_regular_customer() -> None:
    found = attributes(REGULAR, Tastes(("Dairy", "Bakery"), "Milk", 0.75), AT, POPULATION)
    assert found == {
        "customer.age": "25-34",
        "customer.first_name": "Ada",
        "customer.registered": True,
        "customer.audiences": ["8", "13"],
        "history.orders": 4,
        "history.spend": 100.0,
        "history.is_new": False,
        "history.average_order": 25.0,
        "history.days_since_last_order": 2,
        "history.days_since_first_order": 100,
        "history.orders_last_90_days": 2,
        "history.spend_last_90_days": 50.0,
        "history.distinct_items": 7,
        "history.departments": ["Dairy", "Bakery"],
        "history.top_department": "Dairy",
        "history.top_category": "Milk",
        "history.private_brand_share": 0.75,
        "history.discount_share": 0.4,
        "history.coupons_redeemed": 2,
        "history.predicted_value": 365.0,
        "history.attrition": 0.0,
        "history.recency_quintile": 5,
        "history.frequency_quintile": 3,
        "history.monetary_quintile": 2,
        "history.rfm": "532",
        "history.value_quintile": 4,
        "session.views": 3,
        "session.pages": 2,
        "session.minutes": 5.0,
        "session.searches": ["tea"],
        "journey.stage": "researching",
        "treatment.visitor": "repeat",
        "treatment.advocacy": "passive",
        "treatment.frequency": "occasional",
        "treatment.breadth": "single_category",
        "share.identity": 0.56,
        "share.behaviour": 0.44,
    }


def test_every_attribute_is_in_the_catalogue_of_rules() -> None:
    found = attributes(REGULAR, Tastes(("Dairy",), "Milk", 0.5), AT, POPULATION)
    assert [name for name in found if CATALOGUE.find(name) is None] == []


def test_a_visit_that_ended_counts_no_longer() -> None:
    found = attributes(REGULAR, Tastes(), AT + 1_740)
    assert (found["session.views"], found["session.minutes"], found["session.searches"]) == (0, 0.0, [])


def test_somebody_without_an_order_has_no_averages() -> None:
    found = attributes(StoredProfile(), Tastes(), AT)
    assert found["history.orders"] == 0
    assert found["history.is_new"] is True
    assert found["customer.registered"] is False
    assert "history.average_order" not in found
    assert "history.days_since_last_order" not in found


@pytest.mark.parametrize(
    ("orders", "spend", "first_days", "last_days", "value"),
    [
        (0, 0.0, 0, 0, 0.0),
        (4, 100.0, 100, 2, 365.0),  # one order of 25 every 25 days: 14.6 orders a year
        (1, 10.0, 0, 0, 130.36),  # one order counts as one in four weeks: 13.036 a year
        (10, 100.0, 100, 100, 100.91),  # a gap of 10 days, taken as 14: 7.14 gaps of silence, e^-1.29
    ],
)
def test_predicted_value_worked_by_hand(
    orders: int, spend: float, first_days: int, last_days: int, value: float
) -> None:
    found = lifetime_value(OrderTotals(orders, spend, int(AT) - first_days * DAY, int(AT) - last_days * DAY), AT)
    assert found == pytest.approx(value, rel=0.001)


def test_fifths_part_a_hundred_values_evenly() -> None:
    thresholds = fifths(range(100))
    counts = [0] * 5
    for value in range(100):
        counts[quintile(value, thresholds) - 1] += 1
    assert counts == [20, 20, 20, 20, 20]
    assert fifths([1.0, 2.0]) == ()


def test_tastes_count_each_order_of_an_item() -> None:
    items = items_from_columns(
        ["milk", "rye", "tea"],
        ["Dairy", "Bakery", ""],
        ["Milk", "Bread", None],
        ["Private", "National", None],
        ["{}", "{}", None],
    )
    bought = items.numbers_of(["milk", "rye", "tea", "unknown"])
    assert tastes_of(bought, np.array([3, 1, 9, 50]), items.kinds) == Tastes(("Dairy", "Bakery"), "Milk", 0.2308)
    assert tastes_of(bought[3:], np.array([50]), items.kinds) == Tastes()


def test_items_of_one_kind_share_it() -> None:
    items = items_from_columns(["a", "b"], ["D", "D"], ["C", "C"], ["x", "x"], ["{}", "{}"])
    assert items.get("a") is items.get("b")


def test_kinds_of_items_are_found_by_number_whenever_an_item_came() -> None:
    kinds = Kinds()
    milk, rye, tea = (kinds.of(name, name, False, "", None) for name in ("milk", "rye", "tea"))
    items = Items(kinds, {"7": milk, "12": rye, "007": tea, "x": rye})
    assert items.numbers_of([12, 7, 8]).tolist() == [rye.number, milk.number, 0]
    assert items.numbers_of([12, "007", "x", "y"]).tolist() == [rye.number, tea.number, rye.number, 0]
    assert [items.put("7", tea), items.put("8", milk), items.put("8", milk), items.put("12", None)] == [1, 1, 0, 1]
    assert items.numbers_of([12, 7, 8, 9]).tolist() == [0, tea.number, milk.number, 0]
    assert items.numbers_of([]).tolist() == Items().numbers_of([]).tolist() == []


def test_the_first_persona_in_order_counts_and_segments_nest() -> None:
    segments = {
        "vip": Segment(rule=rule("segments", "contains", "regular")),
        "regular": Segment(rule=rule("history.orders", ">=", 4)),
        "elders": Segment(rule=rule("customer.age", "=", "65+")),
    }
    personas = {
        "everyone": Persona(order=1_000),
        "premium": Persona(order=2, rule=rule("segments", "contains", "vip")),
        "newcomers": Persona(order=1, rule=rule("history.is_new", "=", True)),
    }
    assert check({"segment": segments, "persona": personas}) == []
    index = SegmentIndex(segments, personas)
    assert index.of(attributes(REGULAR, Tastes(), AT)) == (("regular", "vip"), "premium")
    assert index.of(attributes(StoredProfile(), Tastes(), AT)) == ((), "newcomers")
    assert SegmentIndex({}, {}).of({}) == ((), "")


def test_each_mistake_in_segments_is_told_with_its_place() -> None:
    segments = {
        "a": Segment(rule=rule("history.orderz", ">", 1)),
        "b": Segment(rule=rule("segments", "contains", "nowhere")),
        "c": Segment(rule=rule("context.channel", "=", "web")),
    }
    problems = check({"segment": segments, "persona": {}})
    assert [problem.path for problem in problems] == ["segment/a $.rule.field", "segment/b $.rule", "segment/c $.rule"]


def test_segments_that_lead_back_to_themselves_are_told() -> None:
    circle = {
        "a": Segment(rule=rule("segments", "contains", "b")),
        "b": Segment(rule=rule("segments", "contains", "a")),
        "c": Segment(rule=rule("history.orders", ">", 1)),
    }
    assert [problem.path for problem in check({"segment": circle})] == ["segment/a $.rule", "segment/b $.rule"]


def test_a_copy_of_a_profile_holds_for_a_minute_in_a_visit_and_an_hour_else() -> None:
    knowledge = Knowledge()
    visiting = described(CustomerRef(customer_id="c-1"), REGULAR, Lasting(), AT, knowledge)
    assert visiting.expires_at == AT + 60
    quiet = described(CustomerRef(customer_id="c-1"), REGULAR, Lasting(), AT + 7_200, knowledge)
    assert quiet.expires_at == AT + 10_800


def test_a_stranger_is_told_as_unknown_and_not_to_be_kept() -> None:
    told = stranger(CustomerRef(anonymous_id="a-1"), StoredProfile(), AT, Knowledge())
    assert (told.known, told.person, told.version, told.expires_at) == (False, "", 0, AT)
