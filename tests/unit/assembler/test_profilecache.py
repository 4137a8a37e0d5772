"""Profiles at hand: fresh, bounded, and never older than what was announced."""

from __future__ import annotations

from tailorbird.assembler.gathering.profilecache import ProfileCache
from tailorbird.contracts.profiles import Profile
from tailorbird.contracts.words import CustomerRef
from tests.unit.assembler import shop

NOW = shop.NOW
ANA = CustomerRef(customer_id="1228")
DEVICE = CustomerRef(anonymous_id="a-1")


def held(cache: ProfileCache, customer: CustomerRef, profile: Profile, foreseen: bool = False) -> None:
    generation = cache.begin_asking(customer)
    cache.end_asking(customer, profile, generation, NOW, foreseen)


def version(cache: ProfileCache, customer: CustomerRef) -> int | None:
    found = cache.get(customer)
    return found.profile.version if found else None


def test_a_newer_announcement_replaces_and_an_older_one_does_not() -> None:
    cache = ProfileCache(10)
    held(cache, ANA, shop.profile(version=3))
    cache.announce(shop.profile(version=2), NOW)
    assert version(cache, ANA) == 3
    cache.announce(shop.profile(version=4), NOW)
    assert version(cache, ANA) == 4


def test_nobody_is_held_whom_no_call_was_about() -> None:
    cache = ProfileCache(10)
    cache.announce(shop.profile(), NOW)
    assert len(cache) == 0


def test_an_answer_never_overwrites_what_was_announced_while_it_was_under_way() -> None:
    cache = ProfileCache(10)
    generation = cache.begin_asking(ANA)
    cache.announce(shop.profile(version=6), NOW)
    cache.end_asking(ANA, shop.profile(version=5), generation, NOW)
    assert version(cache, ANA) == 6


def test_an_answer_from_before_the_segments_changed_is_used_once_and_not_held() -> None:
    cache = ProfileCache(10)
    generation = cache.begin_asking(ANA)
    cache.clear()
    assert cache.end_asking(ANA, shop.profile(), generation, NOW) is not None
    assert cache.get(ANA) is None


def test_what_was_foreseen_from_a_calls_events_gives_way_to_the_same_version_stored() -> None:
    cache = ProfileCache(10)
    held(cache, ANA, shop.profile(version=4, first_name="Foreseen"), foreseen=True)
    cache.announce(shop.profile(version=3), NOW)
    assert version(cache, ANA) == 4
    cache.announce(shop.profile(version=4, first_name="Stored"), NOW)
    found = cache.get(ANA)
    assert found is not None
    assert found.profile.first_name == "Stored"


def test_a_device_that_turns_out_to_be_a_customers_gets_that_profile_whatever_its_version() -> None:
    cache = ProfileCache(10)
    held(cache, DEVICE, Profile(customer=DEVICE, person="device", version=9))
    merged = shop.profile(version=2, customer=CustomerRef(customer_id="1228", anonymous_id="a-1"))
    cache.announce(merged, NOW)
    assert version(cache, DEVICE) == 2


def test_every_device_of_a_person_hears_of_a_change() -> None:
    cache = ProfileCache(10)
    other = CustomerRef(anonymous_id="a-2")
    held(cache, DEVICE, shop.profile(version=3))
    held(cache, other, shop.profile(version=3))
    cache.announce(shop.profile(version=5), NOW)
    assert (version(cache, DEVICE), version(cache, other)) == (5, 5)


def test_a_profile_announced_as_expired_is_dropped() -> None:
    cache = ProfileCache(10)
    held(cache, ANA, shop.profile(version=3))
    cache.announce(shop.profile(version=4, expires_at=NOW - 1), NOW)
    assert cache.get(ANA) is None


def test_the_ones_used_last_are_held() -> None:
    cache = ProfileCache(2)
    for number in range(3):
        held(cache, CustomerRef(customer_id=str(number)), shop.profile(str(number)))
        cache.get(CustomerRef(customer_id="0"))
    assert [version(cache, CustomerRef(customer_id=str(number))) for number in range(3)] == [3, None, 3]


def test_a_copy_is_out_of_date_when_its_visit_ended_or_an_announcement_may_have_been_missed() -> None:
    cache = ProfileCache(2)
    held(cache, ANA, shop.profile(expires_at=NOW + 60))
    found = cache.get(ANA)
    assert found is not None
    assert [found.out_of_date(NOW + seconds, 600) for seconds in (0, 59, 60)] == [False, False, True]
    held(cache, ANA, shop.profile())
    found = cache.get(ANA)
    assert found is not None
    assert [found.out_of_date(NOW + seconds, 600) for seconds in (599, 601)] == [False, True]


def test_what_calls_told_was_bought_is_remembered_for_either_id() -> None:
    cache = ProfileCache(2)
    cache.note_bought(CustomerRef(customer_id="1228", anonymous_id="a-1"), ["p1"], NOW)
    assert cache.noted(ANA, NOW - 10) == ["p1"]
    assert cache.noted(DEVICE, NOW - 10) == ["p1"]
    assert cache.noted(ANA, NOW + 10) == []


def test_a_change_that_is_not_announced_drops_older_copies_only() -> None:
    cache = ProfileCache(10)
    for number in (1, 2):
        asked = CustomerRef(customer_id=f"c-{number}")
        answer = Profile(customer=asked, known=True, person=f"p-{number}", version=5)
        cache.end_asking(asked, answer, cache.begin_asking(asked), NOW)
    cache.stored({"p-1": 6, "p-2": 5, "p-3": 1})
    assert cache.get(CustomerRef(customer_id="c-1")) is None
    assert cache.get(CustomerRef(customer_id="c-2")) is not None


def test_an_answer_older_than_an_unannounced_change_is_not_held() -> None:
    cache = ProfileCache(10)
    asked = CustomerRef(customer_id="c-1")
    generation = cache.begin_asking(asked)
    cache.stored({"p-1": 6})
    late = cache.end_asking(asked, Profile(customer=asked, known=True, person="p-1", version=5), generation, NOW)
    assert late is not None
    assert cache.get(asked) is None
