"""What the collector makes of Segment's bodies, as a table: cases/segment_calls.json."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tailorbird.contracts.wire import Fault
from tailorbird.profiles.collecting.checking import mistake_in
from tailorbird.profiles.collecting.segment_calls import LARGEST_BATCH, Voucher, body_of, events_of, write_key_in

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "segment_calls.json").read_text())
READ = [case for case in CASES if "events" in case]
REFUSED = [case for case in CASES if "code" in case]
NOW = 1_795_341_600.0


def voucher_of(case: dict[str, Any]) -> Voucher:
    return Voucher(server=case.get("server", False), customer_id=case.get("token", ""))


@pytest.mark.parametrize("case", READ, ids=[case["name"] for case in READ])
def test_what_is_read(case: dict[str, Any]) -> None:
    body = body_of(json.dumps(case["body"]).encode(), case["kind"])
    events = [msgspec.to_builtins(event) for event in events_of(body, case["kind"], NOW, voucher_of(case))]
    pairs = zip(case["events"], events, strict=True)
    assert [{name: found.get(name, False) for name in wanted} for wanted, found in pairs] == case["events"]


@pytest.mark.parametrize("case", REFUSED, ids=[case["name"] for case in REFUSED])
def test_what_is_refused_and_where(case: dict[str, Any]) -> None:
    body = body_of(json.dumps(case["body"]).encode(), case["kind"])
    with pytest.raises(Fault) as refused:
        events_of(body, case["kind"], NOW, voucher_of(case))
    assert (refused.value.code, refused.value.problems[0].path) == (case["code"], case["path"])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"event": "\xff"}', 400),
        (b'{"event": NaN}', 400),
        (b'{"event": "\\ud800"}', 400),
        (b"[" * 20_000, 400),
        (b"\x1f\x8b" + bytes(30), 400),
        (gzip.compress(b'{"event": "X", "userId": "c-1"}', mtime=0)[:-12], 400),
        (b" " * 40_000, 413),
        (gzip.compress(b" " * 10_000_000, mtime=0), 413),
    ],
)
def test_bytes_that_are_no_body_are_refused(raw: bytes, code: int) -> None:
    with pytest.raises(Fault) as refused:
        body_of(raw, "track")
    assert refused.value.code == code


def test_gzip_is_known_by_its_first_bytes() -> None:
    assert body_of(gzip.compress(b'{"batch": []}', mtime=0), "batch") == {"batch": []}


def test_a_batch_may_be_large_and_one_event_in_it_may_not() -> None:
    padding = "x" * 30_000
    event = {"type": "track", "event": "X", "userId": "c-1", "properties": {"padding": padding}}
    body = {"batch": [event] * 16}
    assert len(json.dumps(body)) < LARGEST_BATCH
    assert len(events_of(body, "batch", NOW, Voucher())) == 16
    event["properties"] = {"padding": padding * 2}
    with pytest.raises(Fault) as refused:
        events_of(body, "batch", NOW, Voucher())
    assert refused.value.code == 413


def test_what_cannot_be_read_in_a_batch_stops_no_other_and_keeps_its_reason() -> None:
    right = {"type": "track", "event": "X", "userId": "c-1"}
    wrong = {"type": "nope", "userId": "c-2", "messageId": "m-2"}
    large = right | {"properties": {"padding": "x" * 40_000}}
    found = events_of({"batch": [right, wrong, "text", large, right]}, "batch", NOW, Voucher(server=True))
    assert [bool(mistake_in(one)) for one in found] == [False, True, True, True, False]
    kept = found[1]
    assert (kept.message_id, kept.customer_id, kept.event, kept.trusted) == ("m-2", "c-2", "", False)
    assert kept.properties == {"sent": wrong}
    assert mistake_in(kept).endswith("at $.batch[1].type.")
    assert (found[2].properties, found[3].properties) == ({"sent": "text"}, {})
    with pytest.raises(Fault, match=r"\$\.batch\[0\]\.type"):
        events_of({"batch": [wrong, "text"]}, "batch", NOW, Voucher())


def test_an_event_without_an_id_gets_one_that_a_repeated_body_gets_again() -> None:
    body = {"event": "X", "userId": "c-1", "properties": {"n": 1}}
    (first,), (again,) = (events_of(body, "track", NOW, Voucher()) for _ in range(2))
    assert first.message_id == again.message_id
    (later,) = events_of(body, "track", NOW + 1, Voucher())
    assert later.message_id != first.message_id


def test_the_write_key_may_stand_in_the_body() -> None:
    assert write_key_in({"writeKey": "w"}) == "w"
    assert write_key_in({"writeKey": 5}) == ""
    assert write_key_in(None) == ""


def test_events_without_a_time_of_their_own_come_in_the_order_of_their_call() -> None:
    entry = {"type": "track", "event": "Product Added", "anonymousId": "a-1"}
    events = events_of({"batch": [entry] * 3}, "batch", 1_795_000_000.0, Voucher())
    assert [round((event.at - 1_795_000_000.0) * 1e6) for event in events] == [0, 1, 2]
