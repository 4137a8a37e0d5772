"""Whose an event is, and which ids it ties together."""

from __future__ import annotations

import pytest

from tailorbird.contracts.profiles import Event
from tailorbird.profiles.collecting.batches import Changes, Fold, NeedsPersonError
from tailorbird.profiles.identity.belonging import Belonging, belonging
from tailorbird.profiles.person.profile import StoredProfile
from tests.unit.profiles.events import event


def nobody(_: str) -> StoredProfile | None:
    return None


def take(events: list[Event], owners: dict[str, str], profiles: dict[str, StoredProfile]) -> Changes:
    return Fold(owners, {pseudonym: StoredProfile() for pseudonym in owners.values()} | profiles, {}).take(events)


def test_an_event_with_one_id_belongs_to_it() -> None:
    assert belonging(event(1), nobody) == Belonging("customer:c-1")
    assert belonging(event(1, customer_id="", anonymous_id="a-1"), nobody) == Belonging("anonymous:a-1")


def test_a_server_links_an_anonymous_id_to_its_customer() -> None:
    found = belonging(event(1, anonymous_id="a-1", trusted=True), nobody)
    assert found == Belonging("customer:c-1", link="anonymous:a-1")


def test_with_the_write_key_the_visitor_stays_apart_and_the_name_is_a_claim() -> None:
    found = belonging(event(1, anonymous_id="a-1"), nobody)
    assert found == Belonging("anonymous:a-1", claim="c-1")


def test_an_alias_links_the_previous_id() -> None:
    found = belonging(event(1, kind="alias", previous_id="a-1", trusted=True), nobody)
    assert found == Belonging("customer:c-1", link="anonymous:a-1")


def test_once_linked_events_with_the_write_key_reach_the_customer() -> None:
    found = belonging(event(1, anonymous_id="a-1"), lambda _: StoredProfile(customer_id="c-1"))
    assert found == Belonging("customer:c-1")


def test_a_device_of_two_customers_is_parted_by_the_server_and_never_linked_again() -> None:
    other = StoredProfile(customer_id="c-2")
    parted = belonging(event(1, anonymous_id="a-1", trusted=True), lambda _: other)
    assert parted == Belonging("customer:c-1", parted="anonymous:a-1", with_visitor=False)
    assert belonging(event(1, anonymous_id="a-1"), lambda _: other).parted == ""
    shared = belonging(event(1, anonymous_id="a-1", trusted=True), lambda _: StoredProfile(shared=True))
    assert shared == Belonging("customer:c-1", with_visitor=False)


def test_a_batch_says_which_id_needs_a_person() -> None:
    with pytest.raises(NeedsPersonError) as needed:
        take([event(1)], {}, {})
    assert needed.value.identity == "customer:c-1"


def test_a_link_brings_what_the_visitor_did_and_later_events_follow() -> None:
    view = event(1, "Product Viewed", customer_id="", anonymous_id="a-1", properties={"product_id": "milk"})
    link = event(2, kind="identify", at=5, anonymous_id="a-1", trusted=True)
    after = event(3, "Product Viewed", at=9, customer_id="", anonymous_id="a-1", properties={"product_id": "rye"})
    changes = take([view, link, after], {"anonymous:a-1": "P1", "customer:c-1": "P2"}, {})
    assert [(source, last.merged_into) for source, last in changes.merged.items()] == [("P1", "P2")]
    assert list(changes.profiles) == ["P2"]
    profile = changes.profiles["P2"]
    assert [signal.item_id for signal in profile.recent.entries()] == ["rye", "milk"]
    assert profile.session is not None
    assert profile.session.views == 2
    assert profile.anonymous_ids == ("a-1",)


def test_a_link_taken_again_after_a_crash_counts_nothing_twice() -> None:
    view = event(1, "Product Viewed", customer_id="", anonymous_id="a-1", properties={"product_id": "milk"})
    link = event(2, kind="identify", at=5, anonymous_id="a-1", trusted=True)
    owners = {"anonymous:a-1": "P1", "customer:c-1": "P2"}
    visitor = take([view], owners, {}).profiles["P1"]
    first = take([link], owners, {"P1": visitor}).profiles["P2"]
    again = take([view, link], owners, {"P1": visitor, "P2": first})
    assert list(again.merged) == ["P1"]
    assert again.profiles == {}


def test_an_event_whose_message_id_came_before_the_link_counts_once_after_it() -> None:
    view = event(1, "Product Viewed", customer_id="", anonymous_id="a-1", properties={"product_id": "milk"})
    link = event(2, kind="identify", at=5, anonymous_id="a-1", trusted=True)
    changes = take([view, link, view], {"anonymous:a-1": "P1", "customer:c-1": "P2"}, {})
    session = changes.profiles["P2"].session
    assert session is not None
    assert session.views == 1


def test_a_parted_device_gets_a_person_of_its_own() -> None:
    told = event(1, "Product Viewed", anonymous_id="a-1", trusted=True, properties={"product_id": "milk"})
    owners = {"anonymous:a-1": "P2", "customer:c-1": "P1", "customer:c-2": "P2"}
    changes = take([told], owners, {"P2": StoredProfile(customer_id="c-2")})
    assert changes.parted == ["anonymous:a-1"]
    assert changes.profiles["P1"].anonymous_ids == ()
    assert "P2" not in changes.profiles
