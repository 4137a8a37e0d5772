"""Which identifiers tie two profiles together, and which only hint."""

from __future__ import annotations

from typing import Any

from tailorbird.contracts.profiles import Event
from tailorbird.profiles.collecting.batches import Changes, Fold
from tailorbird.profiles.identity.graph import hashed_email, hashed_phone, strong_ids
from tailorbird.profiles.person.profile import StoredProfile

START = 1_795_000_000


def told(number: int, **fields: Any) -> Event:
    return Event(message_id=f"g-{number}", type="identify", at=START + number, **({"trusted": True} | fields))


def fold(*events: Event, **profiles: StoredProfile) -> tuple[Fold, Changes]:
    """The fold over persons named after their ids: `customer_ann` leads to customer:ann."""
    owners = {name.replace("_", ":", 1): name for name in profiles}
    one = Fold(owners, profiles, {})
    return one, one.take(events)


ANN, BEN = StoredProfile(customer_id="ann"), StoredProfile(customer_id="ben")
MAIL = {"email": "Ann@Example.org "}


def test_an_address_is_hashed_in_one_spelling() -> None:
    assert hashed_email(" ANN@example.org") == hashed_email("ann@example.org")
    assert hashed_phone("+49 (30) 123-456") == hashed_phone("0049 30 123456")


def test_only_what_is_vouched_for_is_an_identifier() -> None:
    assert strong_ids(told(1, customer_id="ann", traits=MAIL, trusted=False)) == ()
    device = {"device": {"id": "d-1"}}
    found = strong_ids(told(2, customer_id="ann", traits=MAIL | {"loyaltyCard": "77"}, context=device))
    assert [one.partition(":")[0] for one in found] == ["email", "card", "device"]


def test_the_same_address_makes_one_person_of_a_visitor_and_a_customer() -> None:
    visitor = told(1, anonymous_id="a-1", traits=MAIL)
    customer = told(2, customer_id="ann", traits=MAIL)
    _, changes = fold(visitor, customer, customer_ann=ANN, **{"anonymous_a-1": StoredProfile()})
    assert changes.merged["anonymous_a-1"].merged_into == "customer_ann"
    links = {link.identity: link for link in changes.profiles["customer_ann"].links}
    mail = links[f"email:{hashed_email('ann@example.org')}"]
    assert (mail.at, mail.source, mail.evidence) == (START + 1, "server", "identify g-1")
    assert "anonymous:a-1" in links


def test_two_customers_with_one_address_stay_two() -> None:
    events = [told(1, customer_id="ann", traits=MAIL), told(2, customer_id="ben", traits=MAIL)]
    _, changes = fold(*events, customer_ann=ANN, customer_ben=BEN)
    assert not changes.merged
    assert {one.customer_id for one in changes.profiles.values()} == {"ann", "ben"}


def test_the_family_tablet_belongs_to_nobody_once_two_customers_used_it() -> None:
    tablet: dict[str, Any] = {"anonymous_id": "tablet", "context": {"device": {"id": "tablet-7"}}}
    events = [
        told(1, customer_id="ann", **tablet),
        told(2, customer_id="ben", **tablet),
    ]
    _, changes = fold(*events, customer_ann=ANN, customer_ben=BEN, anonymous_tablet=StoredProfile())
    assert set(changes.merged) == {"anonymous_tablet"}
    assert set(changes.parted) == {"anonymous:tablet", "device:tablet-7"}
    assert {name: one.customer_id for name, one in changes.profiles.items()} == {
        "customer_ann": "ann",
        "customer_ben": "ben",
    }


def test_weak_evidence_is_noted_and_ties_nothing() -> None:
    home: dict[str, Any] = {"traits": {"address": "Main Street 5, Springfield"}, "context": {"ip": "192.0.2.7"}}
    events = [told(1, customer_id="ann", **home), told(2, anonymous_id="a-1", **home)]
    _, changes = fold(*events, customer_ann=ANN, **{"anonymous_a-1": StoredProfile()})
    assert not changes.merged
    for profile in changes.profiles.values():
        assert {link.identity.partition(":")[0] for link in profile.links if link.weak} == {"household", "ip"}


def test_links_are_the_same_whichever_order_they_are_heard_in() -> None:
    first, second = told(1, customer_id="ann", traits=MAIL), told(9, customer_id="ann", traits=MAIL)
    _, forward = fold(first, second, customer_ann=ANN)
    _, backward = fold(second, first, customer_ann=ANN)
    assert forward.profiles["customer_ann"].links == backward.profiles["customer_ann"].links
