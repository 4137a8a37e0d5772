"""A browser that comes back is told what it missed, also when profiles could not tell at once."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from tailorbird.bus.local import Answers, LocalAsker
from tailorbird.contracts.profiles import PROFILE, MomentNote, Profile, ProfileQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.profiles.moments.listening import missed, note_id

pytestmark = pytest.mark.anyio

VISITOR = CustomerRef(anonymous_id="ear")


class Profiles:
    """Answers with the faults first."""

    def __init__(self, *faults: Fault, moments: tuple[MomentNote, ...]) -> None:
        self._faults = list(faults)
        self._moments = moments
        answers = Answers()
        answers.add(PROFILE, self._together)
        self.asker = LocalAsker(answers)

    async def _together(self, queries: Sequence[ProfileQuery]) -> Sequence[Profile | Fault]:
        if self._faults:
            return [self._faults.pop(0)] * len(queries)
        return [Profile(customer=VISITOR, moments=self._moments)] * len(queries)


def note(occasion: str, ago: float) -> MomentNote:
    at = time.time() - ago
    return MomentNote(moment="said", occasion=occasion, at=at, until=at + 3_600.0, headline="Said", browser=True)


async def test_what_came_since_is_told_oldest_first_once_profiles_can_tell() -> None:
    old, middle, new = note("1", 900.0), note("2", 600.0), note("3", 300.0)
    profiles = Profiles(Fault(504, "Late."), Fault(503, "Down."), moments=(new, middle, old))
    assert await missed(profiles.asker, VISITOR, note_id(old), pause=0.0) == [middle, new]


async def test_who_names_no_moment_is_told_only_what_came_just_now() -> None:
    just, long_ago = note("2", 1.0), note("1", 900.0)
    assert await missed(Profiles(moments=(just, long_ago)).asker, VISITOR, "", pause=0.0) == [just]


async def test_what_profiles_refuse_is_not_asked_again() -> None:
    profiles = Profiles(Fault(400, "Nobody."), moments=(note("1", 1.0),))
    assert await missed(profiles.asker, VISITOR, "", pause=0.0) == []
