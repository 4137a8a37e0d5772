"""Marks of long ago, in pages: found when they are there, and only then."""

from __future__ import annotations

import random

import msgspec
import pytest

from tailorbird.profiles.person.marks import MARKS_A_PAGE, cut, holds, overflow, pages_of, remembered_long_ago
from tailorbird.profiles.person.profile import MARK_BYTES, MARKS_KEPT, StoredProfile, mark_of


def marks(numbers: range) -> bytes:
    return b"".join(mark_of(f"m-{number}") for number in numbers)


@pytest.mark.parametrize("count", [0, 1, 2, 3, MARKS_A_PAGE])
def test_a_page_holds_its_marks_and_no_others(count: int) -> None:
    page = b"".join(sorted(cut(marks(range(count)))))
    assert all(holds(page, mark_of(f"m-{number}")) for number in range(count))
    assert not any(holds(page, mark_of(f"m-{number}")) for number in range(count, count + 500))
    assert not holds(page, b"\x00" * MARK_BYTES)
    assert not holds(page, b"\xff" * MARK_BYTES)


def test_nothing_leaves_a_profile_that_has_room() -> None:
    full = marks(range(MARKS_KEPT))
    assert overflow(full) == (b"", full)


def test_the_oldest_leave_and_none_is_lost() -> None:
    many = marks(range(MARKS_KEPT + 1))
    leaving, staying = overflow(many)
    assert leaving + staying == many
    assert len(staying) == MARKS_KEPT // 2 * MARK_BYTES


def test_pages_hold_each_mark_once_and_are_full_but_for_the_last() -> None:
    numbers = list(range(2 * MARKS_A_PAGE + 10))
    random.Random(5).shuffle(numbers)
    loose = [mark_of(f"m-{number}") for number in numbers]
    pages = pages_of([b"".join(loose[:900]), b"".join(loose), b"".join(loose[-900:])])
    assert [len(page) // MARK_BYTES for page in pages] == [MARKS_A_PAGE, MARKS_A_PAGE, 10]
    profile = msgspec.structs.replace(StoredProfile(), mark_pages=("a", "b", "c", "over"))
    named = dict(zip("abc", pages, strict=True))
    assert all(remembered_long_ago(profile, named, mark) for mark in loose)
    assert not remembered_long_ago(profile, named, mark_of("another"))
