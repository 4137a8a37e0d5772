"""Reports over HTTP: as JSON, or as CSV for who asks for `text/csv` or `?format=csv`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.params import Parameter
from msgspec import Raw

from tailorbird.contracts import evidence, reports
from tailorbird.contracts.assembler import DATA_QUALITY
from tailorbird.contracts.wire import Endpoint, Message
from tailorbird.host.access import needs_server_key
from tailorbird.host.describing import TEXT, described
from tailorbird.host.tables import as_csv
from tailorbird.insights.answering.asked import document_of, factors_in, sample_of, shares_in

__all__ = ["HANDLERS"]

AnyRequest = Request[Any, Any, Any]
Form = Annotated[Literal["", "json", "csv"], Parameter(query="format", description="`csv` for a table.")]
Day = Annotated[str, Parameter(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="A day in UTC, 2026-11-22.")]
Level = Annotated[float, Parameter(gt=0, lt=0.5, description="0.05 gives intervals of 95 %.")]
Name = Annotated[str, Parameter(max_length=200)]
Of = Annotated[reports.Traffic, Parameter(description="`real`: of customers; `simulated`: of those made up.")]
Pairs = Annotated[str, Parameter(max_length=4_000)]


async def _answer(
    request: AnyRequest, endpoint: Endpoint[Any, Any], query: Message, form: str
) -> Response[bytes] | Response[str]:
    body = await request.app.state["asker"].ask_encoded(endpoint, query)
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    if form == "csv" or (not form and "text/csv" in request.headers.get("accept", "")):
        name = endpoint.subject.rpartition(".")[2].replace("_", "-")
        headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return Response(as_csv(msgspec.json.decode(body)), media_type="text/csv", headers=headers)
    return Response(body, media_type=MediaType.JSON, headers=headers)


@get(
    "/v1/reports/kpis",
    guards=[needs_server_key],
    summary="KPIs with intervals, by page, slot, offer ...",
    operation_class=described(reports.KpiReport, tag="reports", also={"text/csv": TEXT}),
)
async def kpis(  # noqa: PLR0913, PLR0917 - one argument for each parameter of the address
    request: AnyRequest,
    by: reports.Dimension = "all",
    daily: bool = False,
    first_day: Day = "",
    last_day: Day = "",
    key: Name = "",
    credit: reports.Credit = "last_touch",
    traffic: Of = "all",
    form: Form = "",
) -> Response[bytes] | Response[str]:
    """Each KPI with its interval of 95 %, clustered by person; its definition stands in the report."""
    query = reports.KpisQuery(
        by=by, daily=daily, first_day=first_day, last_day=last_day, key=key, credit=credit, traffic=traffic
    )
    return await _answer(request, reports.KPIS, query, form)


@get(
    "/v1/reports/experiments",
    guards=[needs_server_key],
    summary="Experiments that decisions were part of",
    operation_class=described(evidence.ExperimentsSeen, tag="reports", also={"text/csv": TEXT}),
)
async def experiments(request: AnyRequest, traffic: Of = "all", form: Form = "") -> Response[bytes] | Response[str]:
    """Each experiment with its variants and the days of its exposures."""
    return await _answer(request, evidence.EXPERIMENTS_SEEN, evidence.ExperimentsSeenQuery(traffic=traffic), form)


@get(
    "/v1/reports/experiments/{experiment_id:str}",
    guards=[needs_server_key],
    summary="What an experiment found",
    operation_class=described(evidence.ExperimentReport, tag="reports", also={"text/csv": TEXT}),
)
async def experiment(  # noqa: PLR0913, PLR0917 - one argument for each parameter of the address
    request: AnyRequest,
    experiment_id: str,
    metric: Name = "revenue_per_person",
    control: Name = "",
    shares: Pairs = "",
    factors: Pairs = "",
    level: Level = 0.05,
    smallest_effect: Annotated[float, Parameter(ge=0, le=10)] = 0.05,
    audience: Literal["", "persona", "segment", "channel"] = "persona",
    traffic: Of = "all",
    form: Form = "",
) -> Response[bytes] | Response[str]:
    """Differences to the control with fixed and always-valid intervals, CUPED, sample ratio, power, audiences.

    The control, shares and factors are those of the experiment's document; where there is none, or others are wanted,
    `shares`: `a:0.9 b:0.1`, `factors` of a multivariate test: `a:headline=short,picture=none b:headline=long ...`.
    """
    document = Raw(msgspec.json.encode(await document_of(request, "experiment", experiment_id)))
    query = evidence.ExperimentQuery(
        experiment_id=experiment_id, document=document, metric=metric, control=control,
        shares=shares_in(shares), factors=factors_in(factors), level=level,
        smallest_effect=smallest_effect, audience=audience, traffic=traffic,
    )  # fmt: skip
    return await _answer(request, evidence.EXPERIMENT, query, form)


@get(
    "/v1/reports/power",
    guards=[needs_server_key],
    summary="How long an experiment would have to run",
    operation_class=described(evidence.Power, tag="reports", also={"text/csv": TEXT}),
)
async def power(  # noqa: PLR0913, PLR0917 - one argument for each parameter of the address
    request: AnyRequest,
    metric: Name = "revenue_per_person",
    smallest_effect: Annotated[float, Parameter(gt=0, le=10)] = 0.05,
    variants: Annotated[int, Parameter(ge=2, le=50)] = 2,
    level: Level = 0.05,
    wanted_power: Annotated[float, Parameter(query="power", gt=0.5, lt=1)] = 0.8,
    page: Name = "",
    traffic: Of = "all",
    form: Form = "",
) -> Response[bytes] | Response[str]:
    """Customers for each variant and days, from what customers did in the last 28 days."""
    query = evidence.PowerQuery(
        metric=metric, smallest_effect=smallest_effect, variants=variants, level=level, power=wanted_power, page=page,
        traffic=traffic,
    )  # fmt: skip
    return await _answer(request, evidence.POWER, query, form)


@get(
    "/v1/reports/holdout",
    guards=[needs_server_key],
    summary="What personalization brought against the holdout",
    operation_class=described(evidence.HoldoutReport, tag="reports", also={"text/csv": TEXT}),
)
async def holdout(
    request: AnyRequest,
    first_day: Day = "",
    last_day: Day = "",
    level: Level = 0.05,
    traffic: Of = "all",
    form: Form = "",
) -> Response[bytes] | Response[str]:
    """Incremental orders, revenue and margin, cost, return on investment, value a person and year."""
    share = (await document_of(request, "holdout", "default")).get("share", 0.0)
    query = evidence.HoldoutQuery(
        first_day=first_day, last_day=last_day, level=level, share=share, traffic=traffic
    )
    return await _answer(request, evidence.HOLDOUT, query, form)


@get(
    "/v1/reports/off-policy",
    guards=[needs_server_key],
    summary="What other ways of choosing would have brought",
    operation_class=described(evidence.OffPolicyReport, tag="reports", also={"text/csv": TEXT}),
)
async def off_policy(  # noqa: PLR0917 - one argument for each parameter of the address
    request: AnyRequest,
    slot: Name = "",
    metric: Literal["click", "order", "revenue"] = "click",
    first_day: Day = "",
    last_day: Day = "",
    level: Level = 0.05,
    traffic: Of = "all",
    form: Form = "",
) -> Response[bytes] | Response[str]:
    """Inverse propensity, self-normalised and doubly robust estimates beside what happened."""
    query = evidence.OffPolicyQuery(
        slot=slot, metric=metric, first_day=first_day, last_day=last_day, level=level, traffic=traffic
    )
    return await _answer(request, evidence.OFF_POLICY, query, form)


@get(
    "/v1/reports/value-matrix",
    guards=[needs_server_key],
    summary="Where personalization serves customers",
    operation_class=described(reports.ValueMatrix, tag="reports", also={"text/csv": TEXT}),
)
async def value_matrix(
    request: AnyRequest,
    first_day: Day = "",
    last_day: Day = "",
    level: Level = 0.05,
    traffic: Of = "all",
    form: Form = "",
) -> Response[bytes] | Response[str]:
    """For each segment and moment what is done, what it brought, what is not done yet, by expected gain."""
    query = reports.ValueMatrixQuery(first_day=first_day, last_day=last_day, level=level, traffic=traffic)
    return await _answer(request, reports.VALUE_MATRIX, query, form)


@get(
    "/v1/reports/suggestions",
    guards=[needs_server_key],
    summary="Segments and offer rules that the data suggests",
    operation_class=described(reports.Suggestions, tag="reports", also={"text/csv": TEXT}),
)
async def suggestions(
    request: AnyRequest,
    kind: Literal["", "segment", "offer"] = "",
    count: Annotated[int, Parameter(ge=1, le=50)] = 10,
    persons: Annotated[int, Parameter(ge=0, le=5_000, description="0: only what decisions say of all.")] = 2_000,
    traffic: Of = "all",
    form: Form = "",
) -> Response[bytes] | Response[str]:
    """Rule documents ready to be edited, each in English with its reach, lift and interval.

    `persons`: of so many, by the chance of their pseudonyms, everything is looked at that rules can test.
    """
    sample = await sample_of(request, persons)
    query = reports.SuggestionsQuery(kind=kind, count=count, sample=sample, traffic=traffic)
    return await _answer(request, reports.SUGGESTIONS, query, form)


@get(
    "/v1/reports/cohorts",
    guards=[needs_server_key],
    summary="Who came back, and what they were worth",
    operation_class=described(reports.CohortReport, tag="reports", also={"text/csv": TEXT}),
)
async def cohorts(
    request: AnyRequest,
    period: Literal["week", "month"] = "month",
    periods: Annotated[int, Parameter(ge=1, le=60)] = 12,
    traffic: Of = "all",
    form: Form = "",
) -> Response[bytes] | Response[str]:
    """Retention and value by the period of the first order."""
    query = reports.CohortsQuery(period=period, periods=periods, traffic=traffic)
    return await _answer(request, reports.COHORTS, query, form)


@get(
    "/v1/reports/data-quality",
    guards=[needs_server_key],
    summary="What is wrong with the data",
    operation_class=described(reports.DataQuality, tag="reports", also={"text/csv": TEXT}),
)
async def data_quality(
    request: AnyRequest, days: Annotated[int, Parameter(ge=1, le=400)] = 7, traffic: Of = "all", form: Form = ""
) -> Response[bytes] | Response[str]:
    """Events refused, late and twice, customers without consent, fallbacks, models, items without attributes, offers
    near their budgets: each with what to do.
    """
    return await _answer(request, DATA_QUALITY, reports.DataQualityQuery(days=days, traffic=traffic), form)


HANDLERS = [
    kpis, experiments, experiment, power, holdout, off_policy, value_matrix, suggestions, cohorts, data_quality,
]  # fmt: skip
