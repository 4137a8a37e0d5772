"""The studio's pages: templates made into HTML, everything escaped, under a policy that runs its own files only."""

from __future__ import annotations

import gzip
import hashlib
import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Response
from litestar.response import Redirect
from minijinja import Environment

from tailorbird.studio.desk.access import AnyRequest, signed
from tailorbird.studio.desk.documents.differences import plain
from tailorbird.studio.desk.documents.kinds import KINDS
from tailorbird.studio.desk.forms.fields import words
from tailorbird.studio.desk.wording import day_of, lasting, moment_of

__all__ = ["SAID", "Front", "Pages", "answer", "fragment", "go"]

SAID = "studio_said"
"""Cookie with the sentence that the next page says once."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; "
    "font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_SMALL = 2_000
"""Bytes under which a page goes as it is."""
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_FETCHED = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "uplot.js": "uplot/dist/uPlot.iife.min.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
}
"""Front-end libraries, as npm puts them; without them the pages do with whole pages and no plots."""


class Front:
    """The files that pages bring to a browser, each under a name that changes with what is in it."""

    def __init__(self, own: Path, fetched: Path) -> None:
        paths = {path.name: path for path in sorted(own.iterdir()) if path.suffix in _TYPES}
        paths |= {name: fetched / path for name, path in _FETCHED.items() if (fetched / path).exists()}
        self._files = {name: path.read_bytes() for name, path in paths.items()}
        self._marks = {name: hashlib.sha256(content).hexdigest()[:10] for name, content in self._files.items()}

    def url(self, name: str) -> str:
        """Its address, empty where it is not there."""
        return f"/studio/static/{self._marks[name]}/{name}" if name in self._marks else ""

    def get(self, name: str) -> tuple[bytes, str] | None:
        """What is in it, and its type."""
        found = self._files.get(name)
        return (found, _TYPES["." + name.rpartition(".")[2]]) if found is not None else None


class Pages:
    """The templates, read once."""

    def __init__(self, folder: Path, front: Front) -> None:
        paths = sorted(folder.rglob("*.html"))
        sources = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}
        self._environment = Environment(templates=sources, trim_blocks=True, lstrip_blocks=True)
        filters: dict[str, Any] = {
            "when": _when, "iso": _iso, "number": _number, "percent": _percent, "words": words, "plain": plain,
            "quoted": _quoted, "json": _json, "local": _local, "offset": _offset, "anchor": _anchor,
            "ago": _ago,
            "hint": _hint,
            "plainly": _plainly,
            "moment": moment_of,
            "lasting": lasting,
            "day": day_of,
            "coded": _coded,
        }  # fmt: skip
        for name, function in filters.items():
            self._environment.add_filter(name, function)
        self._environment.add_global("front", front.url)
        self._environment.add_global("kinds", [{"plural": kind.plural, "title": kind.title} for kind in KINDS])

    def render(self, template: str, view: Mapping[str, Any]) -> str:
        return self._environment.render_template(template, **view)


def answer(request: AnyRequest, template: str, status: int = 200, **view: Any) -> Response[str]:
    """The page, with who is signed in and what is to be said once."""
    who = request.scope["state"].get("studio_signed")
    said = request.cookies.get(SAID, "")[:300]
    shared = {
        "me": who.member if who else None,
        "csrf": who.csrf if who else "",
        "may": {role: who.may(role) for role in ("editor", "approver", "admin")} if who else {},
        "said": _unquoted(said),
        "path": request.url.path,
        "look": request.cookies.get("studio_look", ""),
        "demo": request.app.state["settings"].demo,
    }
    rendered = request.app.state["desk_pages"].render(template, {**shared, **view})
    made = _html(request, rendered, status)
    if said:
        made.delete_cookie(SAID, path="/studio")
    return made


def fragment(request: AnyRequest, template: str, **view: Any) -> Response[str]:
    """Part of a page, for htmx to put in its place."""
    who = signed(request)
    shared = {"csrf": who.csrf, "me": who.member, "may": {r: who.may(r) for r in ("editor", "approver", "admin")}}
    rendered = request.app.state["desk_pages"].render(template, {**shared, **view})
    return _html(request, rendered, 200)


def _html(request: AnyRequest, rendered: str, status: int) -> Response[Any]:
    """The page, made small on its way where that saves something: a layout's form has half a million letters."""
    headers, content = {**HEADERS, "Vary": "Accept-Encoding"}, rendered.encode()
    if len(content) >= _SMALL and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, compresslevel=3, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(content, status_code=status, media_type="text/html; charset=utf-8", headers=headers)


def go(request: AnyRequest, path: str, said: str = "") -> Redirect:
    """To another page of the studio, which says this once."""
    made = Redirect(path, status_code=303)
    if said:
        secure = request.url.scheme == "https"
        made.set_cookie(
            SAID, quote(said[:300], safe=""), path="/studio", max_age=30, httponly=True, samesite="lax", secure=secure
        )
    return made


def _unquoted(text: str) -> str:
    from urllib.parse import unquote

    return unquote(text)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%-d %b %Y, %H:%M")


def _ago(at: float, now: float) -> str:
    seconds = max(0.0, now - at)
    for size, name in ((86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count != 1 else ''} ago"
    return "just now"


def _number(value: Any, digits: int = 0) -> str:
    return f"{value:,.{digits}f}" if isinstance(value, (int, float)) else str(value)


def _percent(value: Any, digits: int = 1) -> str:
    return f"{value * 100:.{digits}f} %" if isinstance(value, (int, float)) else str(value)


def _quoted(text: Any) -> str:
    return quote(str(text), safe="")


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _local(text: Any) -> str:
    """An ISO 8601 time without its offset, as a field for day and hour wants it."""
    found = re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", str(text or ""))
    return found.group() if found else ""


def _offset(text: Any) -> str:
    found = re.search(r"(Z|[+-]\d\d:\d\d)$", str(text or ""))
    return found.group() if found else ("" if text else "Z")


def _anchor(text: Any) -> str:
    return re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-")


def _hint(text: Any) -> str:
    """What an owner wrote beside a field, for who reads no code: `percent_off` becomes its words in quotes."""
    return re.sub(r"`([^`]*)`", lambda found: f"“{found.group(1).replace('_', ' ')}”", str(text))


def _coded(text: Any) -> str:
    """Escaped HTML in which what stood in backticks is set as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(str(text)))


def _plainly(value: Any) -> str:
    """A number without a needless `.0`; what is no number as it is."""
    return "" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value)
