"""One behaviour of asking, over both ways a question can travel: within the process, and over a real nats-server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tailorbird.bus import Asker, call
from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.wire import Endpoint, Fault, Message, Problem, Topic
from tailorbird.host.broker import Broker, free_port

pytestmark = pytest.mark.anyio


class Number(Message):
    value: int


class Numbers(Message):
    values: tuple[int, ...]


DOUBLE = Endpoint("tailorbird.test.v1.double", Number, Number, budget_ms=2_000)
BATCH = Endpoint("tailorbird.test.v1.batch", Number, Numbers, budget_ms=2_000)
SLOW = Endpoint("tailorbird.test.v1.slow", Number, Number, budget_ms=50)
SLEEPY = Endpoint("tailorbird.test.v1.sleepy", Number, Number, budget_ms=50)
NOBODY = Endpoint("tailorbird.test.v1.nobody", Number, Number, budget_ms=500)
COUNTED = Topic("tailorbird.test.v1.counted", Number, stream="TEST_COUNTED")
SAID = Topic("tailorbird.test.v1.said", Number)


@pytest.fixture(scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    broker = Broker(name="contract", folder=tmp_path_factory.mktemp("nats"), port=free_port())
    process = broker.start()
    await broker.ready()
    yield broker
    process.terminate()
    process.wait()


@pytest.fixture(params=["local", "nats"])
async def asker(request: pytest.FixtureRequest, broker: Broker) -> AsyncIterator[Asker]:
    address = Address(broker.url)
    async with connect("answering", address, address) as answering, connect("asking", address, address) as asking:
        await _answer(answering)
        yield answering.asker if request.param == "local" else asking.asker


@pytest.fixture
async def bus(broker: Broker) -> AsyncIterator[NatsBus]:
    async with connect("keeping", Address(broker.url), Address(broker.url)) as bus:
        yield bus


async def _answer(bus: NatsBus) -> None:
    async def double(query: Number) -> Number:
        if query.value < 0:
            raise Fault(422, "Only numbers above zero are doubled.", (Problem(path="$.value", sentence="Below zero."),))
        if query.value == 13:
            raise RuntimeError("a secret of the inside")
        return Number(value=query.value * 2)

    async def batch(queries: Sequence[Number]) -> Sequence[Numbers]:
        return [Numbers(values=(query.value, len(queries))) for query in queries]

    async def slow(query: Number) -> Number:
        await asyncio.sleep(query.value)
        return query

    await bus.answerer.answer(DOUBLE, double)
    await bus.answerer.answer_together(BATCH, batch)
    await bus.answerer.answer(SLOW, slow)


async def test_a_question_is_answered(asker: Asker) -> None:
    assert await asker.ask(DOUBLE, Number(value=21)) == Number(value=42)


async def test_an_answer_can_be_passed_on_unread(asker: Asker) -> None:
    assert await asker.ask_encoded(DOUBLE, Number(value=21)) == b'{"value":42}'


async def test_a_fault_crosses_with_its_code_sentence_and_problems(asker: Asker) -> None:
    with pytest.raises(Fault) as raised:
        await asker.ask(DOUBLE, Number(value=-1))
    assert raised.value.code == 422
    assert raised.value.sentence == "Only numbers above zero are doubled."
    assert raised.value.problems == (Problem(path="$.value", sentence="Below zero."),)


async def test_an_unexpected_error_crosses_without_its_inside(asker: Asker) -> None:
    with pytest.raises(Fault) as raised:
        await asker.ask(DOUBLE, Number(value=13))
    assert raised.value.code == 500
    assert "secret" not in raised.value.sentence


async def test_a_question_nobody_answers_fails_at_once(asker: Asker) -> None:
    began = time.monotonic()
    with pytest.raises(Fault) as raised:
        await asker.ask(NOBODY, Number(value=1))
    assert raised.value.code == 503
    assert time.monotonic() - began < NOBODY.budget_ms / 1000


async def test_a_question_after_the_deadline_is_not_asked(asker: Asker) -> None:
    tokens = call.begin(time.time() - 1.0, "")
    try:
        with pytest.raises(Fault) as raised:
            await asker.ask(DOUBLE, Number(value=1))
    finally:
        call.end(tokens)
    assert raised.value.code == 504


async def test_many_questions_at_once_get_each_their_own_answer(asker: Asker) -> None:
    answers = await asyncio.gather(*(asker.ask(DOUBLE, Number(value=value)) for value in range(100, 600)))
    assert [answer.value for answer in answers] == list(range(200, 1_200, 2))


async def test_one_bad_question_of_a_batch_spoils_no_other(asker: Asker) -> None:
    asked = (asker.ask(DOUBLE, Number(value=value)) for value in (1, -1, 2, 13, 3))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [getattr(answer, "value", None) or getattr(answer, "code", None) for answer in answers] == [
        2,
        422,
        4,
        500,
        6,
    ]


@pytest.mark.parametrize("asker", ["nats"], indirect=True)
async def test_what_is_asked_meanwhile_travels_together(asker: Asker) -> None:
    answers = await asyncio.gather(*(asker.ask(BATCH, Number(value=value)) for value in range(64)))
    assert [answer.values[0] for answer in answers] == list(range(64))
    assert max(answer.values[1] for answer in answers) > 8


@pytest.mark.parametrize("asker", ["nats"], indirect=True)
async def test_a_late_answer_is_a_fault_that_says_so(asker: Asker) -> None:
    with pytest.raises(Fault) as raised:
        await asker.ask(SLOW, Number(value=5))
    assert raised.value.code == 504, raised.value.sentence


async def test_nobody_waits_for_who_has_not_answered_lately_until_it_does_again(broker: Broker) -> None:
    address = Address(broker.url)
    awake = asyncio.Event()

    async def answer(query: Number) -> Number:
        await awake.wait()
        return query

    async def code() -> int:
        await asyncio.sleep(0.01)  # Who is refused at once gives nobody a turn.
        try:
            return (await asking.asker.ask(SLEEPY, Number(value=200))).value
        except Fault as fault:
            return fault.code

    async with connect("sleeping", address, address) as sleeping, connect("asking", address, address) as asking:
        await sleeping.answerer.answer(SLEEPY, answer)
        async with asyncio.timeout(60):
            while (waited := await code()) != 503:
                assert waited == 504
            awake.set()
            while (waited := await code()) != 200:
                assert waited in {503, 504}


async def test_an_announcement_is_heard(bus: NatsBus) -> None:
    heard: asyncio.Queue[Number] = asyncio.Queue()
    await bus.listener.hear(SAID, heard.put)
    await bus.announcer.announce(SAID, Number(value=7))
    assert await asyncio.wait_for(heard.get(), 5) == Number(value=7)


async def test_what_is_stored_is_consumed_in_order_and_once_acknowledged_never_again(bus: NatsBus) -> None:
    for value in range(300):
        await bus.announcer.append(COUNTED, Number(value=value), f"number-{value}")
    await bus.announcer.append(COUNTED, Number(value=0), "number-0")
    taken: list[int] = []
    everything = asyncio.Event()

    async def take(numbers: Sequence[Number]) -> None:
        taken.extend(number.value for number in numbers)
        if len(taken) >= 300:
            everything.set()

    await bus.listener.consume(COUNTED, "reader", take)
    await asyncio.wait_for(everything.wait(), 10)
    assert taken == list(range(300))
    again: asyncio.Queue[int] = asyncio.Queue()

    async def take_more(numbers: Sequence[Number]) -> None:
        for number in numbers:
            await again.put(number.value)

    await bus.listener.close()
    await bus.listener.consume(COUNTED, "reader", take_more)
    await bus.announcer.append(COUNTED, Number(value=999), "number-999")
    assert await asyncio.wait_for(again.get(), 10) == 999


async def test_a_batch_whose_handler_failed_comes_again(bus: NatsBus) -> None:
    topic = Topic("tailorbird.test.v1.retried", Number, stream="TEST_RETRIED")
    seen: list[int] = []
    done = asyncio.Event()

    async def fail_once(numbers: Sequence[Number]) -> None:
        seen.extend(number.value for number in numbers)
        if len(seen) == 1:
            raise RuntimeError("not yet")
        done.set()

    await bus.listener.consume(topic, "reader", fail_once)
    await bus.announcer.append(topic, Number(value=5), "only")
    await asyncio.wait_for(done.wait(), 10)
    assert seen == [5, 5]


async def test_a_bucket_keeps_revisions_and_refuses_the_slower_writer(bus: NatsBus) -> None:
    bucket = await bus.bucket("test_revisions")
    first = await bucket.put("a/b", b"1", revision=0)
    assert (await bucket.get("a/b")).value == b"1"  # type: ignore[union-attr]
    await bucket.put("a/b", b"2", revision=first)
    with pytest.raises(Fault) as raised:
        await bucket.put("a/b", b"3", revision=first)
    assert raised.value.code == 409
    assert await bucket.get("nothing") is None


async def test_a_bucket_lists_what_lives_and_watches_what_changes(bus: NatsBus) -> None:
    bucket = await bus.bucket("test_watched")
    assert await bucket.entries() == {}
    await bucket.put_many({f"key{number}": str(number).encode() for number in range(1_200)})
    await bucket.delete("key0")
    entries = await bucket.entries()
    assert len(entries) == 1_199
    assert entries["key1199"].value == b"1199"
    watch = bucket.watch(after=await bucket.revision())
    await bucket.put("key1", b"new")
    await bucket.delete("key2")
    seen = [await asyncio.wait_for(anext(watch), 10) for _ in range(2)]
    assert [(entry.key, entry.value) for entry in seen] == [("key1", b"new"), ("key2", None)]
    await watch.aclose()  # type: ignore[attr-defined]


async def test_a_journal_keeps_entries_in_order_and_one_sent_again_once(bus: NatsBus) -> None:
    journal = await bus.journal("test_entries")
    assert await journal.read(after=0) == []
    first = await journal.append(b"1", "one")
    second = await journal.append(b"2", "two")
    assert await journal.append(b"1", "one") == first
    assert [(one.sequence, one.value) for one in await journal.read(after=0)] == [(first, b"1"), (second, b"2")]
    assert [one.value for one in await journal.read(after=first)] == [b"2"]


async def test_a_long_journal_is_read_whole(bus: NatsBus) -> None:
    journal = await bus.journal("test_long")
    await asyncio.gather(*(journal.append(b"%d" % number, f"entry-{number}") for number in range(600)))
    read = await journal.read(after=0)
    assert sorted(int(one.value) for one in read) == list(range(600))
    assert [one.sequence for one in read] == list(range(1, 601))
    assert await journal.read(after=0, most=300) == read[:300]
    assert await journal.read(after=599, most=300) == read[599:]


async def test_an_object_comes_back_as_it_was_put(bus: NatsBus, tmp_path: Path) -> None:
    objects = await bus.objects("test_files")
    original = tmp_path / "original"
    original.write_bytes(bytes(range(256)) * 4_000)
    put = await objects.put("folder/name.bin", original, {"rows": "3"})
    fetched = await objects.fetch("folder/name.bin", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == original.read_bytes()
    assert (fetched.digest, fetched.metadata) == (put.digest, {"rows": "3"})
    assert await objects.names() == ["folder/name.bin"]
    with pytest.raises(Fault) as raised:
        await objects.fetch("missing", tmp_path / "missing")
    assert raised.value.code == 404
    assert not (tmp_path / "missing").exists()
