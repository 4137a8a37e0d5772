"""Ten million decisions made up as insights would have kept them, and reports over them, in processes of their own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from tailorbird.contracts.evidence import ExperimentQuery, HoldoutQuery, OffPolicyQuery, PowerQuery
from tailorbird.contracts.reports import CohortsQuery, DataQualityQuery, KpisQuery, SuggestionsQuery, ValueMatrixQuery
from tailorbird.insights.facts.facts import Facts
from tailorbird.insights.facts.sharing import CreditRules
from tailorbird.insights.reports.cohortreport import cohort_report
from tailorbird.insights.reports.experimentreport import experiment_report, experiments_seen, power_report
from tailorbird.insights.reports.holdoutreport import holdout_report
from tailorbird.insights.reports.kpireport import kpi_report
from tailorbird.insights.reports.matrixreport import value_matrix
from tailorbird.insights.reports.offpolicyreport import off_policy_report
from tailorbird.insights.reports.qualityreport import data_quality
from tailorbird.insights.reports.suggestionreport import suggestions
from tailorbird.suite.bench.table import Figure

__all__ = ["measure_reports"]

DAYS = 28
PARTS = 6
"""Files a day."""
FIRST_DAY = 20_600
PERSONS = 500_000
SECONDS = 1.0
MEMORY_MIB = 1_024.0
NOW = (FIRST_DAY + DAYS) * 86_400.0 - 1.0


def measure_reports(folder: Path, decisions: int = 10_000_000) -> list[Figure]:
    """Seconds of each report, memory of the process that answers them, seconds to take everything in."""
    folder.mkdir(parents=True, exist_ok=True)
    took = json.loads(_child("make", folder, decisions))
    asked: dict[str, float] = json.loads(_child("ask", folder, decisions))
    memory = asked.pop("memory")
    million = f"{decisions / 1e6:g} million decisions"
    return [
        *(
            Figure(name=f"report over {million}: {name}", measured=seconds, unit="s", at_most=SECONDS)
            for name, seconds in asked.items()
        ),
        Figure(name="memory of a process with these reports", measured=memory, unit="MiB", at_most=MEMORY_MIB),
        Figure(
            name=f"{million} taken into the facts", measured=took["seconds"], unit="s",
            detail=f"{took['seconds'] / decisions * 1e6:.1f} us each, {took['mib']:.0f} MiB on disk",
        ),
    ]  # fmt: skip


def make(folder: Path, decisions: int) -> dict[str, float]:
    """Writes the Parquet files where they are missing, and takes them in."""
    _write(folder, decisions)
    path = folder / "facts.duckdb"
    path.unlink(missing_ok=True)
    began = time.perf_counter()
    facts = _facts(path)
    facts.take_in((folder / "decisions").glob("day=*/*.parquet"), (folder / "outcomes").glob("day=*/*.parquet"), NOW)
    facts.compact()
    facts.close()
    return {"seconds": time.perf_counter() - began, "mib": path.stat().st_size / 2**20}


def ask(folder: Path) -> dict[str, float]:
    """Report -> seconds, the slower of two runs; and the most memory that this process took."""
    facts = _facts(folder / "facts.duckdb")
    # All its days are the four weeks before NOW, which reports are about when nothing else is said.
    reports: dict[str, Callable[[], Any]] = {
        "KPIs of all": lambda: kpi_report(facts, KpisQuery(), NOW),
        "KPIs by page and day": lambda: kpi_report(facts, KpisQuery(by="page", daily=True), NOW),
        "KPIs by offer": lambda: kpi_report(facts, KpisQuery(by="offer"), NOW),
        "KPIs by segment": lambda: kpi_report(facts, KpisQuery(by="segment"), NOW),
        "value matrix": lambda: value_matrix(facts, ValueMatrixQuery(), NOW),
        "holdout": lambda: holdout_report(facts, HoldoutQuery(), NOW),
        "experiment": lambda: experiment_report(facts, ExperimentQuery(experiment_id="hero"), NOW),
        "experiments": lambda: experiments_seen(facts),
        "power": lambda: power_report(facts, PowerQuery()),
        "cohorts": lambda: cohort_report(facts, CohortsQuery(), NOW),
        "ways of choosing": lambda: off_policy_report(facts, OffPolicyQuery(), NOW),
        "suggestions": lambda: suggestions(facts, SuggestionsQuery()),
        "data quality": lambda: data_quality(facts, DataQualityQuery(), 0, NOW),
    }
    took: dict[str, float] = {}
    for _ in range(2):
        for name, report in reports.items():
            began = time.perf_counter()
            report()
            took[name] = max(took.get(name, 0.0), time.perf_counter() - began)
    return took | {"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0}


def _facts(path: Path) -> Facts:
    return Facts(path, CreditRules({}, 7.0, 0.25))


def _child(what: str, folder: Path, decisions: int) -> str:
    return subprocess.run(
        [sys.executable, "-m", "tailorbird.suite.bench.tenmillion", what, str(folder), str(decisions)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip


def _write(folder: Path, decisions: int) -> None:
    """A few files of decisions and of outcomes for each day: half a million persons, of whom some come often."""
    a_part = decisions // DAYS // PARTS
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as database:
        for day in range(FIRST_DAY, FIRST_DAY + DAYS):
            name = database.execute("select (date '1970-01-01' + ?)::varchar", [day]).fetchall()[0][0]
            for kind, shape in (("decisions", _DECISIONS), ("outcomes", _OUTCOMES)):
                for part in range(PARTS):
                    path = folder / kind / f"day={name}" / f"{part:012d}.parquet"
                    if path.exists():
                        continue
                    path.parent.mkdir(parents=True, exist_ok=True)
                    made = shape.format(
                        day=day, begin=part * a_part, end=(part + 1) * a_part, count=a_part * PARTS, persons=PERSONS
                    )
                    database.execute(f"copy ({made}) to '{path}' (format parquet, compression zstd)")


_WHO = "(pow(hash(i * 31 + {day}) / 18446744073709551615.0, 2) * {persons})::bigint"
_COMMON = """
    ['page/home', 'page/product', 'page/cart', 'email/weekly'][1 + i % 4] as subject,
    ['web', 'app', 'email'][1 + i % 3] as channel, ['families', 'premium', 'young', 'others'][1 + who % 4] as persona,
    'home' as layout, 'v' || who % 6 as variant, ['s' || who % 12, 'big' || who % 3] as segments,
    ['hero' || chr(31) || ['a', 'b'][1 + who % 2]] as exposures
