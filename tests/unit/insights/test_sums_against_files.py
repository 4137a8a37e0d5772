"""What reports say out of sums kept ahead of time is what the files themselves say, row by row."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tailorbird.contracts.evidence import ExperimentQuery, HoldoutQuery
from tailorbird.contracts.experiments import Assignment
from tailorbird.insights.answering.reporting import Reporting
from tests.unit.insights.lab import DAY, NOON, Lab, bodies, decided, event, order

pytestmark = pytest.mark.anyio

FILES, PERSONS = 4, 60
BOUGHT = """
    select seen.{by} as key, count(distinct seen.person)::double as persons, coalesce(sum(bought.revenue), 0) as revenue
    from (
        select person, arg_min({by}, "at") as {by}, min("at") as "at" from (select *, {column} as {by} from decisions)
        where person != '' group by person
    ) as seen
    left join (select * from outcomes where kind = 'order') as bought
        on bought.person = seen.person and bought."at" >= seen."at"
    group by seen.{by} order by key
"""


async def test_reports_say_what_the_files_say(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    chance = random.Random(7)
    for number in range(FILES):
        await a_day(lab, number, chance)
    lab.facts.compact()
    reports = Reporting(lab.measuring, lambda: NOON + DAY)

    pages = await lab.kpis("page")
    told = {row.key: (row.decisions, row.kpis["clicks"].value) for row in pages.rows}
    assert told == {
        page: (decisions, clicks)
        for page, decisions, clicks in raw(
            lab,
            "select subject, count(*), (select count(*)::double from outcomes where kind = 'click' and subject = "
            "made.subject) from decisions as made group by subject",
        )
    }
    [everything] = (await lab.kpis()).rows
    [bought] = raw(lab, "select count(*)::double, sum(revenue) from outcomes where kind = 'order'")
    assert [everything.kpis[name].value for name in ("orders", "revenue")] == pytest.approx(list(bought))

    found = await reports.experiment(ExperimentQuery(experiment_id="hero", metric="revenue_per_person"))
    variants = raw(lab, BOUGHT.format(by="variant_seen", column="split_part(exposures[1], chr(31), 2)"))
    assert [(arm.variant_id, arm.persons) for arm in found.arms] == [one[:2] for one in variants]
    assert [arm.value.value for arm in found.arms] == pytest.approx([revenue / count for _, count, revenue in variants])

    holdout = await reports.holdout(HoldoutQuery())
    sides = raw(lab, BOUGHT.format(by="kept_out", column="held_out"))
    told_of = [holdout.per_person[name].value for name in ("treated", "held_out")]
    assert told_of == pytest.approx([revenue / count for _, count, revenue in sides])


async def a_day(lab: Lab, number: int, chance: random.Random) -> None:
    """Everybody comes, some click, some buy; all of it stands in a file of its own."""
    decisions, events = [], []
    for person in range(PERSONS):
        at, key = NOON + (number - FILES) * DAY, number * 1_000 + person
        made = decided(
            key, f"p-{person}", at, subject=chance.choice(("page/home", "page/cart")), held_out=person % 5 == 0,
            experiments=(Assignment(experiment_id="hero", variant_id="ab"[person % 2], exposed=True),),
        )  # fmt: skip
        decisions.append(made)
        told = {"promotion_id": "pizza", "decision_id": made.decision_id}
        if chance.random() < 0.5:
            events.append(event("Promotion Clicked", 20_000 + key, at + 10, f"c-{person}", **told))
        if chance.random() < 0.3:
            events.append(order(key, at + 60, f"c-{person}", total=chance.randrange(5, 80)))
    await lab.decisions.keep(bodies(*decisions))
    await lab.happened(*events)
    await lab.measuring.flush()
    await lab.kpis()


def raw(lab: Lab, statement: str) -> list[tuple[Any, ...]]:
    """What the statement finds in the files of decisions and outcomes."""
    with duckdb.connect() as database:
        for name, store in (("decisions", lab.decisions), ("outcomes", lab.outcomes)):
            database.read_parquet([str(path) for path in store.files()]).create_view(name)
        return database.execute(statement).fetchall()
