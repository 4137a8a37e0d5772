"""From decisions and events to KPIs: counted once, up to this second, and the same after everything was made anew."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from tailorbird.contracts.identity import PersonErased
from tailorbird.contracts.profiles import Purchased
from tailorbird.insights.arriving.outcomes import outcomes_of
from tests.unit.insights.lab import DAY, NOON, Lab, bodies, decided, event, everything_in, order, value

pytestmark = pytest.mark.anyio


async def some_traffic(lab: Lab) -> None:
    first, second = decided(1), decided(2, at=NOON + 30)
    await lab.decisions.keep(bodies(first, second, decided(3, "p-2")))
    await lab.happened(
        event("Promotion Viewed", 1, promotion_id="pizza", decision_id=first.decision_id),
        event("Product Clicked", 2, product_id="i-1", decision_id=second.decision_id),
        order(1, coupon="pizza", discount=2.0),
    )


async def test_an_order_is_credited_to_where_the_customer_clicked_before(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    await some_traffic(lab)
    everything = await lab.kpis()
    assert value(everything, "revenue") == 20.0
    assert everything.rows[0].visits == 2, "the second page of p-1 is still the same visit"
    assert value(everything, "revenue_per_visit") == 10.0
    assert value(everything, "cross_sell_share") == 1.0
    assert value(await lab.kpis("page"), "revenue", "page/home") == 20.0
    assert value(await lab.kpis("slot"), "revenue", "for_you") == 20.0
    assert value(await lab.kpis("strategy"), "clicks", "als") == 1.0
    assert value(await lab.kpis("segment"), "orders", "big") == 1.0
    assert value(await lab.kpis("experiment"), "orders", "hero:b") == 1.0
    assert value(await lab.kpis("offer"), "cost", "pizza") == 2.0
    assert value(await lab.kpis("channel"), "margin", "web") == 5.0


async def test_linear_credit_is_shared_and_days_stand_apart(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    home, cart = decided(1), decided(2, subject="page/cart")
    await lab.decisions.keep(bodies(home, cart))
    await lab.happened(
        event("Product Clicked", 1, product_id="i-1", decision_id=home.decision_id),
        event("Product Clicked", 2, product_id="i-2", decision_id=cart.decision_id),
        order(1, at=NOON + DAY),
    )
    linear = await lab.kpis("page", credit="linear")
    assert (value(linear, "revenue", "page/home"), value(linear, "revenue", "page/cart")) == (10.0, 10.0)
    by_day = await lab.kpis("page", daily=True, key="page/home", credit="linear")
    assert [(row.day, row.kpis["clicks"].value, row.kpis["orders"].value) for row in by_day.rows] == [
        ("2025-11-22", 1.0, 0.0), ("2025-11-23", 0.0, 0.5),
    ]  # fmt: skip


async def test_told_twice_or_told_again_after_days_counts_once(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    await some_traffic(lab)
    await some_traffic(lab)
    await lab.measuring.flush()
    assert value(await lab.kpis(), "orders") == 1.0
    await lab.happened(order(1), event("Order Completed", 77, order_id="o-1", total=20.0))
    assert value(await lab.kpis(), "orders") == 1.0
    await lab.measuring.flush()
    assert value(await lab.kpis(), "orders") == 1.0


async def test_nothing_changes_when_it_is_written_put_together_and_made_anew(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    await some_traffic(lab)
    young = [await lab.kpis(by) for by in ("all", "page", "offer", "experiment")]
    await lab.measuring.flush()
    assert [await lab.kpis(by) for by in ("all", "page", "offer", "experiment")] == young
    lab.facts.compact()
    assert [await lab.kpis(by) for by in ("all", "page", "offer", "experiment")] == young
    for one in (lab.decisions, lab.outcomes, lab.facts, lab.known):
        one.close()
    (tmp_path / "facts.duckdb").unlink()
    again = Lab(tmp_path)
    assert [await again.kpis(by) for by in ("all", "page", "offer", "experiment")] == young


async def test_what_a_killed_process_had_in_its_journals_is_counted_by_the_next(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    await some_traffic(lab)
    before = await lab.kpis("page")
    lab.facts.close()
    again = Lab(tmp_path)
    assert await again.kpis("page") == before
    await some_traffic(again)
    assert await again.kpis("page") == before


async def test_an_order_without_a_touch_is_counted_as_such(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    await lab.decisions.keep(bodies(decided(1)))
    await lab.happened(order(1, customer="c-9"))
    report = await lab.kpis()
    assert (value(report, "orders"), report.orders_without_decision) == (1.0, 1)
    assert value(await lab.kpis("page"), "orders", "page/home") == 0.0


async def test_profiles_tell_whose_an_order_was(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    first = decided(1)
    await lab.decisions.keep(bodies(first))
    # The click came under another id than the order: only profiles know that both are one person's.
    click = event("Product Clicked", 1, customer="on-the-phone", product_id="i-1", decision_id=first.decision_id)
    bought = order(1, at=NOON + 60)
    await lab.happened(click, bought)
    assert value(await lab.kpis("page"), "orders", "page/home") == 0.0
    [outcome] = outcomes_of(bought, lab.known.key)
    await lab.measuring.take_orders([Purchased(message=outcome.outcome_id, order="x", person="p-1", at=NOON + 60)])
    lab.measuring._stood_at = -9.0
    assert value(await lab.kpis("page"), "orders", "page/home") == 1.0


async def test_of_the_erased_nothing_leads_to_what_they_did(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    await some_traffic(lab)
    await lab.measuring.flush()
    digest = next(iter(lab.known._database.execute("select who from known")))[0]
    await lab.measuring.forget(PersonErased(persons=("p-1",), ids=("customer:c-1",)))
    assert lab.known.persons([digest]) == {}
    assert digest.encode() not in everything_in(tmp_path)
    assert value(await lab.kpis(), "orders") == 1.0


async def test_simulated_traffic_says_so_and_can_be_left_out(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    await lab.decisions.keep(bodies(decided(1)))
    assert not (await lab.kpis()).simulated
    simulated = msgspec.structs.replace(order(1), context={"simulated": True})
    await lab.decisions.keep(bodies(decided(2, "p-made-up", simulated=True)))
    await lab.happened(simulated)
    for young in (True, False):
        lab.measuring._stood_at = -9.0
        report = await lab.kpis()
        assert report.simulated
        assert "simulated" in report.notes[0]
        assert (report.rows[0].decisions, value(report, "orders")) == (2, 1.0)
        real = await lab.kpis(traffic="real")
        assert not real.simulated
        assert (real.rows[0].decisions, value(real, "orders")) == (1, 0.0)
        made_up = await lab.kpis(traffic="simulated")
        assert (made_up.rows[0].decisions, value(made_up, "orders")) == (1, 1.0)
        if young:
            await lab.measuring.flush()


async def test_files_of_a_version_that_knew_no_simulated_decisions_are_still_read(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    await lab.decisions.keep(bodies(decided(1)))
    await lab.measuring.flush()
    for path in lab.decisions.files():
        pq.write_table(pq.read_table(path).drop_columns(["simulated"]), path)
    for one in (lab.decisions, lab.outcomes, lab.facts, lab.known):
        one.close()
    (tmp_path / "facts.duckdb").unlink()
    assert (await Lab(tmp_path).kpis(traffic="real")).rows[0].decisions == 1
