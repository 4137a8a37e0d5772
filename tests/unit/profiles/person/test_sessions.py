"""Visits heard of in disorder: whichever pieces come first, the profile is that of events in their order."""

from __future__ import annotations

import random
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from tailorbird.contracts.profiles import Event
from tailorbird.profiles.identity.graph import noted
from tailorbird.profiles.person.folding import fold
from tailorbird.profiles.person.merging import absorbed
from tailorbird.profiles.person.profile import SESSION_GAP, StoredProfile, pack, unpack
from tailorbird.profiles.person.sessions import PIECES_KEPT, sessions_of
from tests.unit.profiles.events import START, event

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def looked(number: int, at: int, **rest: Any) -> Event:
    return event(number, "Product Viewed", at=at, properties={"product_id": f"i-{number % 7}"}, **rest)


def page(number: int, at: int, referrer: str = "", campaign: str = "", **rest: Any) -> Event:
    context = {"page": {"referrer": referrer}, "campaign": {"name": campaign}}
    return event(number, kind="page", at=at, context=context, **rest)


def of(events: list[Event], chance: random.Random | None = None) -> StoredProfile:
    """With `chance`, stored and read anew now and then."""
    found = StoredProfile()
    for one in events:
        before = unpack(pack(found)) if chance and chance.random() < 0.2 else found
        found = noted(before, fold(before, one), one)
    return found


def hashed(profile: StoredProfile) -> str:
    """Of all but the order in which message ids are remembered."""
    return sha256(pack(msgspec.structs.replace(profile, marks=b""))).hexdigest()


def day(chance: random.Random, begin: int, number: int) -> list[Event]:
    """Three visits of one day, with silences just under and just over half an hour within and between them."""
    found: list[Event] = []
    at = begin
    for visit in range(3):
        for place in range(6):
            told = number + 10 * visit + place
            found.append(looked(told, at) if place % 2 else page(told, at, f"https://{told}.example", f"c-{told}"))
            at += chance.choice([MINUTE, 12 * MINUTE, SESSION_GAP - 1])
        at += SESSION_GAP + chance.choice([0, 5, 3 * HOUR])
    return found


@pytest.mark.parametrize("seed", range(4))
def test_visits_in_any_order_give_the_same_hash(seed: int) -> None:
    chance = random.Random(seed)
    events = [*day(chance, 0, 100), *day(chance, 5 * DAY, 200)]
    right = of(events)
    assert len(sessions_of(right)) > 2
    for _ in range(60):
        disordered = [*events, *chance.sample(events, 5)]
        chance.shuffle(disordered)
        assert hashed(of(disordered, chance)) == hashed(right)


def test_the_oldest_piece_of_a_visit_stays_until_the_others_come() -> None:
    pieces = [looked(n, n * 20 * MINUTE) for n in range(10)]
    found = of([*pieces[::2], *pieces[1::2], looked(50, -9 * DAY)])
    assert [(one.started - START, one.ended - START, one.views) for one in sessions_of(found)] == [
        (0, 9 * 20 * MINUTE, 10), (-9 * DAY, -9 * DAY, 1),
    ]  # fmt: skip


def test_the_visit_before_stays_while_the_latest_comes_in_pieces() -> None:
    before, pieces = page(1, -9 * DAY, "https://first.example"), [looked(n, n * 20 * MINUTE) for n in range(2, 12)]
    found = of([before, *pieces[::2], *pieces[1::2]])
    assert [one.referrer for one in sessions_of(found)] == ["", "https://first.example"]


def test_the_referrer_of_a_visit_is_the_first_that_was_told() -> None:
    first, second = page(2, 10 * MINUTE, "https://a.example", "a"), page(3, 20 * MINUTE, "https://b.example", "b")
    events = [looked(1, 0), first, second]
    for some in ([0, 1, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0]):
        (session,) = sessions_of(of([events[place] for place in some]))
        assert (session.referrer, session.campaign) == ("https://a.example", "a")


def test_no_more_pieces_are_kept_than_have_room_and_none_of_who_comes_once_a_day() -> None:
    daily = of([looked(n, n * DAY) for n in range(30)])
    assert len(sessions_of(daily)) == 2
    hourly = of([looked(n, n * HOUR) for n in range(60)])
    assert len(sessions_of(hourly)) == PIECES_KEPT


def test_two_who_turn_out_to_be_one_have_the_visits_of_both_in_any_order() -> None:
    chance = random.Random(7)
    events = [*day(chance, 0, 100), *day(chance, 2 * DAY, 200)]
    right = of([msgspec.structs.replace(one, anonymous_id="") for one in events])
    for _ in range(30):
        mine = set(chance.sample(range(len(events)), len(events) // 2))
        one = [told for place, told in enumerate(events) if place in mine]
        other = [told for place, told in enumerate(events) if place not in mine]
        chance.shuffle(one)
        chance.shuffle(other)
        both = absorbed(of(one), of(other), "p-2")
        assert sessions_of(both) == sessions_of(right)
        assert both.timeline == right.timeline
