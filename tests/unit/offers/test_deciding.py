"""Which offers and actions are made, as tables that a marketer can read: cases/deciding.json."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tailorbird.contracts.offers import Decided, DecideQuery, DecisionSlot
from tailorbird.contracts.wire import Fault
from tailorbird.offers.deciding.asked import LATELY, asked
from tailorbird.offers.deciding.decide import decide
from tailorbird.offers.deciding.knowing import NOTHING_LEARNED, Knowing, Learned, Standing
from tailorbird.offers.deciding.why import explain
from tailorbird.offers.documents.checking import check_documents
from tailorbird.offers.documents.offer import Action, Offer
from tailorbird.offers.documents.offering import Offerings
from tailorbird.offers.documents.prepared import Preparing
from tailorbird.offers.learning.chances import chance_of
from tailorbird.offers.learning.responses import Responses
from tests.unit.offers.shop import NOW, action, items, offer, offerings, question

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "deciding.json").read_text())
ACTIONS = {"live_chat", "register", "advice"}


def documents_of(case: dict[str, Any]) -> dict[str, Offer | Action]:
    return {
        identity: action(**written) if written["kind"] in ACTIONS else offer(**written)
        for identity, written in case["documents"].items()
    }


def knowing(case: dict[str, Any]) -> Knowing:
    standing = Standing(tuple(case.get("promised", ())), case.get("excluded", {}))
    return Knowing(NOTHING_LEARNED, frozenset(case.get("used_up", ())), standing)


def asked_of(case: dict[str, Any]) -> DecideQuery:
    return question(case.get("facts"), case.get("context"), case.get("history"), case.get("just_bought"))


def chosen(decided: Decided, slot: int = 0) -> list[str]:
    return [choice.offer_id for choice in decided.slots[slot].chosen]


def decided(open_now: Offerings, query: DecideQuery) -> Decided:
    return decide(open_now.at(query.at), asked(query, NOW), open_now.version)


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_what_is_made(case: dict[str, Any]) -> None:
    everything = offerings(documents_of(case))
    found = decide(everything.at(NOW), asked(asked_of(case), NOW), "v1", knowing(case))
    assert chosen(found) == case["offers"]
    assert chosen(found, 1) == case.get("actions", [])
    reasons = {choice.offer_id: list(choice.reasons) for slot in found.slots for choice in slot.chosen}
    assert {identity: reasons[identity] for identity in case.get("reasons", {})} == case.get("reasons", {})


def test_why_not_tells_of_as_many_as_are_wanted_and_of_the_one_asked_about_first() -> None:
    everything = offerings({f"o{n:02}": offer(kind="gift", margin=40 - n, active=n < 10) for n in range(15)})
    wanted = asked(question(slots=(DecisionSlot(slot="offers", count=2),)), NOW)
    told = explain(everything, wanted, others=3, about="o12")
    assert [one.outcome for one in told.candidates] == ["chosen", "chosen", "refused", "outranked", "outranked"]
    assert (told.candidates[2].offer_id, told.candidates[2].sentence) == ("o12", "It is switched off.")
    assert told.left_out == 10
    assert explain(everything, wanted).left_out == 0


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_why_not_tells_of_every_document_and_agrees(case: dict[str, Any]) -> None:
    everything = offerings(documents_of(case))
    fates = explain(everything, asked(asked_of(case), NOW), knowing(case)).candidates
    assert {fate.offer_id for fate in fates} == set(case["documents"])
    made = [fate.offer_id for fate in fates if fate.outcome == "chosen"]
    assert made == [*case["offers"], *case.get("actions", [])]
    sentences = {fate.offer_id: fate.sentence for fate in fates}
    told = case.get("refused", {}) | case.get("outranked", {})
    assert {identity: sentences[identity] for identity in told} == told


def test_every_case_is_a_set_of_documents_that_may_be_saved() -> None:
    for case in CASES:
        kinds: dict[str, dict[str, Any]] = {"offer": {}, "action": {}}
        for identity, document in documents_of(case).items():
            kinds["offer" if isinstance(document, Offer) else "action"][identity] = document
        assert check_documents(kinds) == [], case["says"]


def test_nothing_stands_twice_across_slots_and_a_short_slot_says_why() -> None:
    everything = offerings({identity: offer() for identity in ("a", "b", "c")})
    slots = (DecisionSlot(slot="hero", count=1), DecisionSlot(slot="offers", count=4))
    found = decided(everything, question(slots=slots))
    assert [chosen(found, 0), chosen(found, 1)] == [["a"], ["b", "c"]]
    assert found.slots[0].note == ""
    assert found.slots[1].note == "2 of 4: no other offers are open to this customer now."
    assert found.considered == 3


def test_deciding_twice_is_deciding_the_same() -> None:
    everything = offerings({f"o{n}": offer(kind="coupon", value=n % 5 + 1) for n in range(40)})
    backwards = offerings(dict(sorted(everything.documents.items(), reverse=True)))
    first = decided(everything, question(history=["pear-1"]))
    assert decided(everything, question(history=["pear-1"])) == first
    assert decided(backwards, question(history=["pear-1"])) == first


def test_every_promise_is_kept_however_many_were_made() -> None:
    open_now = offerings({f"offer-{n:02}": offer(margin=30 - n) for n in range(30)})
    promised = tuple(f"offer-{n:02}" for n in range(29, 9, -1))
    query = question(slots=(DecisionSlot(slot="offers", count=20),))
    knowing = Knowing(NOTHING_LEARNED, standing=Standing(promised), chance="somebody")
    made = decide(open_now.at(NOW), asked(query, NOW), "v1", knowing)
    assert tuple(chosen(made)) == promised
    assert {one.propensity for one in made.slots[0].chosen} == {1.0}


def test_content_is_what_the_customer_sees_and_no_list_of_items() -> None:
    shown = offer(
        kind="coupon", headline="Save on dairy", code="D1", value=1, ends_at="2026-12-01T00:00:00Z",
        scope={"item_ids": ["yogurt-1", "yogurt-2", "cheese-1"]}, audience_id="", priority=70,
    )  # fmt: skip
    found = decided(offerings({"dairy": shown}), question())
    assert msgspec.json.decode(found.slots[0].chosen[0].content) == {
        "kind": "coupon",
        "headline": "Save on dairy",
        "code": "D1",
        "value": 1.0,
        "ends_at": "2026-12-01T00:00:00Z",
        "applies_to": ["Yogurt", "Cheese"],
    }


def test_an_offer_that_many_redeemed_goes_before_its_equals_and_one_they_refused_behind() -> None:
    everything = {identity: offer(kind="gift") for identity in ("a", "b", "c")}
    responses = {"b": Responses("b", redeemed=20), "a": Responses("a", refused=50)}
    found = decided(offerings(everything, responses), question())
    assert chosen(found) == ["b", "c", "a"]


def test_an_item_that_moves_to_another_department_moves_under_its_offers() -> None:
    moved = items()
    dairy = offer(kind="percent_off", value=5, scope={"departments": ["Dairy"]})
    everything = Offerings({"dairy": dairy}, Preparing(moved, {}), "v1")
    open_now = everything.at(NOW)
    assert open_now.cover("soap-1").bits == 0
    assert moved.put("soap-1", "Dairy", "Cheese", "Acme")
    assert not moved.put("soap-1", "Dairy", "Cheese", "Acme")
    everything.forget("soap-1")
    assert open_now.cover("soap-1").bits == 1


def test_an_item_that_nobody_knows_is_not_remembered() -> None:
    open_now = offerings({"dairy": offer(scope={"departments": ["Dairy"]})}).at(NOW)
    assert open_now.cover("made-up").bits == 0
    assert "made-up" not in open_now.covering


def test_what_is_closed_now_is_explained_at_the_moment_at_which_it_was_open() -> None:
    early, late = offer(ends_at="2026-11-20T00:00:00Z"), offer(starts_at="2026-11-21T00:00:00Z")
    everything = offerings({"early": early, "late": late})
    assert chosen(decided(everything, question())) == ["late"]
    assert chosen(decided(everything, question(at=NOW - 5 * 86_400))) == ["early"]


def test_a_history_is_read_up_to_the_latest_items_whatever_the_ids_hold() -> None:
    plain = question(history=[f"item-{n}" for n in range(400)])
    assert [one.item_id for one in asked(plain, NOW).lately] == [f"item-{n}" for n in range(LATELY)]
    nasty = [f'a"],["{n}\\' * 9 for n in range(400)]
    assert [one.item_id for one in asked(question(history=nasty), NOW).lately] == nasty[:LATELY]


@pytest.mark.parametrize("customer", [b"[]", b'{"history": 3}', b'{"history": [["a"]]}', b'{"attributes": 1}', b'"x"'])
def test_a_customer_that_cannot_be_read_is_a_fault_for_this_question_alone(customer: bytes) -> None:
    query = msgspec.structs.replace(question(), customer=msgspec.Raw(customer))
    with pytest.raises(Fault, match="can't be read") as raised:
        asked(query, NOW)
    assert raised.value.code == 422


def test_values_of_any_kind_are_at_worst_not_known() -> None:
    everything = offerings({"ship": offer(rule={"field": "cart.total", "operator": ">", "value": 5})})
    for odd in ("much", True, ["a"], None, 10**400, float("nan")):
        assert chosen(decided(everything, question(context={"cart.total": odd}))) == []
    assert chosen(decided(everything, question(context={"cart.total": 10**18}))) == ["ship"]


def test_who_asks_without_a_moment_asks_about_now() -> None:
    everything = offerings({"late": offer(starts_at="2026-11-21T00:00:00Z")})
    without = asked(question(at=0.0), NOW)
    assert chosen(decide(everything.at(without.at), without, "v1")) == ["late"]


def test_of_many_in_a_tier_each_one_that_was_chosen_or_stood_further_down_is_explained_as_such() -> None:
    # Fifteen of one tier, of which a page ranks twelve; four of them are of a group of which one is taken above.
    many = {f"o{n:02}": offer(kind="gift", exclusion_group="g" if n < 4 else "", margin=40 - n) for n in range(15)}
    everything = offerings(many | {"first": offer(priority=60, exclusion_group="g")})
    slots = (DecisionSlot(slot="offers", count=12),)
    for person in range(40):
        knowing = Knowing(Learned({}, chance_of("x")), chance=f"p{person}")
        fates = explain(everything, asked(question(slots=slots), NOW), knowing).candidates
        outcomes = Counter(fate.outcome for fate in fates)
        assert outcomes["refused"] == 0
        assert outcomes.total() == 16
