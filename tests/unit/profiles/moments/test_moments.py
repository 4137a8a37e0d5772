"""Signatures as others compute them, addresses that may be called, and when a moment may come again."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import pytest

from tailorbird.contracts.moments import Deliveries
from tailorbird.contracts.profiles import Profile
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.profiles.moments.calling import call, is_public
from tailorbird.profiles.moments.deciding import Wait, comes
from tailorbird.profiles.moments.deliveries import after
from tailorbird.profiles.moments.document import Moment, MomentIndex, Webhook
from tailorbird.profiles.moments.outgoing import Outgoing
from tailorbird.profiles.moments.signing import headers
from tailorbird.profiles.person.noted import FIRED_KEPT, Fired, fired_kept
from tailorbird.profiles.person.profile import Session, StoredProfile

NOW = 1_795_000_000


def test_a_signature_is_the_one_that_the_specification_gives() -> None:
    signed = headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        b'{"test": 2432232314}',
    )
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_changes_over_to_a_new_secret_while_both_sign() -> None:
    outgoing = Outgoing(b"master")
    (first,) = outgoing.secrets_of("crm", Webhook(url="https://crm.example"), NOW)
    changing = Webhook(url="https://crm.example", secret=2, secret_before_until=datetime.fromtimestamp(NOW + 60, UTC))
    second, before = outgoing.secrets_of("crm", changing, NOW)
    assert (before, second != first) == (first, True)
    assert outgoing.secrets_of("crm", changing, NOW + 61) == (second,)
    signed = headers([second, first], "msg_1", NOW, b"{}")["webhook-signature"].split(" ")
    assert signed == [headers([one], "msg_1", NOW, b"{}")["webhook-signature"] for one in (second, first)]


def test_how_telling_goes_is_counted_with_the_latest_of_each_kind() -> None:
    went = after(Deliveries(), 10.0, "", gave_up=False)
    went = after(after(went, 20.0, "answered 500", gave_up=False), 30.0, "answered 410", gave_up=True)
    assert (went.taken, went.refused, went.given_up) == (1, 2, 1)
    assert (went.taken_at, went.refused_at, went.reason) == (10.0, 30.0, "answered 410")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_only_public_addresses_are_called(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.anyio
@pytest.mark.parametrize("url", ["https://localhost/hook", "https://127.0.0.1/hook", "http://shop.example/hook"])
async def test_a_name_that_leads_inside_is_refused_when_it_is_called(url: str) -> None:
    with pytest.raises(Fault) as refused:
        await call(url, b"{}", {}, frozenset(), ssl.create_default_context())
    assert refused.value.code == 422


@pytest.mark.parametrize(
    ("once", "pause", "before", "again"),
    [
        ("event", 0, [], True),
        ("event", 0, [Fired("m", "other", NOW - 5)], True),
        ("event", 0, [Fired("m", "this", NOW - 5)], False),
        ("event", 60, [Fired("m", "other", NOW - 5)], False),
        ("event", 60, [Fired("m", "other", NOW - 90)], True),
        ("visit", 0, [Fired("m", "other", NOW - 5)], False),
        ("visit", 0, [Fired("m", "other", NOW - 900)], True),
        ("ever", 0, [Fired("m", "other", NOW - 900_000)], False),
        ("ever", 0, [Fired("another", "other", NOW - 5)], True),
    ],
)
def test_how_often_a_moment_comes(once: str, pause: float, before: list[Fired], again: bool) -> None:
    moment = Moment(on=("X",), once=once, pause_seconds=pause, headline="Said")  # type: ignore[arg-type]
    prepared = MomentIndex({"m": moment}, {}).moments["m"]
    stored = StoredProfile(fired=tuple(before), session=Session(NOW - 600, NOW))
    wait = Wait("p", "m", "this", float(NOW), float(NOW))
    assert comes(prepared, wait, Profile(customer=CustomerRef()), stored, float(NOW)) is again


def test_what_came_is_kept_latest_first_and_each_occasion_once() -> None:
    many = [Fired("m", str(n), NOW + n) for n in range(FIRED_KEPT + 10)]
    kept = fired_kept([*many, *many])
    assert len(kept) == FIRED_KEPT
    assert kept[0].at == NOW + FIRED_KEPT + 9
