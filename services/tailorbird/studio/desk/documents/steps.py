"""The steps of a document's way as buttons: propose, approve, publish, retire, undo; and its versions compared."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from tailorbird.contracts.wire import Fault
from tailorbird.studio.desk.access import AnyRequest, desk_of, form_of, signed
from tailorbird.studio.desk.documents.clashing import brought_together, clash_page
from tailorbird.studio.desk.documents.differences import differences
from tailorbird.studio.desk.documents.kinds import kind_at
from tailorbird.studio.desk.documents.opened import Clash
from tailorbird.studio.desk.documents.writing import page_of
from tailorbird.studio.desk.pages import answer, go

__all__ = ["HANDLERS"]

VIEWER: dict[str, Any] = {"role": "viewer"}
EDITOR: dict[str, Any] = {"role": "editor"}
APPROVER: dict[str, Any] = {"role": "approver"}


@post("/{plural:str}/{identity:str}/propose", opt=EDITOR, include_in_schema=False)
async def propose(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[Any]:
    """Says that the draft is ready; with mistakes the form says where."""
    kind, desk = kind_at(plural), desk_of(request)
    try:
        await desk.work.propose(kind, identity, signed(request).member, _one(request, "note"))
    except Fault as fault:
        if fault.code != 422:
            raise
        opened = await desk.work.opened(kind, identity)
        return await page_of(request, kind, opened, opened.document or {}, problem=fault.sentence)
    return go(request, f"/studio/{plural}/{identity}", "Proposed. An approver is needed now.")


@post("/{plural:str}/{identity:str}/approve", opt=APPROVER, include_in_schema=False)
async def approve(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[Any]:
    """Allows it to be published."""
    await desk_of(request).work.approve(kind_at(plural), identity, signed(request).member, _one(request, "note"))
    return go(request, f"/studio/{plural}/{identity}", "Approved. It can be published.")


@post("/{plural:str}/{identity:str}/send-back", opt=APPROVER, include_in_schema=False)
async def send_back(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[Any]:
    """A draft again, with the reason."""
    await desk_of(request).work.send_back(kind_at(plural), identity, signed(request).member, _one(request, "note"))
    return go(request, f"/studio/{plural}/{identity}", "Sent back as a draft.")


@post("/{plural:str}/{identity:str}/discard", opt=EDITOR, include_in_schema=False)
async def discard(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[Any]:
    """Forgets the draft."""
    kind, desk = kind_at(plural), desk_of(request)
    await desk.work.discard(kind, identity, signed(request).member)
    there = (await desk.work.opened(kind, identity)).live is not None
    return go(request, f"/studio/{plural}/{identity}" if there else f"/studio/{plural}", "The draft is discarded.")


@post("/{plural:str}/{identity:str}/publish", opt=APPROVER, include_in_schema=False)
async def publish(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[Any]:
    """Puts it to work; the next page knows it."""
    kind, desk = kind_at(plural), desk_of(request)
    try:
        version = await desk.work.publish(kind, identity, signed(request).member)
    except Clash as clash:
        return clash_page(request, kind, identity, clash, publishing=True)
    except Fault as fault:
        if fault.code != 422:
            raise
        opened = await desk.work.opened(kind, identity)
        return await page_of(request, kind, opened, opened.document or {}, problem=fault.sentence)
    return go(request, f"/studio/{plural}/{identity}", f"Published as version {version.number}. It is at work now.")


@post("/{plural:str}/{identity:str}/retire", opt=APPROVER, include_in_schema=False)
async def retire(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[Any]:
    """Takes it out of force."""
    await desk_of(request).work.retire(kind_at(plural), identity, signed(request).member, _one(request, "note"))
    return go(request, f"/studio/{plural}/{identity}/versions", "Retired. Undo puts it back.")


@post("/{plural:str}/{identity:str}/undo", opt=APPROVER, include_in_schema=False)
async def undo(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[Any]:
    """What was at work before is at work again."""
    version = await desk_of(request).work.undo(kind_at(plural), identity, signed(request).member)
    return go(request, f"/studio/{plural}/{identity}/versions", f"Undone: {version.note}.")


@post("/{plural:str}/{identity:str}/rewrite", opt=EDITOR, include_in_schema=False)
async def rewrite(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[Any]:
    """A draft as in an earlier version."""
    kind, number = kind_at(plural), _one(request, "number")
    wanted = int(number) if number.isascii() and number.isdigit() else 0
    await desk_of(request).work.rewrite(kind, identity, wanted, signed(request).member.name)
    return go(request, f"/studio/{plural}/{identity}", f"A draft says what version {wanted} said.")


@post("/{plural:str}/{identity:str}/together", opt=EDITOR, include_in_schema=False)
async def together(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[Any]:
    """Saves what whoever came second made of both writings."""
    kind, desk, form = kind_at(plural), desk_of(request), form_of(request)
    places = [name.removeprefix("place:") for name in form if name.startswith("place:") and form[name][-1] == "theirs"]
    who = signed(request).member.name
    try:
        mine = brought_together(_one(request, "mine").encode(), _one(request, "theirs").encode(), places)
        if _one(request, "publishing"):
            await desk.work.take_as_base(kind, identity, mine, who, _one(request, "base"))
        else:
            revision = int(_one(request, "revision") or 0)
            await desk.work.save(kind, identity, mine, who, revision=revision, base=_one(request, "base"))
    except Clash as clash:
        return clash_page(request, kind, identity, clash, publishing=bool(_one(request, "publishing")))
    except (msgspec.MsgspecError, ValueError) as error:
        raise Fault(400, "The form does not hold both writings any more: open the document again.") from error
    return go(request, f"/studio/{plural}/{identity}", "Both are brought together in the draft.")


@get("/{plural:str}/{identity:str}/versions", opt=VIEWER, include_in_schema=False)
async def versions(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[str]:
    """Every version, and two of them compared; the draft counts as one."""
    kind, desk = kind_at(plural), desk_of(request)
    opened = await desk.work.opened(kind, identity)
    if opened.document is None and not opened.versions:
        raise Fault(404, f"There is no {kind.kind} '{identity}', and there never was one here.")
    writings: dict[str, tuple[str, str]] = {
        str(one.number): (f"version {one.number}", one.body) for one in opened.versions
    }
    if opened.live and (not opened.versions or opened.versions[-1].body != opened.at_work_digest):
        writings["work"] = ("what is at work", "")
    if opened.draft:
        writings["draft"] = ("the draft", opened.draft.body)
    names = list(writings)
    other = request.query_params.get("other", names[-1] if names else "")
    one = request.query_params.get(
        "one", names[names.index(other) - 1] if other in names and names.index(other) else other
    )
    before, after = [await _said(request, opened.at_work, writings, name) for name in (one, other)]
    return answer(
        request, "documents/versions.html", kind=kind, identity=identity, opened=opened, one=one, other=other,
        writings={name: label for name, (label, _) in writings.items()}, title=f"Versions of {identity}",
        found=differences(before or {}, after or {}),
    )  # fmt: skip


async def _said(request: AnyRequest, at_work: Any, writings: dict[str, tuple[str, str]], name: str) -> Any:
    if name == "work":
        return at_work
    return await desk_of(request).work.said(writings[name][1]) if name in writings else None


def _one(request: AnyRequest, name: str) -> str:
    return (form_of(request).get(name) or [""])[0].strip()


HANDLERS = (propose, approve, send_back, discard, publish, retire, undo, rewrite, together, versions)
