"""Reports over HTTP: as JSON, or as CSV for who asks for `text/csv` or `?format=csv`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.params import Parameter
from msgspec import Raw

from tailorbird.contracts import evidence, reports
from tailorbird.contracts.assembler import LIST_DOCUMENTS
from tailorbird.contracts.documents import ListDocumentsQuery
from tailorbird.contracts.profiles import PROFILE_PAGE, ProfilePageQuery
from tailorbird.contracts.wire import Endpoint, Fault, Message
from tailorbird.host.access import needs_server_key
from tailorbird.host.describing import TEXT, described
from tailorbird.insights.planned import plan_of
from tailorbird.insights.tables import as_csv
from tailorbird.rules.attributes import attributes_of

__all__ = ["HANDLERS"]

AnyRequest = Request[Any, Any, Any]
Form = Annotated[Literal["", "json", "csv"], Parameter(query="format", description="`csv` for a table.")]
Day = Annotated[str, Parameter(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="A day in UTC, 2026-11-22.")]
Level = Annotated[float, Parameter(gt=0, lt=0.5, description="0.05 gives intervals of 95 %.")]
Name = Annotated[str, Parameter(max_length=200)]
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
async def kpis(  # noqa: PLR0917 - one argument for each parameter of the address
    request: AnyRequest,
    by: reports.Dimension = "all",
    daily: bool = False,
    first_day: Day = "",
    last_day: Day = "",
    key: Name = "",
    credit: reports.Credit = "last_touch",
    form: Form = "",
) -> Response[bytes] | Response[str]:
    """Each KPI with its interval of 95 %, clustered by person; its definition stands in the report."""
    query = reports.KpisQuery(by=by, daily=daily, first_day=first_day, last_day=last_day, key=key, credit=credit)
    return await _answer(request, reports.KPIS, query, form)


@get(
    "/v1/reports/experiments",
    guards=[needs_server_key],
    summary="Experiments that decisions were part of",
    operation_class=described(evidence.ExperimentsSeen, tag="reports", also={"text/csv": TEXT}),
)
async def experiments(request: AnyRequest, form: Form = "") -> Response[bytes] | Response[str]:
    """Each experiment with its variants and the days of its exposures."""
    return await _answer(request, evidence.EXPERIMENTS_SEEN, evidence.ExperimentsSeenQuery(), form)


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
    form: Form = "",
) -> Response[bytes] | Response[str]:
    """Differences to the control with fixed and always-valid intervals, CUPED, sample ratio, power, audiences.

    The control, shares and factors are those of the experiment's document; where there is none, or others are wanted,
    `shares`: `a:0.9 b:0.1`, `factors` of a multivariate test: `a:headline=short,picture=none b:headline=long ...`.
    """
    plan = plan_of(await _document(request, "experiment", experiment_id))
    query = evidence.ExperimentQuery(
        experiment_id=experiment_id, metric=metric, control=control or plan.control,
        shares=_shares(shares) or plan.shares, factors=_factors(factors) or plan.factors,
        level=level, smallest_effect=smallest_effect, audience=audience,
    )  # fmt: skip
    return await _answer(request, evidence.EXPERIMENT, query, form)


@get(
    "/v1/reports/power",
    guards=[needs_server_key],
    summary="How long an experiment would have to run",
    operation_class=described(evidence.Power, tag="reports", also={"text/csv": TEXT}),
)
async def power(  # noqa: PLR0917 - one argument for each parameter of the address
    request: AnyRequest,
    metric: Name = "revenue_per_person",
    smallest_effect: Annotated[float, Parameter(gt=0, le=10)] = 0.05,
    variants: Annotated[int, Parameter(ge=2, le=50)] = 2,
    level: Level = 0.05,
    wanted_power: Annotated[float, Parameter(query="power", gt=0.5, lt=1)] = 0.8,
    page: Name = "",
    form: Form = "",
) -> Response[bytes] | Response[str]:
    """Customers for each variant and days, from what customers did in the last 28 days."""
    query = evidence.PowerQuery(
        metric=metric, smallest_effect=smallest_effect, variants=variants, level=level, power=wanted_power, page=page
    )
    return await _answer(request, evidence.POWER, query, form)


@get(
    "/v1/reports/holdout",
    guards=[needs_server_key],
    summary="What personalization brought against the holdout",
    operation_class=described(evidence.HoldoutReport, tag="reports", also={"text/csv": TEXT}),
)
async def holdout(
    request: AnyRequest, first_day: Day = "", last_day: Day = "", level: Level = 0.05, form: Form = ""
) -> Response[bytes] | Response[str]:
    """Incremental orders, revenue and margin, cost, return on investment, value a person and year."""
    share = (await _document(request, "holdout", "default")).get("share", 0.0)
    query = evidence.HoldoutQuery(first_day=first_day, last_day=last_day, level=level, share=share)
    return await _answer(request, evidence.HOLDOUT, query, form)


@get(
    "/v1/reports/off-policy",
    guards=[needs_server_key],
    summary="What other ways of choosing would have brought",
    operation_class=described(evidence.OffPolicyReport, tag="reports", also={"text/csv": TEXT}),
)
async def off_policy(
    request: AnyRequest,
    slot: Name = "",
    metric: Literal["click", "order", "revenue"] = "click",
    first_day: Day = "",
    last_day: Day = "",
    level: Level = 0.05,
    form: Form = "",
) -> Response[bytes] | Response[str]:
    """Inverse propensity, self-normalised and doubly robust estimates beside what happened."""
    query = evidence.OffPolicyQuery(slot=slot, metric=metric, first_day=first_day, last_day=last_day, level=level)
    return await _answer(request, evidence.OFF_POLICY, query, form)


@get(
    "/v1/reports/value-matrix",
    guards=[needs_server_key],
    summary="Where personalization serves customers",
    operation_class=described(reports.ValueMatrix, tag="reports", also={"text/csv": TEXT}),
)
async def value_matrix(
    request: AnyRequest, first_day: Day = "", last_day: Day = "", level: Level = 0.05, form: Form = ""
) -> Response[bytes] | Response[str]:
    """For each segment and moment what is done, what it brought, what is not done yet, by expected gain."""
    query = reports.ValueMatrixQuery(first_day=first_day, last_day=last_day, level=level)
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
    form: Form = "",
) -> Response[bytes] | Response[str]:
    """Rule documents ready to be edited, each in English with its reach, lift and interval.

    `persons`: of so many, by the chance of their pseudonyms, everything is looked at that rules can test.
    """
    query = reports.SuggestionsQuery(kind=kind, count=count, sample=await _sample(request, persons))
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
    form: Form = "",
) -> Response[bytes] | Response[str]:
    """Retention and value by the period of the first order."""
    return await _answer(request, reports.COHORTS, reports.CohortsQuery(period=period, periods=periods), form)


@get(
    "/v1/reports/data-quality",
    guards=[needs_server_key],
    summary="What is wrong with the data",
    operation_class=described(reports.DataQuality, tag="reports", also={"text/csv": TEXT}),
)
async def data_quality(
    request: AnyRequest, days: Annotated[int, Parameter(ge=1, le=400)] = 7, form: Form = ""
) -> Response[bytes] | Response[str]:
    """Events refused, late and twice, customers without consent, fallbacks, models: each with what to do."""
    return await _answer(request, reports.DATA_QUALITY, reports.DataQualityQuery(days=days), form)


async def _document(request: AnyRequest, kind: str, name: str) -> dict[str, Any]:
    """What the assembler keeps under this name; nothing where it keeps none, or does not answer."""
    try:
        found = await request.app.state["asker"].ask(LIST_DOCUMENTS, ListDocumentsQuery(kind=kind))
    except Fault:
        return {}
    kept = next((one.body for one in found.documents if one.id == name), None)
    return {} if kept is None else dict(msgspec.json.decode(kept))


async def _sample(request: AnyRequest, persons: int) -> tuple[reports.SampledPerson, ...]:
    """What rules can test of the first persons by pseudonym, which means nothing: a sample by chance."""
    found: list[reports.SampledPerson] = []
    after = ""
    while len(found) < persons:
        page = await request.app.state["asker"].ask(PROFILE_PAGE, ProfilePageQuery(after=after, count=200))
        found += [
            reports.SampledPerson(person=one.person, attributes=Raw(msgspec.json.encode(attributes_of(one.facts))))
            for one in page.profiles
        ]
        after = page.after
        if not after:
            break
    return tuple(found[:persons])


def _shares(text: str) -> dict[str, float]:
    """`a:0.9 b:0.1` as numbers. Raises Fault(422)."""
    try:
        return {name: float(share) for name, _, share in (one.rpartition(":") for one in text.split())}
    except ValueError as error:
        raise Fault(422, "`shares` are written as `control:0.9 other:0.1`.") from error


def _factors(text: str) -> dict[str, dict[str, str]]:
    """`a:headline=short,picture=none` as levels by factor. Raises Fault(422)."""
    found: dict[str, dict[str, str]] = {}
    for one in text.split():
        variant, _, levels = one.partition(":")
        pairs = [pair.partition("=") for pair in levels.split(",")]
        if not variant or not all(name and level for name, _, level in pairs):
            raise Fault(422, "`factors` are written as `variant:headline=short,picture=none other:...`.")
        found[variant] = {name: level for name, _, level in pairs}
    return found


HANDLERS = [
    kpis, experiments, experiment, power, holdout, off_policy, value_matrix, suggestions, cohorts, data_quality,
]  # fmt: skip
