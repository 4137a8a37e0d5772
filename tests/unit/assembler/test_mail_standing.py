"""Who may be written to, and how often: what was heard of an address, folded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tailorbird.assembler.mail.documents import DEFAULT, KINDS, Mailing, check_mail
from tailorbird.assembler.mail.hearing.counting import by_machine
from tailorbird.assembler.mail.hearing.heard import heard
from tailorbird.assembler.mail.hearing.standing import SOFT_BOUNCES, changed, refusal
from tailorbird.assembler.mail.sending.capping import DAY, WEEK, allowed_from, usual_moment
from tailorbird.contracts.mail import Standing, StandingChange
from tests.unit.assembler import shop

CASES = json.loads((Path(__file__).parent / "cases" / "heard.json").read_text(encoding="utf-8"))
NOW = 1_795_305_600.0


def after(*words: str, topic: str = "") -> Standing:
    standing = Standing()
    for word in words:
        change = msgspec.convert({"mark": "m", "word": word, "topic": topic}, StandingChange)
        standing = changed(standing, change, NOW)
    return standing


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_e_mail_services_tell_is_understood(case: dict[str, Any]) -> None:
    assert [list(one) for one in heard(case["body"])] == case["heard"]


@pytest.mark.parametrize("word", ["unsubscribed", "bounced", "complained", "refused"])
def test_nothing_goes_any_more_to_an_address_of_which_this_was_heard(word: str) -> None:
    assert refusal(after(word), "news")
    assert after(word) == after(word, word)


def test_of_a_topic_alone_nothing_else_stops() -> None:
    standing = after("unsubscribed", topic="sales")
    assert refusal(standing, "sales") == "does not want to hear of 'sales'"
    assert refusal(standing, "news") == ""
    assert refusal(None, "news") == ""


def test_only_who_unsubscribed_can_come_back_by_a_link() -> None:
    assert refusal(after("unsubscribed", "subscribed"), "news") == ""
    assert refusal(after("complained", "subscribed"), "news")
    assert refusal(after("bounced", "unsubscribed", "subscribed"), "news")


def test_deliveries_that_fail_for_the_time_being_stop_mail_when_they_go_on() -> None:
    assert refusal(after(*["bounced_softly"] * (SOFT_BOUNCES - 1)), "news") == ""
    assert refusal(after(*["bounced_softly"] * SOFT_BOUNCES), "news")


def test_preferences_replace_those_stated_before() -> None:
    first = changed(Standing(), StandingChange(mark="m", without=("sales", "news"), per_week=1), NOW)
    second = changed(first, StandingChange(mark="m", without=("news",)), NOW)
    assert (second.without, second.per_week) == (("news",), 1)


def test_the_cap_is_over_all_messages_and_a_recipients_own_wish_is_below_it() -> None:
    mailing = Mailing(per_day=1, per_week=3)
    assert allowed_from((), NOW, mailing, None) == NOW
    assert allowed_from((NOW - 3_600.0,), NOW, mailing, None) == NOW - 3_600.0 + DAY
    week = tuple(NOW - days * DAY for days in (2, 3, 4))
    assert allowed_from(week, NOW, mailing, None) == NOW - 4 * DAY + WEEK
    assert allowed_from(week[:1], NOW, mailing, Standing(per_week=1)) == NOW - 2 * DAY + WEEK
    assert allowed_from(week * 5, NOW, DEFAULT, None) == NOW


def test_a_mail_leaves_in_the_hour_in_which_it_is_usually_read() -> None:
    assert usual_moment(0, NOW + 60.0) == NOW + 60.0
    assert usual_moment(7, NOW) == NOW + 7 * 3_600.0
    assert usual_moment(7, NOW + 8 * 3_600.0) == NOW + DAY + 7 * 3_600.0


@pytest.mark.parametrize(
    ("agent", "machine"),
    [
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", True),
        ("Mozilla/5.0", True),
        ("", True),
        ("BarracudaCentral/1.0", True),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", False),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0", False),
    ],
)
def test_machines_are_told_from_readers(agent: str, machine: bool) -> None:
    assert by_machine("GET", agent) is machine
    assert by_machine("HEAD", agent)


def test_mistakes_in_campaigns_and_topics_are_told_when_they_are_saved() -> None:
    documents: dict[str, dict[str, Any]] = {
        "email": {"weekly": shop.email("<mjml></mjml>")},
        "mailing": {"default": msgspec.convert({"topics": {"sales": {"name": "Sales"}}}, Mailing), "other": Mailing()},
        "campaign": {"spring": msgspec.convert({"email": "sprnig"}, KINDS["campaign"])},
    }
    assert [problem.path for problem in check_mail(documents)] == [
        "mailing/other", "email/weekly $.topic", "campaign/spring $.email",
    ]  # fmt: skip
