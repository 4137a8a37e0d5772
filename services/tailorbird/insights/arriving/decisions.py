"""A decision as insights keep it: read only as far as reports need, the rest stays the JSON it arrived as."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import msgspec
from msgspec import Raw, Struct

from tailorbird.contracts.experiments import Assignment
from tailorbird.contracts.insights import DECIDED, Decision, DecisionTotal, DecisionTotals, EncodedDecisions
from tailorbird.contracts.wire import Topic

__all__ = [
    "ARRIVED",
    "BETWEEN",
    "Head",
    "HeadSlot",
    "Kept",
    "add_up",
    "born",
    "columns",
    "day_of",
    "decode",
    "read",
    "read_lines",
    "summed",
]


ARRIVED: Topic[EncodedDecisions] = Topic(DECIDED.subject, EncodedDecisions, stream=DECIDED.stream)
"""The message of `DECIDED`; decoding its decisions whole costs ten times as much."""


class HeadSlot(Struct, frozen=True, gc=False):
    """What reports read of a slot."""

    slot: str
    kind: str
    ids: tuple[str, ...] = ()
    strategy: str = ""
    propensities: tuple[float, ...] = ()


class Head(Struct, frozen=True, gc=False):
    """What reports group by. Field names are those of `Decision`; everything else of the JSON is skipped."""

    decision_id: str
    at: float
    subject: str
    channel: str = ""
    person: str = ""
    persona: str = ""
    segments: tuple[str, ...] = ()
    layout: str = ""
    variant: str = ""
    slots: tuple[HeadSlot, ...] = ()
    versions: dict[str, str] = {}
    experiments: tuple[Assignment, ...] = ()
    held_out: bool = False
    simulated: bool = False
    took_ms: float = 0.0
    fallbacks: tuple[Raw, ...] = ()


class Kept(Struct, frozen=True, gc=False):
    """One decision: its head, and its whole JSON on one line."""

    head: Head
    body: bytes
    begins_visit: bool = False


_heads = msgspec.json.Decoder(Head)
_decisions = msgspec.json.Decoder(Decision)


def read(body: bytes) -> Kept:
    """The decision in this JSON. Raises msgspec.DecodeError when it is none."""
    return Kept(_heads.decode(body), body)


def read_lines(lines: Iterable[bytes]) -> Iterator[Kept]:
    """The decisions among these lines; what is none is left out.

    In a journal that is the line cut short by a crash: it was never acknowledged, so it comes again.
    """
    for line in lines:
        try:
            yield read(line)
        except msgspec.DecodeError:
            continue


def decode(body: bytes) -> Decision:
    return _decisions.decode(body)


def day_of(at: float) -> str:
    """The UTC day of a moment, as `2026-11-22`."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def born(decision_id: str) -> float | None:
    """Seconds since 1970 at which the id was made: its first 48 bits count milliseconds (UUID version 7).

    None when the id is of another kind.
    """
    digits = decision_id.replace("-", "")
    try:
        at = int(digits[:12], 16) / 1000.0
    except ValueError:
        return None
    # Between 2020 and 2100: ids of other kinds seldom fall there, and one that does is only looked for in vain.
    return at if len(digits) == 32 and 1_577_836_800 < at < 4_102_444_800 else None


BETWEEN = "\x1f"
"""Stands between an experiment and its variant in one text."""


def columns(kept: Iterable[Kept]) -> dict[str, dict[str, list[object]]]:
    """Day -> column -> values, in order of decision id, so that a file's own statistics find an id."""
    days: dict[str, list[Kept]] = {}
    known: dict[int, str] = {}
    for one in kept:
        number = int(one.head.at // 86_400)
        if number not in known:
            known[number] = day_of(one.head.at)
        days.setdefault(known[number], []).append(one)
    for of_day in days.values():
        of_day.sort(key=lambda one: one.head.decision_id)
    return {day: _columns_of(of_day) for day, of_day in days.items()}


def _columns_of(kept: list[Kept]) -> dict[str, list[object]]:
    heads = [one.head for one in kept]
    offers = [[slot for slot in head.slots if slot.kind == "offer"] for head in heads]
    return {
        "decision_id": [head.decision_id for head in heads],
        "at": [head.at for head in heads],
        "subject": [head.subject for head in heads],
        "channel": [head.channel for head in heads],
        "person": [head.person for head in heads],
        "persona": [head.persona for head in heads],
        "layout": [head.layout for head in heads],
        "variant": [head.variant for head in heads],
        "took_ms": [head.took_ms for head in heads],
        "fallbacks": [len(head.fallbacks) for head in heads],
        "model": [head.versions.get("model", "") for head in heads],
        "segments": [head.segments for head in heads],
        "slots": [[slot.slot for slot in head.slots] for head in heads],
        "strategies": [list({slot.strategy: None for slot in head.slots if slot.strategy}) for head in heads],
        "offers": [list({one: None for slot in slots for one in slot.ids}) for slots in offers],
        "exposures": [
            [f"{one.experiment_id}{BETWEEN}{one.variant_id}" for one in head.experiments if one.exposed]
            for head in heads
        ],
        "crossovers": [[one.experiment_id for one in head.experiments if one.crossover] for head in heads],
        "choice_slots": [[slot.slot for slot in slots for _ in slot.ids] for slots in offers],
        "choices": [[one for slot in slots for one in slot.ids] for slots in offers],
        "propensities": [
            [one for slot in slots for one in slot.propensities or (1.0,) * len(slot.ids)] for slots in offers
        ],
        "held_out": [int(head.held_out) for head in heads],
        "visit": [int(one.begins_visit) for one in kept],
        "simulated": [int(head.simulated) for head in heads],
        "body": [one.body for one in kept],
    }


def add_up(written: Iterable[tuple[str, str, int, int]], kept: Iterable[Head], first_day: str) -> list[DecisionTotal]:
    """Totals per day and subject, newest day first, of rows (day, subject, decisions, with fallback) and of heads."""
    sums: dict[tuple[str, str], list[int]] = {}
    for day, subject, decisions, with_fallback in written:
        total = sums.setdefault((day, subject), [0, 0])
        total[0] += decisions
        total[1] += with_fallback
    for head in kept:
        total = sums.setdefault((day_of(head.at), head.subject), [0, 0])
        total[0] += 1
        total[1] += bool(head.fallbacks)
    rows = [
        DecisionTotal(day=day, subject=subject, decisions=count, with_fallback=fallen, fallback_share=fallen / count)
        for (day, subject), (count, fallen) in sums.items()
        if day >= first_day
    ]
    by_subject = sorted(rows, key=lambda row: row.subject)
    return sorted(by_subject, key=lambda row: row.day, reverse=True)


def summed(totals: Iterable[DecisionTotal]) -> DecisionTotals:
    """The rows with their sum; the share of nothing is 0."""
    rows = tuple(totals)
    decisions = sum(row.decisions for row in rows)
    fallen = sum(row.with_fallback for row in rows)
    return DecisionTotals(
        totals=rows, decisions=decisions, with_fallback=fallen, fallback_share=fallen / decisions if decisions else 0.0
    )
