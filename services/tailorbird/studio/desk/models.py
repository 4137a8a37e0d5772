"""Models: which were trained, how each did by shelf, which serves; put to work and rolled back."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from tailorbird.contracts.recommender import MODELS, PROMOTE, ModelsQuery, PromoteQuery
from tailorbird.contracts.wire import Fault
from tailorbird.studio.desk.access import AnyRequest, desk_of, form_of, signed
from tailorbird.studio.desk.pages import answer, go

__all__ = ["HANDLERS"]

VIEWER: dict[str, Any] = {"role": "viewer"}
APPROVER: dict[str, Any] = {"role": "approver"}


@get("/models", opt=VIEWER, include_in_schema=False)
async def models(request: AnyRequest) -> Response[str]:
    """Every model, the latest first."""
    return await _models(request)


@post("/models/promote", opt=APPROVER, include_in_schema=False)
async def promote(request: AnyRequest) -> Response[Any]:
    """Puts a model to work, with a reason where it may be worse."""
    form, desk = form_of(request), desk_of(request)
    version, reason = ((form.get(name) or [""])[0].strip()[:300] for name in ("version", "reason"))
    if not version:
        raise Fault(422, "Say which model.")
    try:
        await desk.asker.ask(PROMOTE, PromoteQuery(version=version, forced=reason))
    except Fault as fault:
        if fault.code != 409:
            raise
        return await _models(request, problem=fault.sentence, wanted=version)
    await desk.audit.note(signed(request).member.name, "promoted", f"model/{version}", note=reason)
    return go(request, "/studio/models", f"Model {version} is being put to work; pages have it in a moment.")


@post("/models/roll-back", opt=APPROVER, include_in_schema=False)
async def roll_back(request: AnyRequest) -> Response[Any]:
    """The model that served before serves again."""
    desk = desk_of(request)
    try:
        promoted = await desk.asker.ask(PROMOTE, PromoteQuery())
    except Fault as fault:
        if fault.code != 409:
            raise
        return await _models(request, problem=fault.sentence)
    await desk.audit.note(signed(request).member.name, "rolled back", f"model/{promoted.version}")
    return go(request, "/studio/models", f"Model {promoted.version} serves again.")


async def _models(request: AnyRequest, *, problem: str = "", wanted: str = "") -> Response[str]:
    found = await desk_of(request).asker.ask(MODELS, ModelsQuery())
    names = list(dict.fromkeys(name for one in found.models for name in one.metrics))
    return answer(
        request, "models.html", 409 if problem else 200, title="Models", models=found.models, metrics=names,
        problem=problem, wanted=wanted,
    )  # fmt: skip


HANDLERS = (models, promote, roll_back)
