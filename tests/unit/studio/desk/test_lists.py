"""A list of documents says what runs, what is still to come and what is over, and finds what one looks for."""

from __future__ import annotations

import json

from tailorbird.studio.desk.documents.atwork import AtWork
from tailorbird.studio.desk.documents.drafts import Draft
from tailorbird.studio.desk.documents.kinds import kind_at
from tailorbird.studio.desk.wording import day_of, lasting, moment_of

OFFERS = kind_at("offers")
NOON = 1_790_000_000.0


def at_work(**documents: dict[str, object]) -> AtWork:
    kept = AtWork()
    for name, document in documents.items():
        kept.take(f"offer/{name}", json.dumps({"headline": name, **document}).encode())
    return kept


def test_states_change_when_a_document_begins_and_ends() -> None:
    window: dict[str, object] = {"starts_at": "2026-09-21T15:00:00Z", "ends_at": "2026-09-21T16:00:00Z"}
    kept = at_work(always={}, off={"active": False}, window=window)
    begins = 1_790_002_800.0
    counted = [kept.counts("offer", at) for at in (begins - 1, begins, begins + 3_600)]
    assert [(one["running"], one["scheduled"], one["ended"]) for one in counted] == [(1, 1, 0), (2, 0, 0), (1, 0, 1)]


def test_a_search_finds_every_word_anywhere_in_the_document() -> None:
    kept = at_work(pizza={"text": "Only on Friday"}, pasta={"text": "Friday and Saturday"})
    assert [row.id for row, _, _ in kept.listed(OFFERS, {}, NOON, wanted="friday only").rows] == ["pizza"]
    assert kept.listed(OFFERS, {}, NOON, wanted="friday").counts["all"] == 2


def test_what_is_being_written_stands_in_the_list_published_or_not() -> None:
    kept = at_work(pizza={})
    draft = Draft(body="1", instead_of="", by="olga", at=NOON)
    listed = kept.listed(OFFERS, {"offer/pizza": draft, "offer/new-one": draft}, NOON, state="drafts")
    assert [(row.id, state) for row, state, _ in listed.rows] == [("new-one", "new"), ("pizza", "running")]


def test_pages_of_a_long_list() -> None:
    kept = at_work(**{f"offer-{number:03d}": {} for number in range(120)})
    last = kept.listed(OFFERS, {}, NOON, page=99)
    assert (last.page, last.pages, len(last.rows), last.total) == (3, 3, 20, 120)


def test_what_was_never_published_is_listed_by_the_name_in_its_draft() -> None:
    kind = kind_at("webhooks")
    draft = Draft(body="x", title="Ticket desk", instead_of="", by="ann", at=NOON)
    listed = AtWork().listed(kind, {"webhook/ticket-desk": draft}, NOON, wanted="ticket desk")
    assert [(row.title, state) for row, state, _ in listed.rows] == [("Ticket desk", "new")]


def test_names_days_and_spans_are_said_as_people_say_them() -> None:
    assert [moment_of(one) for one in ("page/home", "email/new_arrivals", "", "premium")] == [
        "home page", "e-mail “new arrivals”", "", "premium"
    ]  # fmt: skip
    assert [lasting(one) for one in (1_800, 86_400, 90, 5_400, 0)] == [
        "30 minutes", "1 day", "90 seconds", "90 minutes", "0 seconds"
    ]  # fmt: skip
    assert day_of("2026-10-01") == "1 Oct 2026"
