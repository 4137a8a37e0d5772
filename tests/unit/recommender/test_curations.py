"""What marketers say of items: pinned ones first, boosted ones further up, banned ones nowhere."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from tailorbird.contracts.documents import Document
from tailorbird.contracts.recommender import RecommendQuery, Shelf
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerFacts
from tailorbird.recommender.shelves.curating import Curations
from tailorbird.recommender.shelves.curation import Curation, check_curations
from tailorbird.recommender.shelves.naming import notes_on_names
from tailorbird.recommender.shelves.ranking import Ranker
from tailorbird.recommender.strategies import STRATEGIES
from tests.unit.recommender.smallshop import NOW, ranker

RANKER = ranker()


def shown(
    *curations: Curation, shelf: Shelf | None = None, segments: tuple[str, ...] = (), at: float = NOW, store: str = ""
) -> list[str]:
    knowledge = RANKER.knowledge
    knowledge.curations = Curations(knowledge.columns)
    knowledge.curations.replace({f"{number}": one for number, one in enumerate(curations)})
    query = RecommendQuery(
        shelves=(shelf or Shelf(slot="a", strategy="popular", count=6),),
        customer=msgspec.Raw(msgspec.json.encode(CustomerFacts(segments=segments))),
        store_id=store,
        at=at,
    )
    (answer,) = Ranker(knowledge).rank([query])
    assert not isinstance(answer, Fault)
    return [item.item_id for item in answer.shelves[0].items]


PLAIN = shown()


def test_a_pinned_item_stands_first_and_only_once() -> None:
    last = PLAIN[-1]
    found = shown(Curation(does="pin", items=(last, "newest")))
    assert found[:2] == [last, "newest"]
    assert len(found) == len(set(found)) == 6


def test_a_draft_is_tried_without_being_at_work() -> None:
    last = shown()[-1]
    pin = msgspec.Raw(msgspec.json.encode({"does": "pin", "items": [last]}))
    draft = Document(kind="curation", id="week", body=pin)
    wrong = Document(kind="curation", id="week", body=msgspec.Raw(b'{"does": "hide"}'))
    shelf = Shelf(slot="a", strategy="popular", count=6)
    tried, refused, plain = Ranker(RANKER.knowledge).rank(
        [RecommendQuery(shelves=(shelf,), trial=trial, at=NOW) for trial in ((draft,), (wrong,), ())]
    )
    assert isinstance(refused, Fault)
    assert "'week' can't be tried out" in refused.sentence
    assert not isinstance(tried, Fault)
    assert not isinstance(plain, Fault)
    assert tried.shelves[0].items[0].item_id == last != plain.shelves[0].items[0].item_id


def test_one_that_is_switched_off_says_nothing() -> None:
    assert shown(Curation(does="ban", items=tuple(PLAIN[:2]), active=False)) == PLAIN


def test_what_is_out_of_stock_is_not_shown_though_pinned() -> None:
    assert shown(Curation(does="pin", items=("gone", "nowhere"))) == PLAIN


def test_a_banned_item_is_not_shown_and_another_takes_its_place() -> None:
    found = shown(Curation(does="ban", items=tuple(PLAIN[:2])))
    assert not set(PLAIN[:2]) & set(found)
    assert len(found) == 6


def test_a_whole_category_may_be_banned_on_one_slot() -> None:
    ban = Curation(does="ban", categories=("Party",), slots=("a",))
    assert all(item.startswith("cook") or item == "newest" for item in shown(ban))
    assert shown(ban, shelf=Shelf(slot="b", strategy="popular", count=6)) == PLAIN


def test_a_boosted_item_moves_up_and_one_that_is_held_back_moves_down() -> None:
    last, first = PLAIN[-1], PLAIN[0]
    assert shown(Curation(does="boost", items=(last,), strength=20.0)).index(last) == 0
    assert first not in shown(Curation(does="boost", items=(first,), strength=0.05))


def test_it_holds_only_for_the_segment_the_store_and_the_time_that_are_said() -> None:
    last = PLAIN[-1]
    for_some = Curation(does="pin", items=(last,), segments=("families",))
    assert shown(for_some) == PLAIN
    assert shown(for_some, segments=("families", "others"))[0] == last
    there = Curation(does="pin", items=(last,), stores=("17",))
    assert shown(there) == PLAIN
    assert shown(there, store="17")[0] == last
    later = Curation(does="pin", items=(last,), starts_at=datetime.fromtimestamp(NOW + 60, UTC))
    assert shown(later) == PLAIN
    assert shown(later, at=NOW + 60)[0] == last


@pytest.mark.parametrize(
    ("curation", "path"),
    [
        (Curation(does="pin", categories=("Party",)), "$.items"),
        (Curation(does="ban"), "$"),
        (Curation(does="ban", items=("a",), reason="no"), "$.reason"),
        (Curation(does="ban", items=("a",), strategies=("magic",)), "$.strategies"),
        (Curation(does="ban", items=("a",), starts_at=datetime(2026, 1, 1)), "$.starts_at"),  # noqa: DTZ001
        (
            Curation(does="ban", items=("a",), starts_at=datetime(2026, 1, 2, tzinfo=UTC),
                     ends_at=datetime(2026, 1, 1, tzinfo=UTC)),
            "$.ends_at",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_path(curation: Curation, path: str) -> None:
    problems = check_curations({"curation": {"x": curation}}, STRATEGIES)
    assert f"curation/x {path}" in [problem.path for problem in problems]


def test_a_name_that_no_item_has_is_noted_and_taken() -> None:
    columns = RANKER.knowledge.columns
    known, category = columns.ids[0], columns.categories.texts[1]
    curation = Curation(does="ban", items=(known, "nothing-like-it"), categories=(category, category.upper() + "x"))
    assert not check_curations({"curation": {"one": curation}}, STRATEGIES)
    notes = {note.path: note.sentence for note in notes_on_names(curation, columns)}
    assert notes["$.items[1]"] == "There is no item 'nothing-like-it' so far."
    assert notes["$.categories[1]"].startswith(f"No item has the category or department '{category.upper()}x' so far.")
    assert notes.keys() == {"$.items[1]", "$.categories[1]"}
