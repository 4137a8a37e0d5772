from __future__ import annotations

import msgspec

from tailorbird.contracts.insights import DECIDED, Decision, DecisionBatch, DecisionFallback
from tailorbird.insights.arriving.decisions import ARRIVED, add_up, born, columns, day_of, read, read_lines, summed

MIDNIGHT = 1_763_769_600.0
"""2025-11-22, 00:00 UTC."""


def a_decision(decision_id: str, at: float = MIDNIGHT, subject: str = "page/home", fell: bool = False) -> Decision:
    fallbacks = (DecisionFallback(slot="offers", reason="offers did not answer"),) if fell else ()
    return Decision(
        decision_id=decision_id, at=at, subject=subject, channel="web", persona="families", fallbacks=fallbacks
    )


def as_json(decision: Decision) -> bytes:
    return msgspec.json.encode(decision)


def test_what_is_consumed_is_what_the_assembler_announces() -> None:
    assert (ARRIVED.subject, ARRIVED.stream) == (DECIDED.subject, DECIDED.stream)
    announced = DecisionBatch(decisions=(a_decision("a"), a_decision("b", fell=True)))
    arrived = msgspec.json.decode(msgspec.json.encode(announced), type=ARRIVED.message)
    assert tuple(msgspec.json.decode(one, type=Decision) for one in arrived.decisions) == announced.decisions


def test_a_head_holds_what_reports_group_by() -> None:
    kept = read(as_json(a_decision("a", fell=True)))
    assert (kept.head.decision_id, kept.head.subject, kept.head.persona) == ("a", "page/home", "families")
    assert len(kept.head.fallbacks) == 1


def test_a_line_cut_short_by_a_crash_is_left_out() -> None:
    whole = as_json(a_decision("a"))
    assert [one.head.decision_id for one in read_lines([whole, whole[:40], b""])] == ["a"]


def test_the_day_of_an_id_is_in_its_first_digits() -> None:
    milliseconds = int(MIDNIGHT * 1000)
    assert born(f"{milliseconds:012x}7000800000000000000a") == MIDNIGHT
    assert born("order-17") is None
    assert born("f" * 32) is None


def test_decisions_are_parted_by_utc_day_and_ordered_by_id() -> None:
    kept = [
        read(as_json(a_decision("c", MIDNIGHT))),
        read(as_json(a_decision("b", MIDNIGHT + 5))),
        read(as_json(a_decision("a", MIDNIGHT - 0.001))),
    ]
    days = columns(kept)
    assert {day: part["decision_id"] for day, part in days.items()} == {"2025-11-21": ["a"], "2025-11-22": ["b", "c"]}


def test_totals_add_what_is_written_to_what_came_a_moment_ago() -> None:
    heads = [
        read(as_json(a_decision("a", fell=True))).head,
        read(as_json(a_decision("b", subject="email/weekly"))).head,
    ]
    rows = add_up([("2025-11-22", "page/home", 3, 0), ("2025-11-20", "page/home", 9, 9)], heads, "2025-11-21")
    assert [(row.day, row.subject, row.decisions, row.with_fallback, row.fallback_share) for row in rows] == [
        ("2025-11-22", "email/weekly", 1, 0, 0.0),
        ("2025-11-22", "page/home", 4, 1, 0.25),
    ]
    whole = summed(rows)
    assert (whole.decisions, whole.with_fallback, whole.fallback_share) == (5, 1, 0.2)


def test_the_share_of_nothing_is_zero() -> None:
    assert summed([]).fallback_share == 0.0
    assert day_of(MIDNIGHT) == "2025-11-22"
