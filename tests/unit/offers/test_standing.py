"""Which decisions stand for a while: those that nobody need ask for again."""

from __future__ import annotations

from typing import Any

import pytest

from tailorbird.contracts.offers import Chosen, Decided, SlotChoices
from tailorbird.offers.deciding.asked import Asked
from tailorbird.offers.deciding.standing import AT_MOST, stands_for
from tailorbird.offers.documents.offering import Offerings
from tests.unit.offers.shop import NOW, offer
from tests.unit.offers.shop import offerings as offerings_of

QUESTION = Asked({}, {"context.channel": "web"}, [], (), (), NOW)


def offerings(**more: Any) -> Offerings:
    return offerings_of({"tea": offer(**more)})


def decided(basis: str = "") -> Decided:
    tea = Chosen(offer_id="tea", score=1.0, basis=basis)
    return Decided(slots=(SlotChoices(slot="offers", chosen=(tea,)),), rules="v1")


def test_a_promise_stands_for_a_minute() -> None:
    assert stands_for(decided(), QUESTION, offerings(), ()) == AT_MOST == 60.0


@pytest.mark.parametrize("basis", ["propensity", "increment"])
def test_what_was_chosen_anew_does_not_as_the_next_answer_is_a_promise(basis: str) -> None:
    assert stands_for(decided(basis), QUESTION, offerings(), ()) == 0.0


def test_what_counts_each_time_it_is_shown_does_not() -> None:
    assert stands_for(decided(), QUESTION, offerings(), {"tea"}) == 0.0


def test_nothing_stands_longer_than_what_is_open() -> None:
    assert stands_for(decided(), QUESTION, offerings(ends_at="2026-11-22T12:00:25Z"), ()) == 25.0


def test_nothing_stands_where_a_rule_goes_by_the_very_second() -> None:
    rule = {"combinator": "and", "rules": [{"field": "time.at", "operator": ">", "value": "2026-11-22T11:00:00Z"}]}
    assert stands_for(decided(), QUESTION, offerings(rule=rule), ()) == 0.0
