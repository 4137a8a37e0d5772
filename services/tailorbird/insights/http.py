"""Insights over HTTP: reports."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import MediaType, Request, Response, get
from litestar.params import QueryParameter

from tailorbird.contracts.insights import DECISION_TOTALS, DecisionTotals, DecisionTotalsQuery
from tailorbird.host.access import needs_server_key
from tailorbird.host.describing import described
from tailorbird.host.service import Routes
from tailorbird.insights.answering.report_routes import HANDLERS

__all__ = ["ROUTES"]


@get(
    "/v1/reports/decisions",
    guards=[needs_server_key],
    summary="Decisions per day and page",
    operation_class=described(DecisionTotals, tag="reports", refuses=(400, 422)),
)
async def decision_totals(
    request: Request[Any, Any, Any], days: Annotated[int, QueryParameter(ge=1, le=400)] = 7
) -> Response[bytes]:
    """How many decisions were made per day (UTC) and page or e-mail, and the share with a slot on its fallback."""
    asker = request.app.state["asker"]
    body = await asker.ask_encoded(DECISION_TOTALS, DecisionTotalsQuery(days=days))
    return Response(body, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})


ROUTES = Routes(handlers=[decision_totals, *HANDLERS])
