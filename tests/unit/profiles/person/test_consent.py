"""What is kept of somebody who did not agree: their word, and nothing else."""

from __future__ import annotations

from typing import Any

from tailorbird.contracts.profiles import Event
from tailorbird.profiles.collecting.batches import Fold
from tailorbird.profiles.person.folding import fold
from tailorbird.profiles.person.profile import StoredProfile
from tests.unit.profiles.events import event

NO = {"consent": {"categoryPreferences": {"personalization": False}}}
YES = {"consent": {"categoryPreferences": {"personalization": True, "advertising": False}}}
VISITOR: dict[str, Any] = {"customer_id": "", "anonymous_id": "a-1"}


def test_each_word_has_its_time_and_its_source() -> None:
    browser = fold(StoredProfile(), event(1, kind="page", context=YES, **VISITOR))
    assert {purpose: word.source for purpose, word in browser.consent.items()} == {
        "personalization": "browser",
        "advertising": "browser",
    }
    server = fold(browser, event(2, at=1, kind="page", context=NO, trusted=True, **VISITOR))
    word = server.consent["personalization"]
    assert (word.granted, word.source, word.at > browser.consent["personalization"].at) == (False, "server", True)


def test_after_a_refusal_nothing_of_what_somebody_does_is_kept() -> None:
    refused = fold(StoredProfile(), event(1, kind="page", context=NO, **VISITOR))
    assert (refused.session, refused.recent.entries()) == (None, ())
    view = event(2, "Product Viewed", properties={"product_id": "i-1"}, **VISITOR)
    assert fold(refused, view) is refused
    told = event(3, kind="identify", traits={"age": "30"}, trusted=True, **VISITOR)
    assert fold(refused, told) is refused


def test_a_yes_lets_it_be_kept_again() -> None:
    refused = fold(StoredProfile(), event(1, kind="page", context=NO, **VISITOR))
    agreed = fold(refused, event(2, at=1, kind="page", context=YES, **VISITOR))
    assert fold(agreed, event(3, "Product Viewed", properties={"product_id": "i-1"}, **VISITOR)).recent.entries()


def test_where_a_yes_is_needed_nobody_becomes_a_person_without_one() -> None:
    silent = Event(message_id="m-1", type="page", at=1.0, anonymous_id="a-1", needs_consent=True)
    nobodys = Event(message_id="m-2", type="page", at=1.0)
    changes = Fold({}, {}, {}).take([silent, nobodys])
    assert (changes.profiles, changes.moved) == ({}, {})


def test_a_browser_may_refuse_for_the_customer_whose_device_it_is_but_not_agree() -> None:
    linked = StoredProfile(customer_id="c-1", anonymous_ids=("a-1",))
    refusal = Event(message_id="m-1", type="page", at=1.0, anonymous_id="a-1", context=NO)
    assert fold(linked, refusal).consent["personalization"].granted is False
    agreement = Event(message_id="m-2", type="page", at=1.0, anonymous_id="a-1", context=YES)
    assert "personalization" not in fold(linked, agreement).consent
