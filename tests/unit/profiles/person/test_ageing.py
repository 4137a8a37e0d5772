"""What of a profile is too old to be kept, kind by kind."""

from __future__ import annotations

import pytest

from tailorbird.contracts.words import Bought, Signal, SignalKind
from tailorbird.profiles.person.ageing import Limits, aged, is_over
from tailorbird.profiles.person.noted import Contact, Fired, Observed, Ticket
from tailorbird.profiles.person.packing import History
from tailorbird.profiles.person.profile import DAY, Order, Response, Session, StoredProfile
from tailorbird.profiles.person.recent import Recent
from tailorbird.profiles.person.timeline import Timeline, lines_of, with_line

NOW = 1_795_000_000
KINDS: tuple[SignalKind, ...] = ("viewed", "bought")
OLD, NEW = NOW - 40 * DAY, NOW - 5 * DAY


def somebody() -> StoredProfile:
    """An old and a new one of each kind."""
    lines = with_line(with_line(Timeline(), OLD, "page", "/old"), NEW, "page", "/new")
    return StoredProfile(
        customer_id="ann",
        last_at=NEW,
        orders=2,
        spend=20.0,
        session=Session(NEW, NEW),
        previous_session=Session(OLD, OLD),
        recent=Recent(tuple(Signal(kind, item, at) for item, at in (("n", NEW), ("o", OLD)) for kind in KINDS)),
        history=History((Bought("n", 1, NEW), Bought("o", 3, OLD))),
        recent_orders=(Order(NEW, 5.0, b"n"), Order(OLD, 15.0, b"o")),
        responses=(Response("n", "clicked", 1, NEW), Response("o", "clicked", 1, OLD)),
        fired=(Fired("m", "n", NEW), Fired("m", "o", OLD)),
        timeline=lines,
        observed=Observed(
            tickets=(Ticket("still-open", OLD), Ticket("resolved", OLD, OLD + 60)),
            contacts=(Contact(NEW), Contact(OLD)),
        ),
    )


def test_behaviour_goes_and_purchases_stay() -> None:
    kept = aged(somebody(), NOW, Limits(behaviour=30))
    signals = [(one.kind, one.item_id) for one in kept.recent.entries()]
    assert signals == [("viewed", "n"), ("bought", "n"), ("bought", "o")]
    assert (kept.session is not None, kept.previous_session) == (True, None)
    assert [line.detail for line in lines_of(kept.timeline)] == ["/new"]
    assert (len(kept.responses), len(kept.fired), len(kept.history.entries())) == (1, 1, 2)


def test_purchases_go_and_their_sums_stay() -> None:
    kept = aged(somebody(), NOW, Limits(purchases=30))
    assert [one.item_id for one in kept.history.entries()] == ["n"]
    assert [order.value for order in kept.recent_orders] == [5.0]
    assert (kept.orders, kept.spend, kept.forgotten_items) == (2, 20.0, 1)
    assert ("viewed", "o") in [(one.kind, one.item_id) for one in kept.recent.entries()]


def test_contacts_and_resolved_tickets_go_and_an_open_one_stays() -> None:
    kept = aged(somebody(), NOW, Limits(contacts=30))
    assert [one.at for one in kept.observed.contacts] == [NEW]
    assert [ticket.ticket_id for ticket in kept.observed.tickets] == ["still-open"]


def test_what_is_young_enough_is_the_very_same_profile() -> None:
    before = somebody()
    assert aged(before, NOW, Limits(behaviour=60, purchases=60, contacts=60)) is before
    assert aged(before, NOW, Limits()) is before
    assert aged(before, NOW, Limits(behaviour=30)).version == before.version + 1


@pytest.mark.parametrize(
    ("customer_id", "limits", "over"),
    [
        ("", Limits(visitors=4), True),
        ("", Limits(visitors=6), False),
        ("", Limits(customers=4), False),
        ("ann", Limits(visitors=4), False),
        ("ann", Limits(customers=4), True),
        ("ann", Limits(), False),
    ],
)
def test_who_was_not_heard_of_for_too_long_is_over(customer_id: str, limits: Limits, over: bool) -> None:
    assert is_over(StoredProfile(customer_id=customer_id, last_at=NEW), NOW, limits) is over