"""
_DECISIONS = f"""
    select printf('%012x7000800000%010x', ({{day}}::bigint * 86400 + i * 86400 // {{count}}) * 1000, i) as decision_id,
        {{day}}::double * 86400 + i * 86400.0 / {{count}} as "at", {_COMMON}, 'person-' || who as person,
        1.0 as took_ms, (if(i % 500 = 0, 1, 0))::integer as fallbacks, 'model-1' as model,
        ['hero', 'for_you', 'popular', 'offers'] as slots, ['for_you', 'popular'] as strategies,
        ['o' || i % 30, 'o' || i % 7] as offers, []::varchar[] as crossovers, ['offers', 'offers'] as choice_slots,
        ['o' || i % 30, 'o' || i % 7] as choices, [0.5, 0.5] as propensities,
        (if(who % 20 = 0, 1, 0))::tinyint as held_out, (if(i % 3 = 0, 1, 0))::tinyint as visit, 1::tinyint as simulated
    from (select i, {_WHO} as who from range({{begin}}, {{end}}) as numbers(i))
"""
_OUTCOMES = f"""
    select 'e' || {{day}} || '-' || i as outcome_id, {{day}}::double * 86400 + i * 86400.0 / {{count}} + 30 as "at",
        case when i % 50 = 0 then 'order' when i % 5 = 0 then 'click' else 'impression' end as kind,
        if(i % 50 = 0, '', printf('%012x7000800000%010x', ({{day}}::bigint * 86400 + i * 86400 // {{count}}) * 1000, i))
            as decision_id,
        'person-' || who as person, {_COMMON}, if(i % 50 = 0, '', 'offers') as slot, '' as strategy, 0 as position,
        if(i % 50 = 0, '', 'o' || i % 30) as offer_id, '' as item_id,
        if(i % 50 = 0, {{day}} || '-' || i, '') as order_key,
        if(i % 50 = 0, 3.0, 0.0) as items, if(i % 50 = 0, 20.0 + who % 30, 0.0) as revenue, 'nan'::double as margin,
        0.0 as cost, 0.0 as rating, []::varchar[] as bought, 0::tinyint as late, 0::tinyint as machine,
        1::tinyint as simulated
    from (select i, {_WHO} as who from range({{begin}}, {{end}}) as numbers(i) where i % 5 = 0 or i % 7 = 0)
"""


if __name__ == "__main__":
    _asked, _folder, _count = sys.argv[1:]
    sys.stdout.write(json.dumps(make(Path(_folder), int(_count)) if _asked == "make" else ask(Path(_folder))))
