"""What a decision was made from is sealed under the person's key, and opens with no other."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tailorbird.assembler.explaining.tracing import Inputs, Tracer, open_inputs, seal, unseal
from tailorbird.assembler.mail.fetched import email_key
from tailorbird.contracts.insights import Decision, DecisionBatch
from tailorbird.contracts.wire import Fault, Topic
from tailorbird.contracts.words import CustomerRef

pytestmark = pytest.mark.anyio

KEY, OTHER = b"k" * 32, b"o" * 32
INPUTS = Inputs(customer=CustomerRef(customer_id="1228"), facts=msgspec.Raw(b'{"persona":"families"}'))


class Stream:
    """A stream that refuses what is appended as often as told, then keeps it."""

    def __init__(self, refusals: int = 0) -> None:
        self.kept: list[DecisionBatch] = []
        self.message_ids: list[str] = []
        self._refusals = refusals

    async def announce(self, topic: Topic[Any], message: Any) -> None:
        raise AssertionError(f"{topic.subject} is appended, not announced: {message}")

    async def append(self, topic: Topic[Any], message: Any, message_id: str) -> None:
        del topic
        self.message_ids.append(message_id)
        if self._refusals:
            self._refusals -= 1
            raise Fault(503, "No connection.")
        self.kept.append(msgspec.json.decode(msgspec.json.encode(message), type=DecisionBatch))


def decision(number: int, person: str = "p") -> Decision:
    return Decision(decision_id=f"d{number}", at=0.0, subject="page/home", channel="web", person=person)


def test_what_is_sealed_opens_with_its_key_for_its_subject_only() -> None:
    sealed = seal(b"secret", KEY, "d1")
    assert b"secret" not in sealed
    assert unseal(sealed, KEY, "d1") == b"secret"
    assert unseal(sealed, OTHER, "d1") is None
    assert unseal(sealed, KEY, "d2") is None
    assert unseal(b"", KEY, "d1") is None


async def test_decisions_are_kept_sealed_and_open_again() -> None:
    stream = Stream()
    async with Tracer(stream) as tracer:
        tracer.write(decision(1), INPUTS, KEY)
    kept = stream.kept[0].decisions[0]
    assert b"1228" not in kept.inputs
    opened = open_inputs(kept, KEY)
    assert opened is not None
    assert opened.customer.customer_id == "1228"
    assert open_inputs(kept, OTHER) is None


async def test_while_nats_is_away_nothing_is_lost_or_said_twice_under_another_name() -> None:
    stream = Stream(refusals=2)
    async with Tracer(stream) as tracer:
        for number in range(200):
            tracer.write(decision(number), INPUTS, KEY)
    kept = [one.decision_id for batch in stream.kept for one in batch.decisions]
    assert kept == [f"d{number}" for number in range(200)]
    assert stream.message_ids[0] == stream.message_ids[2]


async def test_decisions_about_nobody_are_kept_open() -> None:
    stream = Stream()
    async with Tracer(stream) as tracer:
        tracer.write(decision(1, person=""), Inputs(), b"")
    assert open_inputs(stream.kept[0].decisions[0], b"") is not None


def test_an_emails_name_tells_neither_message_nor_recipient_and_differs_for_each() -> None:
    names = {email_key(*parts) for parts in (("w", "1", "a"), ("w", "1", "b"), ("w", "2", "a"), ("v", "1", "a"))}
    assert len(names) == 4
    assert email_key("w", "1", "a") in names
