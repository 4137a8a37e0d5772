"""Redemptions against limits, as the journal answers them: the same for whoever reads it."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tailorbird.contracts.offers import RedeemQuery, Redemption
from tailorbird.offers.documents.offer import Offer
from tailorbird.offers.redeeming.limits import Held, Tally, fullest
from tailorbird.offers.redeeming.lines import Entry, Keep, Line, Pool, digest, redeeming, terms_of
from tailorbird.offers.redeeming.settling import OTHER_BODY, Settled
from tailorbird.offers.redeeming.statements import digest_of, pieces_of, read_pieces
from tests.unit.offers.shop import NOW, offer


def redeem(settled: Settled, document: Offer, key: str, at: float = NOW, **fields: Any) -> Redemption:
    query = RedeemQuery(**{"offer_id": "ship", "customer": "c1", "redemption_id": key, **fields})
    (answer,) = settled.take(Entry(at, (redeeming(query, document),)))
    assert isinstance(answer, Redemption)
    return answer


def keep(settled: Settled, document: Offer, customer: str, until: float, at: float = NOW) -> Held | None:
    line = Keep("ship", digest("customer", customer), until, terms_of(document))
    (answer,) = settled.take(Entry(at, (line,)))
    assert answer is None or isinstance(answer, Held)
    return answer


@pytest.mark.parametrize(
    ("limit", "asked", "counted"),
    [
        ({"total": 2}, [{"customer": "a"}, {"customer": "b"}, {"customer": "c"}], [True, True, False]),
        ({"per_customer": 1}, [{"customer": "a"}, {"customer": "a"}, {"customer": "b"}], [True, False, True]),
        (
            {"per_household": 1},
            [{"customer": "a", "household": "h"}, {"customer": "b", "household": "h"}, {"customer": "c"}],
            [True, False, True],
        ),
        (
            {"per_channel": {"store": 1}},
            [{"channel": "store"}, {"channel": "store"}, {"channel": "web"}, {}],
            [True, False, True, True],
        ),
        ({"money": 10}, [{"amount": 6}, {"amount": 4.01}, {"amount": 4}], [True, False, True]),
    ],
)
def test_one_more_than_a_limit_allows_is_refused(
    limit: dict[str, Any], asked: list[dict[str, Any]], counted: list[bool]
) -> None:
    settled = Settled()
    document = offer(limit=limit)
    assert [redeem(settled, document, f"k{n}", **one).counted for n, one in enumerate(asked)] == counted


def test_the_limit_that_is_fullest_says_how_much_is_left() -> None:
    settled, document = Settled(), offer(limit={"total": 4, "money": 10.0, "per_customer": 1})
    assert document.limit is not None
    assert fullest(None, Tally(), "") is None
    redeem(settled, document, "first", amount=7.0)
    used = fullest(document.limit, settled.tally("ship"), "")
    assert used is not None
    assert (used.field, used.used, used.most, used.share) == ("money", 7.0, 10.0, 0.7)


def test_a_period_begins_anew_by_the_offers_own_clocks() -> None:
    settled = Settled()
    document = offer(limit={"per_period": 1, "period": "day"}, zone="America/New_York")
    evening = datetime(2026, 11, 23, 4, 59, tzinfo=UTC).timestamp()
    assert redeem(settled, document, "k1", at=NOW).counted
    assert not redeem(settled, document, "k2", at=evening).counted
    assert redeem(settled, document, "k3", at=evening + 60).counted


def test_a_repeat_is_answered_alike_and_another_body_is_told_apart() -> None:
    settled = Settled()
    document = offer(limit={"total": 1})
    first = redeem(settled, document, "k1")
    refused = redeem(settled, document, "k2", customer="c2")
    assert (first.counted, refused.counted) == (True, False)
    assert redeem(settled, document, "k1") == first
    assert redeem(settled, document, "k2", customer="c2") == refused
    assert redeem(settled, document, "k1", customer="c3") is OTHER_BODY
    assert settled.tally("ship").redeemed == 1


def test_what_is_held_for_one_customer_is_not_there_for_another_until_it_ends() -> None:
    settled = Settled()
    document = offer(limit={"total": 1})
    assert keep(settled, document, "c1", NOW + 600)
    assert keep(settled, document, "c2", NOW + 600) is None
    assert keep(settled, document, "c1", NOW + 900)  # Held longer, not twice.
    assert not redeem(settled, document, "k1", at=NOW + 700, customer="c2").counted
    assert redeem(settled, document, "k2", at=NOW + 900, customer="c2").counted


def test_who_holds_a_unit_redeems_that_one() -> None:
    settled = Settled()
    document = offer(limit={"total": 1})
    keep(settled, document, "c1", NOW + 600)
    assert redeem(settled, document, "k1", customer="c1").counted
    assert settled.tally("ship").held == {}
    assert not redeem(settled, document, "k2", customer="c2").counted


def test_every_customer_gets_a_code_of_their_own_once() -> None:
    settled = Settled()
    document = offer(unique_codes=True)
    assert settled.take(Entry(NOW, (Pool("ship", ("A", "B", "A")), Pool("ship", ("B", "C"))))) == [2, 1]
    held = keep(settled, document, "c1", NOW + 60)
    assert held is not None
    assert held.code == "A"
    assert redeem(settled, document, "k1", customer="c2").code == "B"
    assert not redeem(settled, document, "k2", customer="c3", code="A").counted
    assert not redeem(settled, document, "k3", customer="c3", code="B").counted
    assert redeem(settled, document, "k4", customer="c1").code == "A"
    assert redeem(settled, document, "k5", customer="c3").code == "C"
    dry = redeem(settled, document, "k6", customer="c4")
    assert dry.sentence == "None of its 3 codes is left: they are redeemed, or held for others."


def test_a_code_that_was_held_in_vain_is_given_to_the_next() -> None:
    settled = Settled()
    document = offer(unique_codes=True)
    settled.take(Entry(NOW, (Pool("ship", ("A",)),)))
    keep(settled, document, "c1", NOW + 60)
    assert redeem(settled, document, "k1", at=NOW + 61, customer="c2").code == "A"


def test_what_is_held_shorter_ends_before_what_was_held_earlier() -> None:
    settled, document = Settled(), offer(limit={"total": 2})
    keep(settled, document, "c1", NOW + 600)
    keep(settled, document, "c2", NOW + 60)
    assert not redeem(settled, document, "k1", at=NOW + 59, customer="c3").counted
    assert redeem(settled, document, "k2", at=NOW + 61, customer="c3").counted
    assert not redeem(settled, document, "k3", at=NOW + 62, customer="c4").counted


def test_a_unit_held_since_before_the_offer_had_codes_is_not_held_longer_without_one() -> None:
    settled = Settled()
    assert keep(settled, offer(limit={"total": 2}), "c1", NOW + 600)
    assert keep(settled, offer(limit={"total": 2}, unique_codes=True), "c1", NOW + 900) is None


def test_a_statement_that_cannot_be_read_is_none() -> None:
    lines = list(pieces_of(Settled(), 1, b"x"))
    assert read_pieces([]) is None
    assert read_pieces([lines[0].replace(b'"format":2', b'"format":1')]) is None
    assert read_pieces([*lines, b"half a li"]) is None


def test_within_an_order_exclusion_groups_and_offers_that_stand_alone_hold() -> None:
    settled = Settled()
    spring, ship, lone = offer(exclusion_group="ten"), offer(), offer(stacking="alone")
    order: dict[str, Any] = {"order_id": "o1"}
    assert redeem(settled, spring, "k1", offer_id="spring", **order).counted
    assert not redeem(settled, spring, "k2", offer_id="other", **order).counted
    assert redeem(settled, ship, "k3", offer_id="ship", **order).counted
    assert "spring" in redeem(settled, lone, "k4", offer_id="lone", **order).sentence
    assert redeem(settled, lone, "k5", offer_id="lone", order_id="o2").counted


def test_who_reads_the_journal_later_or_in_other_pieces_holds_the_same() -> None:
    chance = random.Random(7)
    document = offer(limit={"total": 40, "per_customer": 2}, unique_codes=True)
    entries = [Entry(NOW, (Pool("ship", tuple(f"code-{n}" for n in range(60))),))]
    for number in range(200):
        lines: list[Line] = []
        for _ in range(chance.randint(1, 4)):
            customer = f"c{chance.randint(0, 30)}"
            if chance.random() < 0.4:
                until = NOW + number + chance.randint(1, 40)
                lines.append(Keep("ship", digest("customer", customer), until, terms_of(document)))
            else:
                key = f"k{chance.randint(0, 300)}"
                asked = RedeemQuery(offer_id="ship", customer=customer, redemption_id=key, order_id=f"o{key}")
                lines.append(redeeming(asked, document))
        entries.append(Entry(NOW + number, tuple(lines)))
    first, second = Settled(), Settled()
    answers = [first.take(entry) for entry in entries]
    read = [msgspec.json.decode(msgspec.json.encode(entry), type=Entry) for entry in entries]
    assert [second.take(entry) for entry in read] == answers
    assert first.tally("ship") == second.tally("ship")
    for upto in range(20, 201, 20):
        # Who begins with a statement goes on as if they had read it all.
        begun = Settled()
        for entry in entries[:upto]:
            begun.take(entry)
        found = read_pieces(pieces_of(begun, upto, b"last"))
        assert found is not None
        assert found[0].digest == digest_of(b"last")
        assert [found[1].take(entry) for entry in entries[upto:]] == answers[upto:]
        assert (found[1].tallies, found[1].answers, found[1].orders) == (first.tallies, first.answers, first.orders)
    assert first.tally("ship").redeemed <= 40
    assert max(first.tally("ship").by_customer.values()) <= 2
