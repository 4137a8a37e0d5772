"""An answer serves again while nothing has changed that it was made from, and not a moment longer."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from tailorbird.assembler.keptshelves import KeptShelves
from tailorbird.assembler.picks import Shelves
from tailorbird.contracts.recommender import RecommendQuery, Shelf

ANSWER = Shelves({}, "m1")
QUERY = RecommendQuery(
    shelves=(Shelf(slot="for_you", strategy="for_you"),), customer=Raw(b'{"persona":"families"}'), at=100.0
)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def kept(size: int = 10, seconds: float = 60.0) -> tuple[KeptShelves, Clock]:
    clock = Clock()
    return KeptShelves(size, seconds, clock), clock


def test_the_same_question_gets_the_same_answer() -> None:
    shelves, _ = kept()
    shelves.keep(QUERY, ANSWER, shelves.change)
    assert shelves.find(replace(QUERY, at=160.0)) is ANSWER


@pytest.mark.parametrize(
    "other",
    [
        {"at": 161.0},
        {"customer": Raw(b'{"persona":"premium"}')},
        {"facts_name": "b2"},
        {"cart": ("p1",)},
        {"exclude": ("p1",)},
        {"referrer_host": "gadgets.example"},
        {"store_id": "7"},
        {"shelves": (Shelf(slot="for_you", strategy="for_you", count=3),)},
    ],
)
def test_another_question_does_not(other: dict[str, Any]) -> None:
    shelves, _ = kept()
    shelves.keep(QUERY, ANSWER, shelves.change)
    assert shelves.find(replace(QUERY, **other)) is None


def test_a_change_forgets_all_of_them_and_what_was_under_way() -> None:
    shelves, clock = kept()
    shelves.keep(QUERY, ANSWER, shelves.change)
    asked_at = shelves.change
    shelves.forget()
    clock.now += 10.0
    shelves.keep(QUERY, ANSWER, asked_at)
    assert shelves.find(QUERY) is None


def test_right_after_a_change_nothing_is_kept() -> None:
    shelves, clock = kept()
    shelves.forget()
    clock.now += 0.5
    shelves.keep(QUERY, ANSWER, shelves.change)
    assert shelves.find(QUERY) is None
    clock.now += 0.6
    shelves.keep(QUERY, ANSWER, shelves.change)
    assert shelves.find(QUERY) is ANSWER


def test_those_used_longest_ago_make_room() -> None:
    shelves, _ = kept(size=2)
    for number in range(3):
        shelves.keep(replace(QUERY, store_id=str(number)), ANSWER, shelves.change)
        shelves.find(replace(QUERY, store_id="0"))
    assert [shelves.find(replace(QUERY, store_id=str(number))) is ANSWER for number in range(3)] == [True, False, True]
