"""Message ids folded long ago: marks that a profile has no room for, in sorted pages beside it. Pure.

A page is the marks of `profile.mark_of`, sorted and strung together: 4,000 of them take 24 KB and a look takes twelve
comparisons. Nothing is guessed: an event is dropped only when its own mark is found.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping

from tailorbird.profiles.person.profile import MARK_BYTES, MARKS_KEPT, StoredProfile

__all__ = ["MARKS_A_PAGE", "PAGES_KEPT", "cut", "holds", "overflow", "pages_of", "remembered_long_ago"]

MARKS_A_PAGE = 4_000
PAGES_KEPT = 25
"""Pages of one person: 100,000 events."""
STAYING = MARKS_KEPT // 2


def holds(page: bytes, mark: bytes) -> bool:
    """Whether the mark stands in the page."""
    count = len(page) // MARK_BYTES
    place = bisect_left(range(count), mark, key=lambda at: page[at * MARK_BYTES : (at + 1) * MARK_BYTES])
    return page[place * MARK_BYTES : (place + 1) * MARK_BYTES] == mark and place < count


def remembered_long_ago(profile: StoredProfile, pages: Mapping[str, bytes], mark: bytes) -> bool:
    """Whether one of the profile's pages holds the mark; a page that is no more holds none."""
    return any(holds(pages.get(name, b""), mark) for name in profile.mark_pages)


def overflow(marks: bytes) -> tuple[bytes, bytes]:
    """(marks that leave, marks that stay): nothing leaves until there are more than a profile keeps."""
    if len(marks) <= MARKS_KEPT * MARK_BYTES:
        return b"", marks
    place = len(marks) - STAYING * MARK_BYTES
    return marks[:place], marks[place:]


def pages_of(loose: Iterable[bytes]) -> list[bytes]:
    """The marks in these strings, each once, sorted, in as few pages as hold them; the last may have room."""
    ordered = sorted({mark for marks in loose for mark in cut(marks)})
    return [b"".join(ordered[start : start + MARKS_A_PAGE]) for start in range(0, len(ordered), MARKS_A_PAGE)]


def cut(marks: bytes) -> Iterable[bytes]:
    """The marks one by one."""
    return (marks[start : start + MARK_BYTES] for start in range(0, len(marks), MARK_BYTES))
