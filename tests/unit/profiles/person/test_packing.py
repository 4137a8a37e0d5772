"""Profiles are small on disk and come back as they went."""

from __future__ import annotations

import pytest

from tailorbird.contracts.words import Bought, Signal
from tailorbird.profiles.keeping.keyring import Person
from tailorbird.profiles.keeping.sealing import seal
from tailorbird.profiles.person.packing import History
from tailorbird.profiles.person.profile import (
    StoredProfile,
    mark_of,
    pack,
    remembers,
    unpack,
)
from tailorbird.profiles.person.recent import Recent

AT = 1_795_000_000


@pytest.mark.parametrize("item_id", ["1", "0", "007", "milk", "٣", "-4", "1.5", "9" * 18, "9" * 40, "ab/c d", ""])
def test_every_item_id_comes_back_as_it_was(item_id: str) -> None:
    history = History((Bought(item_id, 3, AT, 2.5), Bought("other", 1, AT - 86_400, 1.0)))
    assert History(packed=history.packed()).entries() == history.entries()
    recent = Recent((Signal("dismissed", item_id, AT), Signal("viewed", item_id, AT - 1)))
    assert Recent(packed=recent.packed()).entries() == recent.entries()


def test_a_profile_comes_back_as_it_was() -> None:
    history, recent = History((Bought("1", 1, AT, 1.0),)), Recent((Signal("bought", "1", AT),))
    profile = StoredProfile(customer_id="c", history=history, recent=recent)
    assert unpack(pack(profile)) == profile


def test_three_hundred_bought_items_take_less_than_three_and_a_half_kilobytes_sealed() -> None:
    bought = tuple(Bought(str(1_000_000 + 37 * n), 1 + n % 5, AT - n // 10 * 90_000) for n in range(300))
    recent = tuple(Signal("viewed", str(1_000_000 + n), AT - 60 * n) for n in range(50))
    profile = StoredProfile(customer_id="1228", history=History(bought), recent=Recent(recent))
    assert len(seal(Person("p", bytes(32)), pack(profile))) < 3_584


def test_forty_events_take_less_than_a_kilobyte() -> None:
    recent = tuple(Signal("viewed", str(1_000_000 + n), AT - 60 * n) for n in range(40))
    marks = b"".join(mark_of(str(n)) for n in range(40))
    assert len(pack(StoredProfile(customer_id="1228", recent=Recent(recent), marks=marks))) < 700


def test_a_mark_is_found_only_where_a_mark_begins() -> None:
    marks = bytes(range(12))
    assert remembers(marks, bytes(range(6)))
    assert remembers(marks, bytes(range(6, 12)))
    assert not remembers(marks, bytes(range(3, 9)))
