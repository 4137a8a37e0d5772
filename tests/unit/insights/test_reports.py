"""Reports of experiments, holdout, off-policy, value matrix and data quality, on a shop whose truth is known."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tailorbird.contracts.evidence import ExperimentQuery, HoldoutQuery, OffPolicyQuery, PowerQuery
from tailorbird.contracts.experiments import Assignment
from tailorbird.contracts.insights import DecidedSlot
from tailorbird.contracts.reports import CohortsQuery, DataQualityQuery, SuggestionsQuery, ValueMatrixQuery
from tailorbird.contracts.wire import Fault
from tailorbird.insights.reporting import Reporting
from tailorbird.insights.tables import as_csv, rows_of
from tests.unit.insights.lab import DAY, NOON, Lab, bodies, decided, event, order

pytestmark = pytest.mark.anyio

PERSONS = 900


@pytest.fixture(scope="module")
async def reports(tmp_path_factory: pytest.TempPathFactory) -> Reporting:
    """Half see `b`, which sells three times as well; a fifth are held out and buy half as often."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    chance = random.Random(5)
    decisions, events = [], []
    for number in range(PERSONS):
        held, variant = number % 5 == 0, "ab"[number % 2]
        offer = "cake" if chance.random() < 0.5 else "pizza"
        slots = (
            DecidedSlot(slot="offers", kind="offer", ids=(offer,), scores=(1.0,), reasons=((),), propensities=(0.5,)),
        )
        made = decided(
            number, f"p-{number}", NOON - 3 * DAY, held_out=held, slots=slots, segments=("big",) if number % 3 else (),
            experiments=()
            if held
            else (Assignment(experiment_id="hero", variant_id=variant, exposed=True, crossover=number == 1),),
        )  # fmt: skip
        decisions.append(made)
        customer = f"c-{number}"
        told = {"promotion_id": offer, "decision_id": made.decision_id}
        events.append(event("Promotion Viewed", number, made.at, customer, **told))
        if chance.random() < (0.4 if offer == "cake" else 0.1):
            events.append(event("Promotion Clicked", 10_000 + number, made.at + 5, customer, **told))
        if chance.random() < (0.15 if held else 0.45 if variant == "b" else 0.15):
            events.append(order(number, made.at + 60, customer, coupon=offer, discount=1.0))
    await lab.decisions.keep(bodies(*decisions))
    await lab.happened(*events)
    await lab.measuring.flush()
    return Reporting(lab.measuring, lambda: NOON)


async def test_the_better_variant_is_found_with_its_shares_and_crossovers(reports: Reporting) -> None:
    found = await reports.experiment(ExperimentQuery(experiment_id="hero", metric="conversion", audience="segment"))
    [compared] = found.comparisons
    assert (compared.variant_id, compared.control, compared.verdict) == ("b", "a", "better")
    assert compared.p_corrected == compared.p_value
    assert found.sample_ratio.fits
    assert found.crossovers == 1
    assert [one.key for one in found.audiences] == ["big"]
    assert "'b' brings" in found.conclusion
    # Some of those meant for another share: told, and not to be trusted.
    off = await reports.experiment(ExperimentQuery(experiment_id="hero", shares={"a": 0.6, "b": 0.4}))
    assert not off.sample_ratio.fits
    assert "Find that first" in off.conclusion
    with pytest.raises(Fault, match="Nobody has been exposed"):
        await reports.experiment(ExperimentQuery(experiment_id="other"))
    with pytest.raises(Fault, match="There is no metric 'luck'"):
        await reports.experiment(ExperimentQuery(experiment_id="hero", metric="luck"))


async def test_what_personalization_brought_against_the_holdout(reports: Reporting) -> None:
    found = await reports.holdout(HoldoutQuery(share=0.2))
    assert (found.persons, found.held_out) == (720, 180)
    difference = found.per_person["difference"]
    assert difference.low is not None
    assert difference.low > 0
    assert found.incremental_revenue.value == pytest.approx((difference.value or 0.0) * 720)
    # A quarter of revenue is margin; a redemption costs one.
    assert found.return_on_investment.value == pytest.approx((found.incremental_margin.value or 0) / found.cost - 1)
    assert found.sample_ratio.fits
    assert "Personalization brings" in found.conclusion


async def test_the_offer_that_is_clicked_more_would_have_been_better_always(reports: Reporting) -> None:
    found = await reports.off_policy(OffPolicyQuery(metric="click"))
    values = {one.policy: one for one in found.policies}
    assert values["always cake"].doubly_robust.value == pytest.approx(0.4, abs=0.08)
    assert values["always pizza"].self_normalised.value == pytest.approx(0.1, abs=0.05)
    assert (values["best by persona"].inverse.value or 0.0) > (found.happened.value or 0.0)
    assert values["always cake"].effective == pytest.approx(450, abs=60)


async def test_the_matrix_the_cohorts_and_the_plan_speak_of_the_same_shop(reports: Reporting) -> None:
    matrix = await reports.value_matrix(ValueMatrixQuery())
    [cell] = matrix.cells
    assert (cell.segment, cell.moment, cell.persons, cell.decisions) == ("big", "page/home", 600, 600)
    assert set(cell.doing) == {"cake", "pizza"}
    assert (cell.brought.low or 0.0) > 0.0
    cohorts = await reports.cohorts(CohortsQuery(period="week", periods=2))
    assert cohorts.cohorts[0].value[0].value == pytest.approx(20.0)
    plan = await reports.power(PowerQuery(metric="conversion", smallest_effect=0.1))
    assert plan.persons_needed is not None
    assert plan.persons_needed > 1_000


async def test_data_quality_says_what_to_do(reports: Reporting) -> None:
    lines = {one.name: one for one in (await reports.data_quality(DataQualityQuery(days=7))).lines}
    assert lines["orders_unknown"].value == 0
    assert lines["late"].level == "fine"
    assert lines["without_person"].share == 0.0


async def test_data_quality_of_a_shop_where_nothing_has_happened_yet(tmp_path: Path) -> None:
    nothing = Reporting(Lab(tmp_path).measuring, lambda: NOON)
    lines = (await nothing.data_quality(DataQualityQuery(days=7))).lines
    assert {one.value for one in lines if one.name in ("refused", "late", "twice", "orders_unknown")} == {0.0}


async def test_suggestions_say_when_there_is_nothing_to_suggest(reports: Reporting) -> None:
    found = await reports.suggestions(SuggestionsQuery(kind="segment"))
    assert found.persons == PERSONS
    assert found.suggestions or "Nothing sets" in found.notes[-1]


def test_a_report_becomes_a_table_that_no_spreadsheet_runs() -> None:
    estimate = {"value": 1.0, "low": 0.5, "high": 1.5}
    report = {
        "simulated": True, "first_day": "2026-01-01", "last_day": "2026-01-28",
        "rows": [{"key": "=cmd()", "kpis": {"revenue": estimate}, "listed": ["a", "b"], "several": [estimate]}],
    }  # fmt: skip
    assert rows_of(report) == [
        {
            "simulated": True, "first_day": "2026-01-01", "last_day": "2026-01-28", "key": "=cmd()", "revenue": 1.0,
            "revenue_low": 0.5, "revenue_high": 1.5, "listed": "a; b", "several_0": 1.0, "several_0_low": 0.5,
            "several_0_high": 1.5,
        }
    ]  # fmt: skip
    assert "'=cmd()" in as_csv(report)
