"""An answer serves again while nothing has changed that it was made from, and not a moment longer."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from tailorbird.assembler.gathering.keptanswers import KeptShelves
from tailorbird.assembler.gathering.picks import Shelves
from tailorbird.contracts.documents import Document
from tailorbird.contracts.recommender import RecommendQuery, Shelf

ANSWER = Shelves({}, "m1")
QUERY = RecommendQuery(
    shelves=(Shelf(slot="for_you", strategy="for_you"),), customer=Raw(b'{"persona":"families"}'), at=100.0
)


OTHER_QUERIES: dict[str, Any] = {
    "shelves": (),
    "customer": Raw(b'{"persona":"premium"}'),
    "facts_name": "b2",
    "history": Raw(b'[["p1",1,1,1.0]]'),
    "history_name": "b3",
    "cart": ("p1",),
    "exclude": ("p1",),
    "referrer_host": "gadgets.example",
    "store_id": "7",
    "rested": False,
    "model": "m-2",
    "at": 161.0,
    "trial": (Document(kind="curation", id="week", body=Raw(b"{}")),),
}
OTHER_SHELVES: dict[str, Any] = {
    "slot": "cart",
    "strategy": "search",
    "count": 3,
    "item_id": "p1",
    "among": ("p1", "p2"),
    "categories": ("Bread",),
    "brands": ("Own",),
    "price_from": 1.0,
    "price_to": 9.0,
    "in_stock": True,
    "unbought": True,
    "unseen": True,
    "diverse": 0.5,
    "explore": 0.1,
}


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
    assert shelves.find(replace(QUERY, at=130.0)) is ANSWER


def test_every_field_that_may_be_asked_is_tried() -> None:
    assert (*OTHER_QUERIES,) == RecommendQuery.__struct_fields__
    assert (*OTHER_SHELVES,) == Shelf.__struct_fields__


@pytest.mark.parametrize("field", OTHER_QUERIES)
def test_another_question_does_not(field: str) -> None:
    shelves, _ = kept()
    shelves.keep(QUERY, ANSWER, shelves.change)
    assert shelves.find(replace(QUERY, **{field: OTHER_QUERIES[field]})) is None


@pytest.mark.parametrize("field", OTHER_SHELVES)
def test_a_question_for_another_shelf_does_not(field: str) -> None:
    shelves, _ = kept()
    shelves.keep(QUERY, ANSWER, shelves.change)
    other = replace(QUERY.shelves[0], **{field: OTHER_SHELVES[field]})
    assert shelves.find(replace(QUERY, shelves=(other,))) is None


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
