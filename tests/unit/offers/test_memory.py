"""What was made to whom and what came of it: promises kept, refusals heeded, pressure bounded, effects counted."""

from __future__ import annotations

import msgspec

from tailorbird.offers.documents.goal import Contact, Goal
from tailorbird.offers.documents.offer import Limit
from tailorbird.offers.learning.beliefs import Cell
from tailorbird.offers.learning.memory import DAY, Did, Made, Memory
from tests.unit.offers.shop import NOW

GOAL = Goal(contact=Contact(per_day=1, per_week=3))
SHOWN = {"rare": Limit(shown_per_customer=2)}


def made(decision_id: str, *offers: str, at: float = NOW, **fields: object) -> Made:
    return msgspec.structs.replace(Made(decision_id, "p1", at, "web", "gold", offers), **fields)


def memory_of(*notes: Made | Did) -> Memory:
    memory = Memory(100)
    for note in notes:
        memory.take(note, GOAL)
    return memory


def test_what_was_made_is_kept_to_on_every_channel_while_the_promise_lasts() -> None:
    memory = memory_of(made("d1", "ship"), made("d2", "rare", at=NOW + 60))
    for channel in ("web", "email", "store"):
        assert memory.standing("p1", NOW + DAY, channel, SHOWN, GOAL).promised == ("rare", "ship")
    assert memory.standing("p1", NOW + 8 * DAY, "web", SHOWN, GOAL).promised == ()
    assert memory.standing("p2", NOW + DAY, "web", SHOWN, GOAL).promised == ()


def test_what_was_refused_is_not_made_again_for_a_while() -> None:
    memory = memory_of(made("d1", "ship"), Did("refused", NOW + 5, "p1", "ship"))
    assert memory.standing("p1", NOW + 10, "web", SHOWN, GOAL).excluded == {"ship": "refused"}
    assert memory.standing("p1", NOW + 9 * DAY, "web", SHOWN, GOAL).excluded == {}


def test_an_offer_is_shown_no_more_often_than_its_document_allows() -> None:
    memory = memory_of(made("d1", "rare"), made("d2", "rare", at=NOW + 60))
    assert memory.standing("p1", NOW + 90, "web", SHOWN, GOAL).excluded == {"rare": "shown"}
    assert memory.standing("p1", NOW + 8 * DAY, "web", SHOWN, GOAL).excluded == {}


def test_channels_that_come_to_the_customer_are_counted_together_and_bounded() -> None:
    memory = memory_of(made("d1", "ship", channel="email"))
    assert memory.standing("p1", NOW + 60, "push", SHOWN, GOAL).excluded == {"*": "contact"}
    assert memory.standing("p1", NOW + 60, "web", SHOWN, GOAL).excluded == {}
    assert memory.standing("p1", NOW + 2 * DAY, "push", SHOWN, GOAL).excluded == {}


def test_what_was_made_long_ago_is_forgotten_and_what_was_made_since_is_not() -> None:
    memory = memory_of(made("d1", "ship", "rare"), made("d2", "ship", at=NOW + 50 * DAY))
    memory.take(made("d3", "other", at=NOW + 65 * DAY), GOAL)
    memory.take(Did("clicked", NOW + 65 * DAY, "p1", "ship"), GOAL)
    memory.take(Did("clicked", NOW + 65 * DAY, "p1", "rare"), GOAL)
    clicked = {name: sum(cell.clicked for cell in cells.values()) for name, cells in memory.learned().items()}
    assert clicked == {"ship": 1, "rare": 0, "other": 0}


def test_a_decision_heard_twice_counts_once() -> None:
    memory = memory_of(made("d1", "ship", channel="email"), made("d1", "ship", channel="email"))
    assert memory.learned()["ship"]["gold"].made == 1
    assert len(memory.standing("p1", NOW, "web", SHOWN, GOAL).promised) == 1


