"""Reports: what was done and what it brought, with intervals, in plain words, to be taken along as CSV."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from msgspec.structs import replace

from tailorbird.contracts.evidence import HOLDOUT
from tailorbird.contracts.reports import KPIS, Dimension
from tailorbird.contracts.wire import Endpoint, Fault, Message
from tailorbird.host.tables import as_csv
from tailorbird.studio.desk.access import AnyRequest, desk_of
from tailorbird.studio.desk.pages import HEADERS, answer, fragment
from tailorbird.studio.desk.reports.drawing import bars, daily, number, said_of, told
from tailorbird.studio.desk.reports.queries import days_asked, query_of, traffic_asked, whole_days
from tailorbird.studio.desk.reports.suggesting import suggested as rules_suggested

__all__ = ["HANDLERS"]

VIEWER: dict[str, Any] = {"role": "viewer"}
DAYS = (7, 28, 90, 365)
TABS = (
    ("", "Figures"), ("experiments", "Experiments"), ("holdout", "Holdout"), ("matrix", "Value matrix"),
    ("cohorts", "Cohorts"), ("choosing", "Ways of choosing"), ("suggested", "Suggested"), ("quality", "Data"),
)  # fmt: skip
WAYS = (
    ("Looked at once, at the planned end", "difference"), ("However often it is looked at", "sequential"),
    ("The same, less what they did before", "adjusted"),
)  # fmt: skip
"""How sure a difference is, said in three ways."""
LEADING = ("revenue_per_visit", "conversion", "click_through", "average_order_value")


@get("/reports", opt=VIEWER, include_in_schema=False)
async def figures(request: AnyRequest) -> Response[str]:
    """KPIs by any dimension, with intervals; one of them day by day."""
    _, query = await query_of(request, "figures")
    kpi = request.query_params.get("kpi", "")[:60]
    report, problem = await _asked(request, KPIS, query)
    view: dict[str, Any] = {"report": report, "by": query.by, "kpi": kpi, "key": query.key, "rows": ()}
    if report is not None:
        named = {one.name: one for one in report.definitions}
        chosen = named.get(kpi) or next((named[name] for name in LEADING if name in named), None)
        chosen = chosen or next(iter(report.definitions), None)
        rows = [row for row in report.rows if not row.day]
        if chosen is not None:
            whole, _ = await _asked(request, KPIS, whole_days(query, chosen.name))
            estimates = [row.kpis.get(chosen.name) for row in rows]
            view |= {
                "kpi": chosen.name, "chosen": chosen, "plot": daily(whole, chosen.name) if whole else None,
                "rows": list(zip(rows, estimates, bars(estimates), strict=True)),
            }  # fmt: skip
    return _page(request, "reports/figures.html", "", problem, **view, dimensions=get_args(Dimension))


@get("/reports/experiments", opt=VIEWER, include_in_schema=False)
async def experiments(request: AnyRequest) -> Response[str]:
    """Every experiment that decisions were part of."""
    found, problem = await _asked(request, *await query_of(request, "experiments"))
    return _page(request, "reports/experiments.html", "experiments", problem, found=found)


@get("/reports/experiments/{experiment_id:str}", opt=VIEWER, include_in_schema=False)
async def experiment(request: AnyRequest, experiment_id: FromPath[str]) -> Response[str]:
    """What one found: difference with intervals, by audience, and whether it can be believed yet."""
    endpoint, query = await query_of(request, "experiment", experiment_id)
    found, problem = await _asked(request, endpoint, query)
    view: dict[str, Any] = {"found": found, "experiment_id": experiment_id}
    if found is not None:
        arms = [arm.value for arm in found.arms]
        view["arms"] = list(zip(found.arms, bars(arms), strict=True))
        drawn = [[getattr(one, name) for _, name in WAYS] for one in found.comparisons]
        flat = bars([one for some in drawn for one in some], zero=True)
        step, labels = len(WAYS), [label for label, _ in WAYS]
        view["comparisons"] = [
            (one, list(zip(labels, drawn[at], flat[at * step : (at + 1) * step], strict=True)))
            for at, one in enumerate(found.comparisons)
        ]
        differences = [one.comparison.difference for one in found.audiences]
        view["audiences"] = list(zip(found.audiences, bars(differences, zero=True), strict=True))
        view["effects"] = list(zip(found.effects, bars([one.effect for one in found.effects], zero=True), strict=True))
    return _page(request, "reports/experiment.html", "experiments", problem, **view)


@get("/reports/holdout", opt=VIEWER, include_in_schema=False)
async def holdout(request: AnyRequest) -> Response[str]:
    """What personalization brought against those from whom it is kept."""
    found, problem = await _asked(request, *await query_of(request, "holdout"))
    return _page(request, "reports/holdout.html", "holdout", problem, **_holdout_view(found))


@get("/reports/week", opt=VIEWER, include_in_schema=False)
async def week(request: AnyRequest) -> Response[str]:
    """For the first page: this week against the holdout."""
    _, query = await query_of(request, "holdout")
    first, last, _ = days_asked(request, 7)
    found, problem = await _asked(request, HOLDOUT, replace(query, first_day=first, last_day=last))
    return fragment(request, "reports/week.html", problem=problem, told=told, number=number, **_holdout_view(found))


@get("/reports/attention", opt=VIEWER, include_in_schema=False)
async def attention(request: AnyRequest) -> Response[str]:
    """For the first page: what is wrong with the data of this week."""
    quality, problem = await _asked(request, *await query_of(request, "quality"))
    wrong = [line for line in quality.lines if line.level != "fine"] if quality else []
    return fragment(request, "reports/attention.html", problem=problem, quality=wrong)


@get("/reports/matrix", opt=VIEWER, include_in_schema=False)
async def matrix(request: AnyRequest) -> Response[str]:
    """Where personalization serves customers, and where it could."""
    found, problem = await _asked(request, *await query_of(request, "matrix"))
    cells = found.cells if found else ()
    gains, brought = bars([cell.gain for cell in cells], zero=True), bars([cell.brought for cell in cells], zero=True)
    drawn = list(zip(cells, gains, brought, strict=True))
    return _page(request, "reports/matrix.html", "matrix", problem, found=found, cells=drawn)


@get("/reports/cohorts", opt=VIEWER, include_in_schema=False)
async def came_back(request: AnyRequest) -> Response[str]:
    """Who came back, and what they were worth."""
    found, problem = await _asked(request, *await query_of(request, "cohorts"))
    columns = max((len(one.retained) for one in found.cohorts), default=0) if found else 0
    return _page(
        request, "reports/cohorts.html", "cohorts", problem, found=found, columns=columns,
        sentence=said_of(found) if found else "",
    )  # fmt: skip


@get("/reports/choosing", opt=VIEWER, include_in_schema=False)
async def choosing(request: AnyRequest) -> Response[str]:
    """What other ways of choosing offers would have brought, beside what happened."""
    found, problem = await _asked(request, *await query_of(request, "choosing"))
    policies = found.policies if found else ()
    happened = found.happened if found else None
    titles = {row.id: row.title for row in (await desk_of(request).at_work()).of("offer")}
    first, *rest = bars([happened, *(one.self_normalised for one in policies)])
    return _page(
        request, "reports/choosing.html", "choosing", problem, found=found, happened_bar=first,
        policies=list(zip(policies, rest, strict=True)),
        ways={one.policy: _way(one.policy, titles) for one in policies},
    )  # fmt: skip


@get("/reports/suggested", opt=VIEWER, include_in_schema=False)
async def suggested(request: AnyRequest) -> Response[str]:
    """Segments and rules that the data suggests, to begin a draft from. They come once the page is there."""
    part = bool(request.headers.get("hx-request"))
    if not part and not request.query_params.get("now"):
        return _page(request, "reports/suggested.html", "suggested", "", ready=False)
    found, problem = None, ""
    try:
        found = await rules_suggested(desk_of(request).asker, traffic_asked(request))
    except Fault as fault:
        problem = fault.sentence
    lifts = bars([one.lift for one in found.suggestions], zero=True) if found else []
    drawn = list(zip(found.suggestions, lifts, strict=True)) if found else []
    titles = {row.id: row.title for row in (await desk_of(request).at_work()).of("offer")}
    view: dict[str, Any] = {"found": found, "suggestions": drawn, "titles": titles}
    if part:
        told_with = {"told": told, "number": number, "traffic": traffic_asked(request), "problem": problem, "asked": ""}
        return fragment(request, "reports/rules.html", **view, **told_with)
    return _page(request, "reports/suggested.html", "suggested", problem, **view, ready=True)


@get("/reports/quality", opt=VIEWER, include_in_schema=False)
async def quality(request: AnyRequest) -> Response[str]:
    """Events refused, consent missing, slots on fallback, offers near their budgets: the state of the data."""
    found, problem = await _asked(request, *await query_of(request, "quality"))
    return _page(request, "reports/quality.html", "quality", problem, found=found)


@get("/reports/csv/{tab:str}", opt=VIEWER, include_in_schema=False)
async def export(request: AnyRequest, tab: FromPath[str]) -> Response[str]:
    """Any of these reports as CSV; of an experiment by its `id`."""
    asker = desk_of(request).asker
    if tab == "suggested":
        body = msgspec.json.encode(await rules_suggested(asker, traffic_asked(request)))
    else:
        endpoint, query = await query_of(request, tab, request.query_params.get("id", "")[:200])
        body = await asker.ask_encoded(endpoint, query)
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{tab}.csv"'}
    return Response(as_csv(msgspec.json.decode(body)), media_type="text/csv; charset=utf-8", headers=headers)


async def _asked(request: AnyRequest, endpoint: Endpoint[Any, Any], query: Message) -> tuple[Any, str]:
    """(the answer, why there is none)."""
    try:
        return await desk_of(request).asker.ask(endpoint, query), ""
    except Fault as fault:
        return None, fault.sentence


def _page(request: AnyRequest, template: str, tab: str, problem: str, **view: Any) -> Response[str]:
    asked = {name: value[:200] for name, value in request.query_params.items() if name != "traffic"}
    rest = urlencode(asked)
    return answer(
        request, template, title="Reports", tab=tab, tabs=TABS, problem=problem, told=told, number=number,
        now=time.time(), days=days_asked(request)[2], ranges=DAYS, traffic=traffic_asked(request),
        asked=f"{rest}&" if rest else "", csv_query=urlencode(dict(request.query_params)), **view,
    )  # fmt: skip


def _way(policy: str, titles: Mapping[str, str]) -> str:
    """A way of choosing, with what the offer in it is called."""
    always, _, offer = policy.partition("always ")
    return policy if always else f"always “{titles.get(offer, offer)}”"


def _holdout_view(found: Any) -> dict[str, Any]:
    if found is None:
        return {"found": None, "drawn": ()}
    lines = [
        ("Incremental revenue", found.incremental_revenue, "money"),
        ("The same, right however often you look", found.sequential, "money"),
        ("Incremental margin", found.incremental_margin, "money"),
        ("Incremental orders", found.incremental_orders, "count"),
    ]
    drawn = [(*line, bar) for line in lines for bar in bars([line[1]], zero=True)]
    return {"found": found, "drawn": drawn}


HANDLERS = (
    figures, export, experiments, experiment, holdout, week, attention, matrix, came_back, choosing, suggested, quality,
)  # fmt: skip
