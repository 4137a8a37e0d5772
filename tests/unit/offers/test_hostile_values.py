"""What a marketer may write by mistake or malice: told with its place and a sentence, and never a trap for others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tailorbird.contracts.offers import RedeemQuery, Redemption
from tailorbird.contracts.wire import Fault
from tailorbird.host import body
from tailorbird.offers.documents.checking import check_documents, notes_on_document
from tailorbird.offers.documents.offer import Limit, Offer
from tailorbird.offers.documents.prepared import window
from tailorbird.offers.redeeming.lines import Entry, redeeming
from tailorbird.offers.redeeming.settling import Settled
from tests.unit.offers.shop import NOW, offer


def mistakes(sent: bytes) -> list[str]:
    """The places of what is wrong with the offer, by its type or, where that is right, by the check of the whole."""
    try:
        document = body.decode(sent, body.decoder_for(Offer))
    except Fault as fault:
        return [one.path for one in fault.problems]
    return [one.path.removeprefix("offer/x ") for one in check_documents({"offer": {"x": document}})]


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ({"value": 1e300}, "$.value"),
        ({"cost": 1e10}, "$.cost"),
        ({"margin": -1}, "$.margin"),
        ({"limit": {"per_channel": {"fax": 1}}}, "$.limit.per_channel"),
        ({"image": "javascript:alert(1)"}, "$.image"),
        ({"limit": {"money": 1e308}, "cost": 1}, "$.limit.money"),
        ({"limit": {"money": 0.001}, "cost": 1}, "$.limit.money"),
        ({"limit": {"total": 10**18}}, "$.limit.total"),
        ({"limit": {"per_channel": {"web": 10**13}}}, "$.limit.per_channel.web"),
        ({"zone": "../../etc/passwd"}, "$.zone"),
        ({"zone": "a\0b"}, "$.zone"),
    ],
)
def test_what_can_not_be_is_refused_with_its_place(written: dict[str, Any], path: str) -> None:
    assert mistakes(msgspec.json.encode({"kind": "amount_off", "headline": "x", "value": 1, **written})) == [path]


def test_an_entry_written_with_a_limit_beyond_counting_holds_nobody_up() -> None:
    settled, poisoned = Settled(), msgspec.structs.replace(offer(), limit=Limit(money=1e308, total=10**30))

    def redeemed(document: Offer, key: str) -> Redemption:
        line = redeeming(RedeemQuery(offer_id="ship", customer="c", redemption_id=key, amount=1e9), document)
        (answer,) = settled.take(msgspec.json.decode(msgspec.json.encode(Entry(NOW, (line,))), type=Entry))
        assert isinstance(answer, Redemption)
        return answer

    assert redeemed(poisoned, "k1").counted
    assert redeemed(offer(limit={"total": 2}), "k2").counted


@pytest.mark.parametrize(
    ("ends_at", "at", "said"),
    [
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00+00:00", "leave this time out: it counts as 03:30"),
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00+00:00", "show this time twice"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00+00:00", ""),
        ("2026-07-01T00:00:00", "2026-06-30T22:00:00+00:00", ""),
    ],
)
def test_a_window_that_ends_where_clocks_are_put_forward_or_back_ends_once_and_it_is_told(
    ends_at: str, at: str, said: str
) -> None:
    document = offer(ends_at=ends_at, zone="Europe/Berlin")
    assert datetime.fromtimestamp(window(document)[1], UTC).isoformat() == at
    notes = notes_on_document("offer", document)
    assert [note.path for note in notes] == (["$.ends_at"] if said else [])
    assert said in str(notes)