def test_a_customer_counts_once_in_a_window_and_what_they_spend_in_it_is_added_up() -> None:
    memory = memory_of(
        made("d1", "ship"),
        made("d2", "ship", at=NOW + 60),
        made("d3", at=NOW + 70, kept_back=("rare",)),
        Did("redeemed", NOW + 80, "p1", "ship", 2.0, key="r1"),
        Did("redeemed", NOW + 80, "p1", "ship", 2.0, key="r1"),
        Did("ordered", NOW + 90, "p1", money=10.0, key="o1"),
        Did("ordered", NOW + 90, "p1", money=10.0, key="o1"),
        Did("ordered", NOW + 9 * DAY, "p1", money=99.0, key="o2"),
    )
    golden = {offer_id: by_persona["gold"] for offer_id, by_persona in memory.learned().items()}
    learned = {offer_id: msgspec.structs.replace(cell, fresh=0, kept_fresh=0) for offer_id, cell in golden.items()}
    assert learned == {
        "ship": Cell(made=1, taken=1, margin=8.0, squares=64.0, cost=2.0),
        "rare": Cell(kept=1, kept_margin=10.0, kept_squares=100.0),
    }


def test_customers_of_whom_responses_are_still_to_come_are_told_apart() -> None:
    memory = memory_of(made("d1", "ship"))
    assert memory.learned()["ship"]["gold"].fresh == 1.0
    # Orders come an hour after: who was made it a day ago has responded, or does so no more.
    later = msgspec.structs.replace(made("d2", "ship", at=NOW + DAY), person="p2")
    memory.take(later, GOAL)
    assert memory.learned()["ship"]["gold"] == Cell(made=2, fresh=1.0)


def test_responses_find_the_customer_by_decision_or_by_id() -> None:
    memory = memory_of(made("d1", "ship", identities=("digest-1",)))
    assert memory.person_of(["d1"]) == "p1"
    assert memory.person_of(["", "digest-1"]) == "p1"
    assert memory.person_of(["d2"]) == ""


def test_what_was_decided_ahead_is_promised_and_counts_only_once_it_reaches_them() -> None:
    memory = memory_of(made("", "ship", waiting=True))
    assert memory.standing("p1", NOW + 60, "email", SHOWN, GOAL).promised == ("ship",)
    assert memory.learned() == {}
    memory.take(made("d1", "ship", at=NOW + DAY), GOAL)
    assert memory.learned()["ship"]["gold"].made == 1


def test_of_somebody_erased_nothing_is_remembered_but_the_sums() -> None:
    memory = memory_of(made("d1", "ship", identities=("digest-1",)))
    learned = memory.learned()
    memory.forget({"p1"})
    memory.take(Did("redeemed", NOW + 5, "p1", "ship", 2.0, key="r1"), GOAL)
    assert memory.standing("p1", NOW + 10, "web", SHOWN, GOAL).promised == ()
    assert (memory.person_of(["d1", "digest-1"]), memory.learned()) == ("", learned)


def test_the_customers_spoken_to_longest_ago_are_forgotten_first() -> None:
    memory = Memory(2)
    for person in ("p1", "p2", "p3"):
        memory.take(Made(f"d-{person}", person, NOW, "web", "", ("ship",)), GOAL)
    assert memory.standing("p1", NOW, "web", SHOWN, GOAL).promised == ()
    assert memory.standing("p3", NOW, "web", SHOWN, GOAL).promised == ("ship",)
    assert memory.learned()["ship"][""].made == 3


def test_who_was_spoken_to_longest_ago_is_forgotten_when_there_are_too_many_contacts() -> None:
    memory = Memory(100, contacts=10)
    for number in range(6):
        offers = tuple(f"o{number}-{n}" for n in range(4))
        memory.take(Made(f"d{number}", f"p{number}", NOW + number, offers=offers), GOAL)
    known = [n for n in range(6) if memory.standing(f"p{n}", NOW + 10, "web", {}, GOAL).promised]
    assert known == [3, 4, 5]
    memory.forget(["p4", "p5"])
    memory.take(Made("d6", "p6", NOW + 7, offers=("a", "b")), GOAL)
    assert memory.standing("p3", NOW + 10, "web", {}, GOAL).promised
