"""Lists of documents and the form in which one is written: looked at, changed, saved, counted as it grows."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from tailorbird.contracts.documents import Applied
from tailorbird.contracts.profiles import COUNT
from tailorbird.contracts.segments import CountQuery
from tailorbird.contracts.wire import Fault
from tailorbird.studio.desk.access import AnyRequest, Form, desk_of, form_of, signed
from tailorbird.studio.desk.documents.atwork import STATES
from tailorbird.studio.desk.documents.clashing import clash_page, said_of_saving
from tailorbird.studio.desk.documents.kinds import Kind, kind_at
from tailorbird.studio.desk.documents.naming import new_id, title_of
from tailorbird.studio.desk.documents.opened import Clash, Opened
from tailorbird.studio.desk.forms.editing import done_to
from tailorbird.studio.desk.forms.forms import form_of as fields_of
from tailorbird.studio.desk.forms.forms import mistakes
from tailorbird.studio.desk.forms.reading import document_from
from tailorbird.studio.desk.forms.rulebuilder import ATTRIBUTES, countable, node_of, said
from tailorbird.studio.desk.forms.rulereading import rule_at
from tailorbird.studio.desk.forms.suggesting import suggestions
from tailorbird.studio.desk.pages import answer, fragment, go

__all__ = ["HANDLERS", "page_of"]

VIEWER: dict[str, Any] = {"role": "viewer"}
EDITOR: dict[str, Any] = {"role": "editor"}


@get("/{plural:str}", opt=VIEWER, include_in_schema=False)
async def listing(request: AnyRequest, plural: FromPath[str]) -> Response[Any]:
    """Everything of one kind, searched and by state."""
    kind, desk = kind_at(plural), desk_of(request)
    if kind.single:
        return go(request, f"/studio/{plural}/{kind.single}")
    wanted = request.query_params.get("q", "")[:200]
    state = request.query_params.get("state", "")
    page = request.query_params.get("page", "1")
    at_work, drafts = await desk.at_work(), await desk.drafts_of(kind.kind)
    number = int(page) if page.isascii() and page.isdigit() else 1
    listed = at_work.listed(kind, drafts, time.time(), wanted=wanted, state=state, page=number)
    view: dict[str, Any] = {
        "kind": kind, "listed": listed, "wanted": wanted, "state": state, "states": STATES, "now": time.time(),
        "title": kind.title,
    }  # fmt: skip
    if request.headers.get("hx-target") == "list":
        return fragment(request, "documents/list_rows.html", **view)
    return answer(request, "documents/list.html", **view)


@get("/{plural:str}/new", opt=EDITOR, include_in_schema=False)
async def begin(request: AnyRequest, plural: FromPath[str]) -> Response[str]:
    """What the new one is to be called."""
    return _naming(request, kind_at(plural), "", request.query_params.get("copy", "")[:200])


@post("/{plural:str}/new", opt=EDITOR, include_in_schema=False)
async def make(request: AnyRequest, plural: FromPath[str]) -> Response[Any]:
    """Begins a draft, from a copy or from the least that there can be."""
    kind, desk, form = kind_at(plural), desk_of(request), form_of(request)
    name, copied = (((form.get(field) or [""])[0]).strip()[:200] for field in ("name", "copied"))
    identity = new_id(name)
    if not identity:
        problem = "Give it a name with at least one letter or digit."
        return _naming(request, kind, name, copied, problem, 422)
    opened = await desk.work.opened(kind, identity)
    if opened.document is not None:
        problem = f"There is one called '{identity}' already: choose another name, or change that one."
        return _naming(request, kind, name, copied, problem, 409)
    document = dict(kind.first)
    if copied:
        source = (await desk.work.opened(kind, copied)).document
        document = dict(source) if source else document
    for field in ("headline", "name"):
        if field in document:
            document[field] = name
            break
    await desk.work.save(kind, identity, document, signed(request).member.name, revision=0, base="")
    return go(
        request, f"/studio/{plural}/{identity}", "A draft is begun. Nothing of it is at work until it is published."
    )


@get("/{plural:str}/{identity:str}", opt=VIEWER, include_in_schema=False)
async def document(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[str]:
    """The document in its form; who may not write reads it there."""
    kind, desk = kind_at(plural), desk_of(request)
    opened = await desk.work.opened(kind, identity)
    if opened.document is None and identity == kind.single:
        return await page_of(request, kind, opened, dict(kind.first))
    if opened.document is None:
        raise Fault(404, f"There is no {kind.kind} '{identity}', neither at work nor as a draft.")
    return await page_of(request, kind, opened, opened.document)


@post("/{plural:str}/{identity:str}", opt=EDITOR, include_in_schema=False)
async def save(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[Any]:
    """Saves the draft, mistakes and all, and says each of them at its field."""
    kind, desk, form = kind_at(plural), desk_of(request), form_of(request)
    mine = await _document(request, kind, form)
    deed = (form.get("do") or [""])[0]
    if deed:
        done_to(mine, await desk.schema(kind), deed)
        return await page_of(request, kind, await desk.work.opened(kind, identity), mine, form=form)
    revision, base = _based_on(request, form)
    try:
        saved = await desk.work.save(kind, identity, mine, signed(request).member.name, revision=revision, base=base)
    except Clash as clash:
        return clash_page(request, kind, identity, clash)
    if (form.get("then") or [""])[0] == "preview":
        mail = kind.previewed == "email"
        there = f"email/{identity}?draft=1" if mail else f"?draft={kind.kind}/{identity}"
        return go(request, f"/studio/preview{'/' if mail else ''}{there}")
    return go(request, f"/studio/{plural}/{identity}", said_of_saving(saved))


@post("/{plural:str}/{identity:str}/form", opt=EDITOR, include_in_schema=False)
async def redraw(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[str]:
    """The form again after one of its buttons: an entry added, dropped or moved."""
    kind, desk, form = kind_at(plural), desk_of(request), form_of(request)
    mine = await _document(request, kind, form)
    done_to(mine, await desk.schema(kind), (form.get("do") or [""])[0])
    return fragment(request, "documents/form.html", **await _form_view(request, kind, identity, mine, form=form))


@post("/{plural:str}/{identity:str}/condition", opt=EDITOR, include_in_schema=False)
async def condition(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[str]:
    """One condition again, with the comparisons and values that suit the attribute chosen in it."""
    place = request.query_params.get("place", "")[:400]
    rule = rule_at(form_of(request), place)
    if rule is None or "field" not in rule:
        raise Fault(404, "This condition is not there any more.")
    return fragment(
        request, "documents/condition.html", node=node_of(place, rule, top=False),
        base_url=f"/studio/{kind_at(plural).plural}/{quote(identity, safe='')}",
        suggestions=await suggestions(desk_of(request), rule),
    )  # fmt: skip


@post("/{plural:str}/{identity:str}/reach", opt=EDITOR, include_in_schema=False)
async def reach(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[str]:
    """The rule as it stands in English, and how many customers it reaches now."""
    place = request.query_params.get("place", "rule")[:400]
    again = f"/studio/{kind_at(plural).plural}/{quote(identity, safe='')}/reach?place={quote(place, safe='')}"
    found = await reached(request, rule_at(form_of(request), place))
    return fragment(request, "documents/reach.html", again=again, **found)


async def reached(request: AnyRequest, rule: Any) -> dict[str, Any]:
    """What a template says of whom a rule reaches."""
    part, whole = countable(rule)
    view: dict[str, Any] = {"sentence": said(rule), "whole": whole, "count": None, "problem": ""}
    try:
        query = CountQuery(rule=msgspec.Raw(msgspec.json.encode(part)))
        view["count"] = await desk_of(request).asker.ask(COUNT, query)
    except Fault as fault:
        view["problem"] = fault.problems[0].sentence if fault.problems else fault.sentence
    return view


async def page_of(
    request: AnyRequest,
    kind: Kind,
    opened: Opened,
    shown: dict[str, Any],
    *,
    form: Form | None = None,
    problem: str = "",
) -> Response[str]:
    """The whole page of a document."""
    identity = opened.key.partition("/")[2]
    view = await _form_view(request, kind, identity, shown, form=form, opened=opened)
    row = (await desk_of(request).at_work()).row(kind.kind, identity)
    state = row.state(time.time()) if row and opened.live else "new"
    title = kind.title if kind.single else row.title if row else title_of(kind, shown) or identity
    return answer(
        request, "documents/document.html", 422 if problem else 200, opened=opened, state=state, states=STATES,
        now=time.time(), problem=problem, title=title, **view,
    )  # fmt: skip


async def _form_view(
    request: AnyRequest,
    kind: Kind,
    identity: str,
    shown: dict[str, Any],
    *,
    form: Form | None = None,
    opened: Opened | None = None,
) -> dict[str, Any]:
    desk = desk_of(request)
    schema = await desk.schema(kind)
    # What is at work has passed its owner's check already.
    unchanged = form is None and opened is not None and opened.draft is None and opened.live is not None
    checked = Applied() if unchanged else await desk.work.check(kind, identity, shown)
    found = mistakes(checked.problems)
    held = form or {}
    revision = (held.get("revision") or [str(opened.revision if opened else 0)])[0]
    base = (held.get("base") or [opened.base if opened else ""])[0]
    return {
        "kind": kind,
        "identity": identity,
        "groups": fields_of(kind, schema, shown, found),
        "mistakes": found,
        "notes": checked.notes,
        "revision": revision,
        "base": base,
        "suggestions": await suggestions(desk, shown),
        "attributes": ATTRIBUTES,
        "node_of": node_of,
        "said_of": said,
        "hidden": {name: shown[name] for name in kind.hidden if name in shown},
    }


async def _document(request: AnyRequest, kind: Kind, form: Form) -> dict[str, Any]:
    schema = await desk_of(request).schema(kind)
    kept = {}
    for name in kind.hidden:
        text = (form.get(f"kept.{name}") or [""])[0]
        if text:
            kept[name] = msgspec.json.decode(text)
    return document_from(schema, form, kept)


def _based_on(request: AnyRequest, form: Form) -> tuple[int, str]:
    """On what the form was written: the draft's revision and the digest of what was shown (`If-Match: 7.3f2a...`)."""
    matched = request.headers.get("if-match", "").strip().strip('"')
    if matched:
        revision, _, base = matched.partition(".")
    else:
        revision, base = ((form.get(name) or [""])[0] for name in ("revision", "base"))
    return (int(revision) if revision.isascii() and revision.isdigit() else 0), base


def _naming(
    request: AnyRequest, kind: Kind, name: str, copied: str, problem: str = "", status: int = 200
) -> Response[str]:
    return answer(
        request, "documents/new.html", status, kind=kind, title=f"New: {kind.one}", problem=problem, name=name,
        copied=copied,
    )  # fmt: skip


HANDLERS = (listing, begin, make, document, save, redraw, condition, reach)
