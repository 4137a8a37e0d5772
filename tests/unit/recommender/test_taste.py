"""A taste told step by step is the one that all items together tell; what is said of items follows the catalogue."""

from __future__ import annotations

import numpy as np
import pytest

from tailorbird.contracts.recommender import Item
from tailorbird.contracts.words import Signal
from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.catalogue.documents import encode_item
from tailorbird.recommender.shelves import taste as tastes
from tailorbird.recommender.shelves.taste import tasted, tasting
from tailorbird.recommender.shelves.visit import read_visit
from tailorbird.recommender.strategies import similar
from tailorbird.recommender.vectors import likeness
from tests.unit.recommender.smallshop import COOK, DAY, facts, ids, query, ranker, shelves


@pytest.mark.parametrize(
    ("bought", "looked_at", "folded"), [(30, 4, 200), (3, 2, 200), (30, 0, 200), (33, 6, 34), (2, 36, 33)]
)
def test_a_visit_adds_to_the_taste_what_all_items_at_once_would(
    bought: int, looked_at: int, folded: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tastes, "FOLDED_AT_MOST", folded)
    knowledge = ranker().knowledge
    places = np.flatnonzero(knowledge.row_of >= 0)[: bought + looked_at].astype(np.int32)
    sure = np.random.default_rng(bought).uniform(1.0, 3.0, len(places)).astype(np.float32)
    found = tasted(knowledge, tasting(knowledge, places[:bought], sure[:bought]), places[bought:], sure[bought:])
    surest = np.argsort(-sure)[:folded]
    wanted = knowledge.foldin.vector(knowledge.row_of[places[surest]], sure[surest])
    assert found.vector is not None
    np.testing.assert_allclose(found.vector[:-1], wanted, rtol=1e-3, atol=1e-4)
    most = np.argsort(-sure)[: tastes.EVIDENCE_AT_MOST]
    assert _rows(found.evidence.rows) == _rows(knowledge.row_of[places[most]])
    assert found.evidence.bought.sum() == (most < bought).sum()


def test_of_items_that_the_model_does_not_know_nothing_is_known() -> None:
    knowledge = ranker().knowledge
    newest = knowledge.columns.positions(("newest",))
    none: tuple[Positions, Floats] = (np.empty(0, np.int32), np.empty(0, np.float32))
    assert tasted(knowledge, tasting(knowledge, newest, np.ones(1, np.float32)), *none).vector is None


def test_a_visit_is_read_newest_first_and_what_is_put_away_counts_against_an_item() -> None:
    recent = [
        Signal("removed", "b", 4 * DAY), Signal("viewed", "a", 3 * DAY), Signal("bought", "c", 2 * DAY),
        Signal("added", "b", 1 * DAY), Signal("viewed", "a", 0), Signal("dismissed", "d", 0),
        Signal("viewed", "gone", 0),
    ]  # fmt: skip
    visit = read_visit({"a": 0, "b": 1, "c": 2, "d": 3}, recent, 4.0 * DAY)
    assert visit.touched == {0: 3.0, 1: 1.0}
    np.testing.assert_allclose(visit.attention, [2 ** (-1 / 3) + 2 ** (-4 / 3), 2.0 * 0.5 - 1.0], atol=1e-9)
    assert (visit.bought, visit.dismissed) == ({2: 2.0}, {3: 0.0})


def test_what_purchases_tell_stays_when_one_drops_out_of_what_is_recent() -> None:
    customers = ranker()._customers
    history = [("cook-1", 3, 2), ("cook-2", 1, 3)]
    before = customers.known(query(("for_you", 3), customer=facts(history, [("bought", "cook-1", 2)])))
    after = customers.known(query(("for_you", 3), customer=facts(history, [("viewed", "cook-9", 0)])))
    assert after.past is before.past
    # One that the history does not hold yet is another matter.
    bought = customers.known(query(("for_you", 3), customer=facts(history, [("bought", "cook-9", 0)])))
    assert bought.past is not before.past
    assert len(bought.past.bought) == 3


def test_what_is_said_of_an_item_follows_the_catalogue() -> None:
    serving = ranker()
    before = shelves(serving, query(("popular", 3)))[0]
    moved = Item(item_id=ids(before)[0], title="Moved", department="Garden", category="Seeds", price=1.0)
    serving.knowledge.columns.put(moved, encode_item(moved))
    after = shelves(serving, query(("popular", 3)))[0]
    assert before.items[0].reasons == ("Popular in Kitchen this week",)
    assert after.items[0].reasons == ("Popular in Garden this week",)


def test_nobody_reads_of_an_item_that_is_no_merchandise_any_more() -> None:
    serving = ranker()
    asked = query(("for_you", 5), customer=COOK)
    said = {reason for item in shelves(serving, asked)[0].items for reason in item.reasons}
    named = next(reason.removeprefix("Because you bought ") for reason in sorted(said) if "bought" in reason)
    fuel = Item(item_id=named.lower().replace(" ", "-"), title=named, price=1.0, attributes={"recommendable": False})
    serving.knowledge.columns.put(fuel, encode_item(fuel))
    # The customer is kept as they were: only the catalogue has changed.
    said = {reason for item in shelves(serving, asked)[0].items for reason in item.reasons}
    assert f"Because you bought {named}" not in said


def test_what_is_like_an_item_follows_the_catalogue_and_is_filled_to_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "LONG", 4)
    monkeypatch.setattr(similar, "LONG", 4)
    serving = ranker()
    asked = query(("similar", 12), cart=("cook-0",))
    before = shelves(serving, asked)[0]
    assert len(before.items) == 12
    assert ids(before) == ids(shelves(serving, asked)[0])
    gone = Item(item_id=ids(before)[0], title="Gone", category="Cook Basics", price=1.0, stock=0)
    serving.knowledge.columns.put(gone, encode_item(gone))
    assert ids(shelves(serving, asked)[0])[:11] == ids(before)[1:]


def _rows(rows: Positions) -> list[int]:
    return sorted(rows.tolist())
