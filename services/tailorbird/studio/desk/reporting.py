"""Reports: what was done and what it brought, with intervals, in plain words, to be taken along as CSV."""

from __future__ import annotations

import csv
import io
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from tailorbird.contracts.assembler import DATA_QUALITY
from tailorbird.contracts.evidence import (
    EXPERIMENT,
    EXPERIMENTS_SEEN,
    HOLDOUT,
    OFF_POLICY,
    ExperimentQuery,
    ExperimentsSeenQuery,
    HoldoutQuery,
    OffPolicyQuery,
)
from tailorbird.contracts.reports import (
    COHORTS,
    KPIS,
    SUGGESTIONS,
    VALUE_MATRIX,
    CohortsQuery,
    DataQualityQuery,
    Dimension,
    KpisQuery,
    SuggestionsQuery,
    ValueMatrixQuery,
)
from tailorbird.contracts.wire import Endpoint, Fault, Message
from tailorbird.studio.desk.access import AnyRequest, desk_of
from tailorbird.studio.desk.drawing import bars, daily, number, told
from tailorbird.studio.desk.pages import HEADERS, answer, fragment

__all__ = ["HANDLERS"]

VIEWER: dict[str, Any] = {"role": "viewer"}
DAYS = (7, 28, 90, 365)
TABS = (
    ("", "Figures"), ("experiments", "Experiments"), ("holdout", "Holdout"), ("matrix", "Value matrix"),
    ("cohorts", "Cohorts"), ("choosing", "Ways of choosing"), ("suggested", "Suggested"), ("quality", "Data"),
)  # fmt: skip
LEADING = ("revenue_per_visit", "conversion", "click_through", "average_order_value")


@get("/reports", opt=VIEWER, include_in_schema=False)
async def figures(request: AnyRequest) -> Response[str]:
    """KPIs by any dimension, with intervals; one of them day by day."""
    query, days = _kpis_query(request)
    kpi = request.query_params.get("kpi", "")[:60]
    report, problem = await _asked(request, KPIS, query)
    view: dict[str, Any] = {"report": report, "days": days, "by": query.by, "kpi": kpi, "rows": ()}
    if report is not None:
        named = {one.name: one for one in report.definitions}
        chosen = named.get(kpi) or next((named[name] for name in LEADING if name in named), None)
        chosen = chosen or next(iter(report.definitions), None)
        rows = [row for row in report.rows if not row.day]
        if chosen is not None:
            whole, _ = await _asked(request, KPIS, msgspec.structs.replace(query, by="all", daily=True))
            estimates = [row.kpis.get(chosen.name) for row in rows]
            view |= {
                "kpi": chosen.name, "chosen": chosen, "plot": daily(whole, chosen.name) if whole else None,
                "rows": list(zip(rows, estimates, bars(estimates), strict=True)),
            }  # fmt: skip
    return _page(request, "reports.html", "", problem, **view, dimensions=get_args(Dimension), ranges=DAYS)


