"""A customer: what is known, what they did, who they are by which evidence, what they allow, what they saw."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from tailorbird.contracts.assembler import WHY, WhyQuery
from tailorbird.contracts.identity import MERGES, UNMERGE, MergesQuery, UnmergeQuery
from tailorbird.contracts.insights import DECISIONS_OF, Decision, PersonDecisionsQuery
from tailorbird.contracts.profiles import SHOPPERS, VIEW, ShoppersQuery, ViewPart, ViewQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.studio.desk.access import AnyRequest, desk_of, form_of, signed
from tailorbird.studio.desk.pages import answer, fragment, go

__all__ = ["HANDLERS"]

EDITOR: dict[str, Any] = {"role": "editor"}
APPROVER: dict[str, Any] = {"role": "approver"}
LATEST = 20


@get("/customers", opt=EDITOR, include_in_schema=False)
async def customers(request: AnyRequest) -> Response[Any]:
    """By id; and some to choose from."""
    wanted = request.query_params.get("id", "").strip()[:200]
    if wanted:
        return go(request, f"/studio/customers/{_quoted(wanted)}")
    persona = request.query_params.get("persona", "")[:200]
    problem, found = "", None
    try:
        found = await desk_of(request).asker.ask(SHOPPERS, ShoppersQuery(count=24, persona=persona))
    except Fault as fault:
        problem = fault.sentence
    return answer(request, "customers/customers.html", title="Customers", found=found, persona=persona, problem=problem)


@get("/customers/{customer_id:str}", opt=EDITOR, include_in_schema=False)
async def customer(request: AnyRequest, customer_id: FromPath[str]) -> Response[str]:
    """All of it on one page. That somebody looked is logged."""
    desk, who = desk_of(request), signed(request).member
    profile = await _view(request, customer_id, "profile")
    timeline = await _view(request, customer_id, "timeline")
    parts: dict[str, Any] = {"merges": (), "problems": []}
    reference = CustomerRef(customer_id=customer_id, anonymous_id=customer_id)
    try:
        parts["merges"] = (await desk.asker.ask(MERGES, MergesQuery(customer=reference))).merges
    except Fault as fault:
        parts["problems"].append(fault.sentence)
    await desk.audit.note(who.name, "looked at", f"customer/{profile.get('person', '')}")
    return answer(
        request, "customers/customer.html", title=profile.get("first_name") or customer_id, customer_id=customer_id,
        profile=profile, timeline=timeline.get("events", ()), now=time.time(), **parts,
    )  # fmt: skip


@get("/customers/{customer_id:str}/decisions", opt=EDITOR, include_in_schema=False)
async def decisions(request: AnyRequest, customer_id: FromPath[str]) -> Response[str]:
    """For their page, once it is there: of millions of decisions theirs are not found at once."""
    problem = ""
    found: tuple[Decision, ...] = ()
    try:
        query = PersonDecisionsQuery(person=request.query_params.get("person", "")[:200], count=LATEST)
        found = (await desk_of(request).asker.ask(DECISIONS_OF, query)).decisions
    except Fault as fault:
        problem = fault.sentence
    view: dict[str, Any] = {"customer_id": customer_id, "decisions": found, "problem": problem}
    if request.headers.get("hx-request"):
        return fragment(request, "customers/decisions.html", **view)
    return answer(request, "customers/decisions_page.html", title="What was decided for them", **view)


@post("/customers/{customer_id:str}/unmerge", opt=APPROVER, include_in_schema=False)
async def unmerge(request: AnyRequest, customer_id: FromPath[str]) -> Response[Any]:
    """Two persons who became one are two again, with their histories."""
    desk, form = desk_of(request), form_of(request)
    merge_id = (form.get("merge_id") or [""])[0][:200]
    reference = CustomerRef(customer_id=customer_id, anonymous_id=customer_id)
    await desk.asker.ask(UNMERGE, UnmergeQuery(customer=reference, merge_id=merge_id))
    await desk.audit.note(signed(request).member.name, "undone", f"merge/{merge_id}")
    return go(request, f"/studio/customers/{_quoted(customer_id)}", "They are two again.")


@get("/decisions/{decision_id:str}", opt=EDITOR, include_in_schema=False)
async def decision(request: AnyRequest, decision_id: FromPath[str]) -> Response[str]:
    """One decision: what was chosen and why, what was not and why not, out of what was known then."""
    explained = await desk_of(request).asker.ask(WHY, WhyQuery(decision_id=decision_id))
    refused = [one for one in explained.candidates if one.outcome != "chosen"]
    return answer(request, "customers/decision.html", title="A decision", explained=explained, refused=refused)


async def _view(request: AnyRequest, customer_id: str, part: ViewPart) -> dict[str, Any]:
    reference = CustomerRef(customer_id=customer_id, anonymous_id=customer_id)
    view = await desk_of(request).asker.ask(VIEW, ViewQuery(customer=reference, part=part))
    told: dict[str, Any] = msgspec.json.decode(view.body)
    return told


def _quoted(text: str) -> str:
    return quote(text, safe="")


HANDLERS = (customers, customer, decisions, unmerge, decision)
