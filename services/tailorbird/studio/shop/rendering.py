"""Views made into HTML: minijinja templates, everything escaped, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from litestar import Response
from minijinja import Environment

from tailorbird.studio.shop.view import day, last_day, link, picture, why_url
from tailorbird.wording.locales import money

__all__ = ["Templates", "email_frame", "for_a_look", "page"]

_SHOP_POLICY = (
    "default-src 'none'; img-src 'self' data: https:; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
# An e-mail brings its styles in its elements, and may do nothing else; links open beside the shop.
_EMAIL_POLICY = (
    "default-src 'none'; img-src data: http: https:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_COMMON = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
_PIXEL = re.compile(r'<img src="[^"]*/v1/mail/open/[^>]*>')
_DARK = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)")


class Templates:
    """The shop's templates, read once."""

    def __init__(self, folder: Path) -> None:
        sources = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.html"))}
        self._environment = Environment(templates=sources, trim_blocks=True, lstrip_blocks=True)
        for filter_ in (money, day, last_day, picture, link):
            self._environment.add_filter(filter_.__name__, filter_)
        self._environment.add_global("why_url", why_url)

    def render(self, template: str, **view: Any) -> str:
        return self._environment.render_template(template, **view)


def page(html: str, nonce: str, status_code: int = 200) -> Response[str]:
    """A page of the shop, with a policy under which only the shop's own files run."""
    policy = _SHOP_POLICY.format(nonce=nonce)
    return Response(
        html, status_code=status_code, media_type="text/html; charset=utf-8",
        headers=_COMMON | {"Content-Security-Policy": policy},
    )  # fmt: skip


def email_frame(html: str) -> Response[str]:
    """An e-mail's HTML for a frame in the shop."""
    return Response(
        html, media_type="text/html; charset=utf-8", headers=_COMMON | {"Content-Security-Policy": _EMAIL_POLICY}
    )


def for_a_look(html: str, *, dark: bool) -> str:
    """An e-mail as it looks to somebody who prefers this, whatever whoever looks prefers; their look is no opening."""
    return _PIXEL.sub("", _DARK.sub("@media all" if dark else "@media not all", html))
