"""Signing in and out, and one's own password."""

from __future__ import annotations

import re
import time
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from tailorbird.contracts.wire import Fault
from tailorbird.studio.desk.access import ANYBODY, COOKIE, AnyRequest, desk_of, form_of, signed
from tailorbird.studio.desk.pages import answer, go
from tailorbird.studio.desk.people.carrying import Carried, carried_from
from tailorbird.studio.desk.people.members import SESSION_DAYS
from tailorbird.studio.desk.people.passwords import matches

__all__ = ["HANDLERS", "asked_to_enter"]

TRIES = 8
WITHIN = 900.0
"""So many wrong passwords within so many seconds, for one name from one address; then one has to wait."""
_MOST_HELD = 10_000


@get("/enter", opt={"role": ANYBODY}, include_in_schema=False)
async def enter(request: AnyRequest) -> Response[str]:
    """The form to sign in with."""
    return answer(request, "people/enter.html", next=_next(request.query_params.get("next", "")), name="", problem="")


@post("/enter", opt={"role": ANYBODY}, include_in_schema=False)
async def sign_in(request: AnyRequest) -> Response[Any]:
    """Begins a session, or says that name or password is wrong."""
    form, desk = form_of(request), desk_of(request)
    name, password = (_one(form, field) for field in ("name", "password"))
    name = name.strip().lower()
    there, kept = _next(_one(form, "next")), carried_from(_one(form, "carried"))
    key = (name[:80], request.client.host if request.client else "")
    tried = request.app.state["desk_tries"]
    if not _may_try(tried, key):
        raise Fault(429, "Too many wrong passwords: wait a quarter of an hour, or ask an admin for a new one.")
    member = await desk.members.get(name)
    if not await matches(member.password if member and member.active else None, password):
        tried.setdefault(key, []).append(time.monotonic())
        problem = "Name or password is wrong."
        return answer(request, "people/enter.html", 401, next=there, name=name[:80], problem=problem, kept=kept)
    tried.pop(key, None)
    await desk.sessions.end(request.cookies.get(COOKIE, ""))
    token = await desk.sessions.begin(name)
    made: Response[Any] = Redirect(there, status_code=303)
    if kept is not None and (session := await desk.sessions.get(token)) is not None:
        made = answer(request, "people/again.html", title="Signed in again", kept=kept, csrf=session.csrf)
    made.set_cookie(_cookie(request, token, int(SESSION_DAYS * 86_400)))
    return made


def asked_to_enter(request: AnyRequest, kept: Carried) -> Response[str]:
    """The form to sign in with for whoever sent another one without being signed in any more: it is kept in it."""
    problem = "You are signed out by now. Sign in again: what you wrote is kept, and you can go on with it."
    return answer(request, "people/enter.html", 401, next="/studio", name="", problem=problem, kept=kept)


@post("/leave", opt={"role": "viewer"}, include_in_schema=False)
async def leave(request: AnyRequest) -> Redirect:
    """Ends the session."""
    await desk_of(request).sessions.end(signed(request).token)
    made = go(request, "/studio/enter")
    made.set_cookie(_cookie(request, "", 0))
    return made


@get("/me", opt={"role": "viewer"}, include_in_schema=False)
async def me(request: AnyRequest) -> Response[str]:
    """Who one is here."""
    return answer(request, "people/me.html", title="You", problem="")


@post("/me/password", opt={"role": "viewer"}, include_in_schema=False)
async def new_password(request: AnyRequest) -> Response[Any]:
    """A new password; every other browser is signed out."""
    form, desk, who = form_of(request), desk_of(request), signed(request)
    if not await matches(who.member.password, _one(form, "old")):
        return answer(request, "people/me.html", 422, title="You", problem="Your present password is another one.")
    try:
        await desk.members.change(who.member.name, password=_one(form, "new"))
    except Fault as fault:
        return answer(request, "people/me.html", 422, title="You", problem=fault.sentence)
    ended = await desk.sessions.end_all_of(who.member.name, but=who.token)
    await desk.audit.note(who.member.name, "changed", f"member/{who.member.name}", note="a new password of their own")
    return go(request, "/studio/me", f"Your password is changed. {ended} other session(s) ended.")


def _one(form: dict[str, list[str]], name: str) -> str:
    return (form.get(name) or [""])[0]


def _next(text: str) -> str:
    """A page of the studio to go to; never another site."""
    return text if re.fullmatch(r"/studio(/[\w.%~/-]*)?", text) and "//" not in text else "/studio"


def _may_try(tried: dict[Any, list[float]], key: Any) -> bool:
    if len(tried) > _MOST_HELD:
        tried.clear()
    since = time.monotonic() - WITHIN
    recent = [at for at in tried.get(key, ()) if at > since]
    if recent:
        tried[key] = recent
    return len(recent) < TRIES


def _cookie(request: Request[Any, Any, Any], token: str, age: int) -> Cookie:
    secure = request.url.scheme == "https"
    return Cookie(COOKIE, value=token, path="/studio", max_age=age, httponly=True, samesite="lax", secure=secure)


HANDLERS = (enter, sign_in, leave, me, new_password)
