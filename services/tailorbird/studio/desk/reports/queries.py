"""What a page of reports asks for, read from its address: one place for the page and for its CSV."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from tailorbird.contracts.assembler import DATA_QUALITY, LIST_DOCUMENTS
from tailorbird.contracts.documents import ListDocumentsQuery
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
    VALUE_MATRIX,
    CohortsQuery,
    DataQualityQuery,
    Dimension,
    KpisQuery,
    Traffic,
    ValueMatrixQuery,
)
from tailorbird.contracts.wire import Endpoint, Fault
from tailorbird.studio.desk.access import AnyRequest, desk_of

__all__ = ["days_asked", "query_of", "traffic_asked", "whole_days"]


def days_asked(request: AnyRequest, usual: int = 28) -> tuple[str, str, int]:
    """First and last day, and how many days that are."""
    text = request.query_params.get("days", "")
    days = min(max(int(text), 1), 400) if text.isascii() and text.isdigit() else usual
    today: date = datetime.now(UTC).date()
    return (today - timedelta(days=days - 1)).isoformat(), today.isoformat(), days


def traffic_asked(request: AnyRequest) -> Traffic:
    """Of whom: everybody, where nothing else is said."""
    asked = request.query_params.get("traffic", "")
    return asked if asked in get_args(Traffic) else "all"  # type: ignore[return-value]


def whole_days(query: KpisQuery, kpi: str) -> KpisQuery:
    """One of the same day by day, all together."""
    return replace(query, by="all", key="", daily=True, only=(kpi,))


async def query_of(request: AnyRequest, tab: str, identity: str = "") -> tuple[Endpoint[Any, Any], Any]:
    """Whom to ask, and what. Raises Fault(404) for a report that there is not, Fault(422) for a dimension."""
    first, last, days = days_asked(request)
    traffic = traffic_asked(request)
    match tab:
        case "figures":
            return KPIS, _figures(request, first, last, traffic)
        case "experiments":
            return EXPERIMENTS_SEEN, ExperimentsSeenQuery(traffic=traffic)
        case "experiment":
            metric = request.query_params.get("metric", "revenue_per_person")[:60]
            document = Raw(msgspec.json.encode(await _document(request, "experiment", identity)))
            query = ExperimentQuery(
                experiment_id=identity[:200], document=document, metric=metric, traffic=traffic
            )
            return EXPERIMENT, query
        case "holdout":
            share = float((await _document(request, "holdout", "default")).get("share", 0.0))
            return HOLDOUT, HoldoutQuery(first_day=first, last_day=last, share=share, traffic=traffic)
        case "matrix":
            return VALUE_MATRIX, ValueMatrixQuery(first_day=first, last_day=last, traffic=traffic)
        case "cohorts":
            return COHORTS, CohortsQuery(traffic=traffic)
        case "choosing":
            return OFF_POLICY, OffPolicyQuery(first_day=first, last_day=last, traffic=traffic)
        case "quality":
            return DATA_QUALITY, DataQualityQuery(days=days if "days" in request.query_params else 7, traffic=traffic)
    raise Fault(404, f"There is no report '{tab[:60]}'.")


def _figures(request: AnyRequest, first: str, last: str, traffic: Traffic) -> KpisQuery:
    by = request.query_params.get("by", "all")
    if by not in get_args(Dimension):
        raise Fault(422, f"Figures can be told by {', '.join(get_args(Dimension))}, not by '{by}'.")
    key = request.query_params.get("key", "")[:200]
    daily = request.query_params.get("daily", "") == "1"
    return KpisQuery(by=by, first_day=first, last_day=last, key=key, daily=daily, traffic=traffic)  # type: ignore[arg-type]


async def _document(request: AnyRequest, kind: str, identity: str) -> dict[str, Any]:
    """What is at work under this name; nothing where nothing is, or nobody answers."""
    try:
        found = await desk_of(request).asker.ask(LIST_DOCUMENTS, ListDocumentsQuery(kind=kind))
    except Fault:
        return {}
    kept = next((one.body for one in found.documents if one.id == identity), None)
    return {} if kept is None else dict(msgspec.json.decode(bytes(kept)))
