"""What may be written down of an offer: mistakes are told with their path, rows of a load become documents."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tailorbird.contracts.wire import Problem
from tailorbird.offers.documents.checking import check_documents, notes_on_document
from tailorbird.offers.documents.naming import notes_on_names
from tailorbird.offers.documents.offer import Action, Offer, Scope
from tailorbird.offers.documents.prepared import window
from tailorbird.offers.documents.rows import offer_document
from tailorbird.offers.items import Items
from tailorbird.offers.learning.responses import Responses, with_responses
from tests.unit.offers.shop import action, offer


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ({"headlin": "x"}, "unknown field `headlin`"),
        ({"kind": "half_price"}, r"Invalid enum value 'half_price' - at `\$.kind`"),
        ({"starts_at": "tomorrow"}, r"Invalid RFC3339 encoded datetime - at `\$.starts_at`"),
        ({"image": "javascript:alert(1)"}, r"- at `\$.image`"),
        ({"priority": 101}, r"<= 100 - at `\$.priority`"),
        ({"channels": ["fax"]}, r"Invalid enum value 'fax' - at `\$.channels\[0\]`"),
        ({"rule": {"rules": [{"field": "segments"}]}}, r"a condition needs .* - at `\$.rule.rules\[0\]`"),
        ({"rule": {"rules": [], "field": "segments"}}, r"either a group .* or a condition .* - at `\$.rule`"),
        ({"limit": {"total": 0}}, r">= 1 - at `\$.limit.total`"),
    ],
)
def test_a_typing_mistake_is_refused_with_its_path(written: dict[str, Any], complaint: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=complaint):
        offer(**written)


def test_mistakes_that_types_cannot_tell_are_all_told_at_once() -> None:
    offers: dict[str, Offer] = {
        "backwards": offer(starts_at="2026-12-01T00:00:00Z", ends_at="2026-11-01T00:00:00Z"),
        "worthless": offer(kind="percent_off"),
        "generous": offer(kind="percent_off", value=120),
        "mistyped": offer(rule={"field": "segmets", "operator": "contains", "value": "premium"}),
        "good": offer(),
    }
    actions: dict[str, Action] = {"good": action(), "promising": action(offer_id="gone")}
    problems = check_documents({"offer": offers, "action": actions})
    assert [(problem.path, problem.sentence) for problem in problems] == [
        ("offer/backwards $.ends_at", "It ends before it starts."),
        ("offer/worthless $.value", "An offer of the kind percent_off needs a value above zero."),
        ("offer/generous $.value", "120 percent is more than everything."),
        ("offer/mistyped $.rule.field", "There is no attribute `segmets`; did you mean `segments`?"),
        ("action/good $", "An offer has this id already; offers and actions share their ids."),
        ("action/promising $.offer_id", "There is no offer gone to promise in return."),
    ]


def test_a_row_of_a_load_becomes_a_document() -> None:
    document = offer_document(
        {
            "offer_id": "coupon-8-1", "headline": "Save on yogurt", "kind": "coupon", "value": 1.5, "code": "51000",
            "starts_at": 1_790_000_000, "ends_at": 1_790_086_400, "audience_id": "campaign-8", "priority": 60.0,
            "item_ids": ["1", "2"], "categories": ["Yogurt"],
        }
    )  # fmt: skip
    assert (document.kind, document.id) == ("offer", "coupon-8-1")
    assert msgspec.json.decode(document.body) == {
        "kind": "coupon", "headline": "Save on yogurt", "code": "51000", "audience_id": "campaign-8", "value": 1.5,
        "starts_at": "2026-09-21T14:13:20Z", "ends_at": "2026-09-22T14:13:20Z", "priority": 60,
        "scope": {"item_ids": ["1", "2"], "categories": ["Yogurt"]}, "loaded": True,
    }  # fmt: skip
    read = msgspec.json.decode(bytes(document.body), type=Offer)
    assert check_documents({"offer": {document.id: read}}) == []


def test_responses_are_counted_once_however_often_they_are_loaded() -> None:
    rows = [
        {"customer_id": "1", "offer_id": "a", "time": 10, "kind": "redeemed"},
        {"customer_id": "1", "offer_id": "a", "time": 10, "kind": "redeemed"},
        {"customer_id": "2", "offer_id": "a", "time": 10},
        {"customer_id": "2", "offer_id": "b", "time": 11, "kind": "refused"},
    ]
    counted, new = with_responses({}, rows)
    assert new == 3
    assert (counted["a"].redeemed, counted["b"].refused) == (2, 1)
    assert with_responses(counted, rows) == ({}, 0)
    more, new = with_responses(counted, [{"customer_id": "3", "offer_id": "a", "time": 12, "kind": "clicked"}])
    assert new == 1
    assert more == {"a": Responses("a", redeemed=2, clicked=1, marks=more["a"].marks)}
    assert b"customer" not in msgspec.json.encode(more["a"])


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ({"starts_at": "2026-11-22T00:00:00"}, "offer/x $.starts_at"),
        ({"zone": "Europe/Atlantis"}, "offer/x $.zone"),
        ({"kind": "bundle_price", "value": 5}, "offer/x $.scope"),
        ({"code": "SPRING", "unique_codes": True}, "offer/x $.unique_codes"),
        ({"reserve_minutes": 5}, "offer/x $.reserve_minutes"),
        ({"limit": {"money": 100}}, "offer/x $.limit.money"),
    ],
)
def test_a_promise_that_cannot_be_kept_is_told(written: dict[str, Any], path: str) -> None:
    assert [problem.path for problem in check_documents({"offer": {"x": offer(**written)}})] == [path]


def test_a_window_without_offset_is_read_by_the_offers_own_clocks() -> None:
    here = offer(starts_at="2026-12-01T00:00:00", ends_at="2026-12-24T00:00:00", zone="America/New_York")
    there = offer(starts_at="2026-12-01T05:00:00Z", ends_at="2026-12-24T00:00:00-05:00")
    assert check_documents({"offer": {"here": here, "there": there}}) == []
    assert window(here) == window(there)


def test_a_rule_that_can_never_hold_is_told_and_saved_all_the_same() -> None:
    rule = {"rules": [{"field": "time.hour", "operator": ">", "value": n} for n in (20, 23)]}
    document = offer(rule=rule)
    assert check_documents({"offer": {"x": document}}) == []
    assert [note.path for note in notes_on_document("offer", document)] == ["$.rule"]


def test_a_name_that_no_item_has_is_noted_with_the_nearest_one_and_taken() -> None:
    items = Items()
    items.put("82", "Frozen", "Frozen Pizza", "Copper Acre")
    items.put("1082185", "Produce", "Bananas", "Tail & Leaf")
    offer = Offer(
        kind="gift",
        headline="Pizza night",
        gift_item_id="1082158",
        scope=Scope(categories=("Bananas", "Frozen Piza"), brands=("COPPER ACRE",), item_ids=("82", "9999")),
    )
    assert {note.path: note.sentence for note in notes_on_names(offer, items)} == {
        "$.scope.item_ids[1]": "There is no item '9999' so far.",
        "$.scope.categories[1]": "No item has the category 'Frozen Piza' so far. Did you mean 'Frozen Pizza'?",
        "$.scope.brands[0]": "No item has the brand 'COPPER ACRE' so far. Did you mean 'Copper Acre'?",
        "$.gift_item_id": "There is no item '1082158' so far. Did you mean '1082185'?",
    }
    assert not check_documents({"offer": {"pizza": offer}})


def test_before_any_item_was_loaded_no_name_is_noted() -> None:
    offer = Offer(kind="percent_off", value=5, headline="Five off", scope=Scope(categories=("Anything",)))
    assert not list(notes_on_names(offer, Items()))


def test_of_many_unknown_names_the_first_are_told_and_the_others_counted() -> None:
    items = Items()
    for number in range(2_500):
        items.put(f"item-{number}", "", "", "")
    scope = Scope(item_ids=("item-12", *(f"itme-{number}" for number in range(9))))
    notes = list(notes_on_names(Offer(kind="points", value=5, headline="Points", scope=scope), items))
    assert notes[0] == Problem(
        path="$.scope.item_ids[1]", sentence="There is no item 'itme-0' so far. Did you mean 'item-0'?"
    )
    assert (len(notes), notes[-1].path) == (6, "$.scope.item_ids")
    assert notes[-1].sentence == "4 more of these 10 are not known either."
