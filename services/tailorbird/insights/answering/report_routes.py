"""Reports over HTTP: as JSON, or as CSV for who asks for `text/csv` or `?format=csv`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Raw, Struct

from tailorbird.contracts import evidence, reports
from tailorbird.contracts.assembler import DATA_QUALITY
from tailorbird.contracts.wire import Endpoint, Message
from tailorbird.host.access import needs_server_key
from tailorbird.host.describing import TEXT, described
from tailorbird.host.sampling import sample_of
from tailorbird.host.tables import as_csv
from tailorbird.insights.answering.asked import document_of, factors_in, shares_in

__all__ = ["HANDLERS"]

AnyRequest = Request[Any, Any, Any]
Answer = Response[bytes] | Response[str]
Form = Annotated[Literal["", "json", "csv"], QueryParameter(query="format", description="`csv` for a table.")]
Day = Annotated[str, QueryParameter(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="A day in UTC, 2026-11-22.")]
Level = Annotated[float, QueryParameter(gt=0, lt=0.5, description="0.05 gives intervals of 95 %.")]
Name = Annotated[str, QueryParameter(max_length=200)]
Of = Annotated[reports.Traffic, QueryParameter(description="`real`: of customers; `simulated`: of those made up.")]
Pairs = Annotated[str, QueryParameter(max_length=4_000)]


class Asked(Struct, frozen=True):
    """What every report is asked with: of whose traffic, and in which form."""

    request: AnyRequest
    traffic: reports.Traffic
    form: str

    async def answer(self, endpoint: Endpoint[Any, Any], query: Message) -> Answer:
        body = await self.request.app.state["asker"].ask_encoded(endpoint, query)
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        if self.form == "csv" or (not self.form and "text/csv" in self.request.headers.get("accept", "")):
            name = endpoint.subject.rpartition(".")[2].replace("_", "-")
            headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
            return Response(as_csv(msgspec.json.decode(body)), media_type="text/csv", headers=headers)
        return Response(body, media_type=MediaType.JSON, headers=headers)


class Between(Struct, frozen=True):
    """From when to when; empty: the four weeks up to now."""

    first_day: str
    last_day: str


async def _asked(request: AnyRequest, traffic: Of = "all", form: Form = "") -> Asked:
    return Asked(request, traffic, form)


async def _between(first_day: Day = "", last_day: Day = "") -> Between:
    return Between(first_day, last_day)


def _report(path: str, summary: str, endpoint: Endpoint[Any, Any]) -> get:
    """The address of a report, for whoever has the server key."""
    return get(
        f"/v1/reports/{path}",
        guards=[needs_server_key],
        summary=summary,
        operation_class=described(endpoint.answer, tag="reports", also={"text/csv": TEXT}),
        dependencies={"asked": Provide(_asked), "between": Provide(_between)},
    )


@_report("kpis", "KPIs with intervals, by page, slot, offer ...", reports.KPIS)
async def kpis(
    asked: NamedDependency[Asked],
    between: NamedDependency[Between],
    by: FromQuery[reports.Dimension] = "all",
    daily: FromQuery[bool] = False,
    key: Name = "",
    credit: FromQuery[reports.Credit] = "last_touch",
) -> Answer:
    """Each KPI with its interval of 95 %, clustered by person; its definition stands in the report."""
    query = reports.KpisQuery(
        by=by, daily=daily, first_day=between.first_day, last_day=between.last_day, key=key, credit=credit,
        traffic=asked.traffic,
    )  # fmt: skip
    return await asked.answer(reports.KPIS, query)


@_report("experiments", "Experiments that decisions were part of", evidence.EXPERIMENTS_SEEN)
async def experiments(asked: NamedDependency[Asked]) -> Answer:
    """Each experiment with its variants and the days of its exposures."""
    return await asked.answer(evidence.EXPERIMENTS_SEEN, evidence.ExperimentsSeenQuery(traffic=asked.traffic))


@_report("experiments/{experiment_id:str}", "What an experiment found", evidence.EXPERIMENT)
async def experiment(  # noqa: PLR0913, PLR0917 - one argument for each parameter of the address
    asked: NamedDependency[Asked],
    experiment_id: FromPath[str],
    metric: Name = "revenue_per_person",
    control: Name = "",
    shares: Pairs = "",
    factors: Pairs = "",
    level: Level = 0.05,
    smallest_effect: Annotated[float, QueryParameter(ge=0, le=10)] = 0.05,
    audience: FromQuery[Literal["", "persona", "segment", "channel"]] = "persona",
) -> Answer:
    """Differences to the control with fixed and always-valid intervals, CUPED, sample ratio, power, audiences.

    The control, shares and factors are those of the experiment's document; where there is none, or others are wanted,
    `shares`: `a:0.9 b:0.1`, `factors` of a multivariate test: `a:headline=short,picture=none b:headline=long ...`.
    """
    document = Raw(msgspec.json.encode(await document_of(asked.request, "experiment", experiment_id)))
    query = evidence.ExperimentQuery(
        experiment_id=experiment_id, document=document, metric=metric, control=control,
        shares=shares_in(shares), factors=factors_in(factors), level=level,
        smallest_effect=smallest_effect, audience=audience, traffic=asked.traffic,
    )  # fmt: skip
    return await asked.answer(evidence.EXPERIMENT, query)


@_report("power", "How long an experiment would have to run", evidence.POWER)
async def power(
    asked: NamedDependency[Asked],
    metric: Name = "revenue_per_person",
    smallest_effect: Annotated[float, QueryParameter(gt=0, le=10)] = 0.05,
    variants: Annotated[int, QueryParameter(ge=2, le=50)] = 2,
    level: Level = 0.05,
    wanted_power: Annotated[float, QueryParameter(query="power", gt=0.5, lt=1)] = 0.8,
    page: Name = "",
) -> Answer:
    """Customers for each variant and days, from what customers did in the last 28 days."""
    query = evidence.PowerQuery(
        metric=metric, smallest_effect=smallest_effect, variants=variants, level=level, power=wanted_power, page=page,
        traffic=asked.traffic,
    )  # fmt: skip
    return await asked.answer(evidence.POWER, query)


@_report("holdout", "What personalization brought against the holdout", evidence.HOLDOUT)
async def holdout(asked: NamedDependency[Asked], between: NamedDependency[Between], level: Level = 0.05) -> Answer:
    """Incremental orders, revenue and margin, cost, return on investment, value a person and year."""
    share = (await document_of(asked.request, "holdout", "default")).get("share", 0.0)
    query = evidence.HoldoutQuery(
        first_day=between.first_day, last_day=between.last_day, level=level, share=share, traffic=asked.traffic
    )
    return await asked.answer(evidence.HOLDOUT, query)


@_report("off-policy", "What other ways of choosing would have brought", evidence.OFF_POLICY)
async def off_policy(
    asked: NamedDependency[Asked],
    between: NamedDependency[Between],
    slot: Name = "",
    metric: FromQuery[Literal["click", "order", "revenue"]] = "click",
    level: Level = 0.05,
) -> Answer:
    """Inverse propensity, self-normalised and doubly robust estimates beside what happened."""
    query = evidence.OffPolicyQuery(
        slot=slot, metric=metric, first_day=between.first_day, last_day=between.last_day, level=level,
        traffic=asked.traffic,
    )  # fmt: skip
    return await asked.answer(evidence.OFF_POLICY, query)


@_report("value-matrix", "Where personalization serves customers", reports.VALUE_MATRIX)
async def value_matrix(asked: NamedDependency[Asked], between: NamedDependency[Between], level: Level = 0.05) -> Answer:
    """For each segment and moment what is done, what it brought, what is not done yet, by expected gain."""
    query = reports.ValueMatrixQuery(
        first_day=between.first_day, last_day=between.last_day, level=level, traffic=asked.traffic
    )
    return await asked.answer(reports.VALUE_MATRIX, query)


@_report("suggestions", "Segments and offer rules that the data suggests", reports.SUGGESTIONS)
async def suggestions(
    asked: NamedDependency[Asked],
    kind: FromQuery[Literal["", "segment", "offer"]] = "",
    count: Annotated[int, QueryParameter(ge=1, le=50)] = 10,
    persons: Annotated[int, QueryParameter(ge=0, le=5_000, description="0: only what decisions say of all.")] = 2_000,
) -> Answer:
    """Rule documents ready to be edited, each in English with its reach, lift and interval.

    `persons`: of so many, by the chance of their pseudonyms, everything is looked at that rules can test.
    """
    sample = await sample_of(asked.request.app.state["asker"], persons)
    query = reports.SuggestionsQuery(kind=kind, count=count, sample=sample, traffic=asked.traffic)
    return await asked.answer(reports.SUGGESTIONS, query)


@_report("cohorts", "Who came back, and what they were worth", reports.COHORTS)
async def cohorts(
    asked: NamedDependency[Asked],
    period: FromQuery[Literal["week", "month"]] = "month",
    periods: Annotated[int, QueryParameter(ge=1, le=60)] = 12,
) -> Answer:
    """Retention and value by the period of the first order."""
    query = reports.CohortsQuery(period=period, periods=periods, traffic=asked.traffic)
    return await asked.answer(reports.COHORTS, query)


@_report("data-quality", "What is wrong with the data", DATA_QUALITY)
async def data_quality(asked: NamedDependency[Asked], days: Annotated[int, QueryParameter(ge=1, le=400)] = 7) -> Answer:
    """Events refused, late and twice, customers without consent, fallbacks, models, items without attributes, offers
    near their budgets: each with what to do.
    """
    return await asked.answer(DATA_QUALITY, reports.DataQualityQuery(days=days, traffic=asked.traffic))


HANDLERS = [
    kpis, experiments, experiment, power, holdout, off_policy, value_matrix, suggestions, cohorts, data_quality,
]  # fmt: skip
