"""What was done lately is the same however it came: one by one, all at once, in whatever order."""

from __future__ import annotations

import random

import pytest

from tailorbird.contracts.words import Signal, SignalKind
from tailorbird.profiles.person.purchases import with_signals
from tailorbird.profiles.person.recent import Recent
from tailorbird.profiles.person.timeline import LINES_KEPT, LINES_STAYING, Timeline, merged, parted, with_line

AT = 1_795_000_000
DAY = 86_400
KINDS: tuple[SignalKind, ...] = ("viewed", "added", "removed", "bought", "dismissed")


def told(seed: int, count: int, seconds: int) -> list[Signal]:
    chance = random.Random(seed)
    return [
        Signal(chance.choice(KINDS), chance.choice(("1", "20", "3", "milk", "007")), AT + chance.randrange(seconds))
        for _ in range(count)
    ]


@pytest.mark.parametrize(("count", "seconds"), [(20, 3), (60, 10), (300, 9 * DAY)])
def test_one_by_one_in_any_order_is_as_all_at_once(count: int, seconds: int) -> None:
    signals = told(count, count, seconds)
    at_once = with_signals(Recent(), signals)
    # In the order of time, as one by one those from long ago may be let go before a purchase beside them is heard of.
    one_by_one = Recent()
    for signal in sorted(signals, key=lambda one: one.at):
        one_by_one = with_signals(Recent(packed=one_by_one.packed()), (signal,))
    assert one_by_one.entries() == at_once.entries()
    assert one_by_one.packed() == at_once.packed()


def test_what_is_known_changes_nothing() -> None:
    recent = with_signals(Recent(), told(1, 30, 5))
    assert all(recent.with_one(signal) is recent for signal in recent.entries())


@pytest.mark.parametrize("seed", range(20))
def test_lines_of_few_seconds_are_the_same_in_any_order(seed: int) -> None:
    chance = random.Random(seed)
    lines = [(AT + chance.randrange(4), chance.choice(("page", "product viewed")), str(n)) for n in range(30)]
    found = []
    for _ in range(3):
        chance.shuffle(lines)
        timeline = Timeline()
        for line in lines:
            timeline = with_line(timeline, *line)
        found.append(timeline)
    halves = [Timeline(), Timeline()]
    for number, line in enumerate(lines):
        halves[number % 2] = with_line(halves[number % 2], *line)
    assert found[0] == found[1] == found[2] == merged(*halves)


def test_a_line_of_the_latest_second_finds_its_place_after_others_left() -> None:
    timeline = Timeline()
    for n in range(LINES_KEPT + 1):
        timeline = with_line(timeline, AT + n // 70, "page", f"{n:03}")
    _, staying = parted(timeline)
    late = with_line(staying, AT + 1, "page", "000")
    assert (staying.count, late.count) == (LINES_STAYING, LINES_STAYING + 1)
    assert late.tail == staying.tail
    assert late == merged(with_line(Timeline(), AT + 1, "page", "000"), staying)