@get("/reports/export", opt=VIEWER, include_in_schema=False)
async def export(request: AnyRequest) -> Response[str]:
    """The figures of that page as CSV."""
    query, _ = _kpis_query(request)
    report = await desk_of(request).asker.ask(KPIS, msgspec.structs.replace(query, daily=True))
    written = io.StringIO()
    writer = csv.writer(written)
    names = [one.name for one in report.definitions]
    writer.writerow([query.by, "day", "decisions", "visits", *(f"{name}{end}" for name in names for end in ENDS)])
    for row in report.rows:
        estimates = [row.kpis.get(name) for name in names]
        held = [value for one in estimates for value in ((one.value, one.low, one.high) if one else ("", "", ""))]
        writer.writerow([_safe(row.key), row.day, row.decisions, row.visits, *held])
    headers = HEADERS | {"Content-Disposition": 'attachment; filename="report.csv"'}
    return Response(written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


ENDS = ("", " low", " high")


@get("/reports/experiments", opt=VIEWER, include_in_schema=False)
async def experiments(request: AnyRequest) -> Response[str]:
    """Every experiment that decisions were part of."""
    found, problem = await _asked(request, EXPERIMENTS_SEEN, ExperimentsSeenQuery())
    return _page(request, "report_experiments.html", "experiments", problem, found=found)


@get("/reports/experiments/{experiment_id:str}", opt=VIEWER, include_in_schema=False)
async def experiment(request: AnyRequest, experiment_id: FromPath[str]) -> Response[str]:
    """What one found: difference with intervals, by audience, and whether it can be believed yet."""
    metric = request.query_params.get("metric", "revenue_per_person")[:60]
    query = ExperimentQuery(experiment_id=experiment_id[:200], metric=metric)
    found, problem = await _asked(request, EXPERIMENT, query)
    view: dict[str, Any] = {"found": found, "experiment_id": experiment_id, "metric": metric}
    if found is not None:
        arms = [arm.value for arm in found.arms]
        view["arms"] = list(zip(found.arms, bars(arms), strict=True))
        ways = [("fixed", "difference"), ("always valid", "sequential"), ("with CUPED", "adjusted")]
        drawn = [[getattr(one, name) for _, name in ways] for one in found.comparisons]
        flat = bars([one for some in drawn for one in some], zero=True)
        step = len(ways)
        view["comparisons"] = [
            (one, list(zip([label for label, _ in ways], drawn[at], flat[at * step : (at + 1) * step], strict=True)))
            for at, one in enumerate(found.comparisons)
        ]
        differences = [one.comparison.difference for one in found.audiences]
        view["audiences"] = list(zip(found.audiences, bars(differences, zero=True), strict=True))
    return _page(request, "report_experiment.html", "experiments", problem, **view)


@get("/reports/holdout", opt=VIEWER, include_in_schema=False)
async def holdout(request: AnyRequest) -> Response[str]:
    """What personalization brought against those from whom it is kept."""
    first, last, days = _range(request)
    found, problem = await _asked(request, HOLDOUT, HoldoutQuery(first_day=first, last_day=last))
    return _page(request, "report_holdout.html", "holdout", problem, days=days, ranges=DAYS, **_holdout_view(found))


@get("/reports/week", opt=VIEWER, include_in_schema=False)
async def week(request: AnyRequest) -> Response[str]:
    """For the first page: this week against the holdout, and what data needs attention."""
    first, last, _ = _range(request, 7)
    found, problem = await _asked(request, HOLDOUT, HoldoutQuery(first_day=first, last_day=last))
    quality, missing = await _asked(request, DATA_QUALITY, DataQualityQuery(days=7))
    wrong = [line for line in quality.lines if line.level != "fine"] if quality else []
    return fragment(
        request, "week.html", problem=problem, quality=wrong, missing=missing, told=told, number=number,
        **_holdout_view(found),
    )  # fmt: skip


@get("/reports/matrix", opt=VIEWER, include_in_schema=False)
async def matrix(request: AnyRequest) -> Response[str]:
    """Where personalization serves customers, and where it could."""
    first, last, days = _range(request)
    found, problem = await _asked(request, VALUE_MATRIX, ValueMatrixQuery(first_day=first, last_day=last))
    cells = found.cells if found else ()
    drawn = list(zip(cells, bars([cell.gain for cell in cells], zero=True), strict=True))
    return _page(request, "report_matrix.html", "matrix", problem, found=found, cells=drawn, days=days, ranges=DAYS)


@get("/reports/cohorts", opt=VIEWER, include_in_schema=False)
async def came_back(request: AnyRequest) -> Response[str]:
    """Who came back, and what they were worth."""
    found, problem = await _asked(request, COHORTS, CohortsQuery())
    return _page(request, "report_cohorts.html", "cohorts", problem, found=found)


@get("/reports/choosing", opt=VIEWER, include_in_schema=False)
async def choosing(request: AnyRequest) -> Response[str]:
    """What other ways of choosing offers would have brought, beside what happened."""
    found, problem = await _asked(request, OFF_POLICY, OffPolicyQuery())
    policies = found.policies if found else ()
    drawn = list(zip(policies, bars([one.doubly_robust for one in policies]), strict=True))
    return _page(request, "report_choosing.html", "choosing", problem, found=found, policies=drawn)


@get("/reports/suggested", opt=VIEWER, include_in_schema=False)
async def suggested(request: AnyRequest) -> Response[str]:
    """Segments and rules that the data suggests, to begin a draft from."""
    found, problem = await _asked(request, SUGGESTIONS, SuggestionsQuery())
    return _page(request, "report_suggested.html", "suggested", problem, found=found)


@get("/reports/quality", opt=VIEWER, include_in_schema=False)
async def quality(request: AnyRequest) -> Response[str]:
    """Events refused, consent missing, slots on fallback, offers near their budgets: the state of the data."""
    found, problem = await _asked(request, DATA_QUALITY, DataQualityQuery())
    return _page(request, "report_quality.html", "quality", problem, found=found)


async def _asked(request: AnyRequest, endpoint: Endpoint[Any, Any], query: Message) -> tuple[Any, str]:
    """(the answer, why there is none)."""
    try:
        return await desk_of(request).asker.ask(endpoint, query), ""
    except Fault as fault:
        return None, fault.sentence


def _page(request: AnyRequest, template: str, tab: str, problem: str, **view: Any) -> Response[str]:
    return answer(
        request, template, title="Reports", tab=tab, tabs=TABS, problem=problem, told=told, number=number,
        now=time.time(), **view,
    )  # fmt: skip


def _holdout_view(found: Any) -> dict[str, Any]:
    if found is None:
        return {"found": None, "drawn": ()}
    lines = [
        ("Incremental revenue", found.incremental_revenue, "money"),
        ("at any time of looking", found.sequential, "money"),
        ("Incremental margin", found.incremental_margin, "money"),
        ("Incremental orders", found.incremental_orders, "count"),
    ]
    drawn = [(*line, bar) for line in lines for bar in bars([line[1]], zero=True)]
    return {"found": found, "drawn": drawn}


def _range(request: AnyRequest, usual: int = 28) -> tuple[str, str, int]:
    """First and last day, and how many days that are."""
    text = request.query_params.get("days", "")
    days = min(max(int(text), 1), 400) if text.isascii() and text.isdigit() else usual
    today: date = datetime.now(UTC).date()
    return (today - timedelta(days=days - 1)).isoformat(), today.isoformat(), days


def _kpis_query(request: AnyRequest) -> tuple[KpisQuery, int]:
    first, last, days = _range(request)
    by = request.query_params.get("by", "all")
    if by not in get_args(Dimension):
        raise Fault(422, f"Figures can be told by {', '.join(get_args(Dimension))}, not by '{by}'.")
    key = request.query_params.get("key", "")[:200]
    return KpisQuery(by=by, first_day=first, last_day=last, key=key), days  # type: ignore[arg-type]


def _safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


HANDLERS = (
    figures, export, experiments, experiment, holdout, week, matrix, came_back, choosing, suggested, quality,
)  # fmt: skip
