"""Who may enter the studio, and the log of every change: for admins."""

from __future__ import annotations

import time
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from tailorbird.contracts.wire import Fault
from tailorbird.studio.desk.access import AnyRequest, desk_of, form_of, signed
from tailorbird.studio.desk.documents.differences import differences
from tailorbird.studio.desk.pages import answer, go
from tailorbird.studio.desk.people.passwords import a_password
from tailorbird.studio.desk.people.roles import ROLES, said_of

__all__ = ["HANDLERS"]

ADMIN: dict[str, Any] = {"role": "admin"}
PAGE = 100


@get("/people", opt=ADMIN, include_in_schema=False)
async def people(request: AnyRequest) -> Response[str]:
    """Everybody who may enter."""
    return await _people(request)


@post("/people", opt=ADMIN, include_in_schema=False)
async def let_in(request: AnyRequest) -> Response[Any]:
    """Lets somebody in; their first password is shown once."""
    desk, who = desk_of(request), signed(request).member
    name, role, shown = (_one(request, field) for field in ("name", "role", "shown"))
    password = a_password()
    try:
        member = await desk.members.add(name, role, password, shown)  # type: ignore[arg-type]
    except Fault as fault:
        return await _people(request, problem=fault.sentence, status=fault.code)
    await desk.audit.note(who.name, "added", f"member/{member.name}", note=f"as {member.role}")
    return await _people(request, told=(member.name, password))


@post("/people/{name:str}", opt=ADMIN, include_in_schema=False)
async def change(request: AnyRequest, name: FromPath[str]) -> Response[Any]:
    """Another role, in or out, a new password; whoever is changed has to sign in again."""
    desk, who, deed = desk_of(request), signed(request).member, _one(request, "deed")
    password = a_password() if deed == "password" else ""
    role = _one(request, "role")
    if deed == "role" and role not in ROLES:
        raise Fault(422, f"There is no role '{role}'.")
    changed = await desk.members.change(
        name,
        role=role if deed == "role" else None,  # type: ignore[arg-type]
        active={"out": False, "in": True}.get(deed),
        password=password,
    )
    await desk.sessions.end_all_of(name, but=signed(request).token)
    notes = {"role": f"is {changed.role} now", "out": "may not enter any more", "in": "may enter again"}
    await desk.audit.note(who.name, "changed", f"member/{name}", note=notes.get(deed, "a new password"))
    if password:
        return await _people(request, told=(name, password))
    return go(request, "/studio/people", f"{name} {notes.get(deed, '')}.")


@get("/changes", opt=ADMIN, include_in_schema=False)
async def changes(request: AnyRequest) -> Response[str]:
    """The log, latest first, of one document or one person if wanted."""
    desk = desk_of(request)
    what, who = (request.query_params.get(name, "")[:250] for name in ("what", "who"))
    skip = request.query_params.get("skip", "0")
    skipped = int(skip) if skip.isascii() and skip.isdigit() else 0
    found = await desk.audit.latest(PAGE + 1, what, who, skipped)
    return answer(
        request, "people/changes.html", title="Changes", changes=found[:PAGE], more=len(found) > PAGE, skip=skipped,
        page=PAGE, what=what, who=who, now=time.time(),
    )  # fmt: skip


@get("/changes/compared", opt=ADMIN, include_in_schema=False)
async def compared(request: AnyRequest) -> Response[str]:
    """How a document was before a change and after it."""
    work = desk_of(request).work
    before, after = [await work.said(request.query_params.get(name, "")[:80]) for name in ("before", "after")]
    return answer(request, "documents/compared.html", title="A change", found=differences(before or {}, after or {}))


async def _people(
    request: AnyRequest, *, told: tuple[str, str] | None = None, problem: str = "", status: int = 200
) -> Response[str]:
    members = await desk_of(request).members.all()
    roles = [(role, said_of(role)) for role in ROLES]
    return answer(
        request, "people/people.html", status, title="People", members=members, roles=roles, told=told, problem=problem
    )


def _one(request: AnyRequest, name: str) -> str:
    return (form_of(request).get(name) or [""])[0].strip()


HANDLERS = (people, let_in, change, changes, compared)
