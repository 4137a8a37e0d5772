"""E-mails as HTML and text: a template is compiled once, then only values are filled in, each escaped for its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import css_inline
import minijinja
import mrml
from msgspec import Struct

from tailorbird.assembler.layouts import Email
from tailorbird.assembler.links import Links, markup
from tailorbird.contracts.wire import Problem

__all__ = ["LARGEST", "Postman", "check_emails", "compiled_html"]

LARGEST = 102_000
"""Bytes of HTML above which Gmail cuts a mail off."""
STEPS = 500_000
"""What a template may do in one rendering; a loop without end stops here."""

VALUES = frozenset(
    {
        "subject", "preheader", "theme", "palette", "hero", "slots", "links", "first_name", "sender_name",
        "postal_address", "shop_url", "unsubscribe_url", "font", "loop",
    }
)  # fmt: skip
"""Names a template may use."""

_TAGS = frozenset(
    {
        "mjml", "mj-head", "mj-body", "mj-title", "mj-preview", "mj-attributes", "mj-all", "mj-class", "mj-style",
        "mj-breakpoint", "mj-wrapper", "mj-section", "mj-group", "mj-column", "mj-text", "mj-image", "mj-button",
        "mj-divider", "mj-spacer", "mj-table", "mj-navbar", "mj-navbar-link", "mj-hero",
    }
)  # fmt: skip
_TAG = re.compile(r"<\s*(mj[\w-]*)", re.IGNORECASE)
_FORBIDDEN = re.compile(
    r"<\s*(script|iframe|object|embed|form|link|meta|base|svg|math)\b|\bon\w+\s*=|javascript:|\|\s*safe\b"
    r"|\bautoescape\b|@import|\burl\s*\(",
    re.IGNORECASE,
)
# A loop stands in a comment where MJML allows no text; in the compiled HTML it comes out again.
_COMMENTED = re.compile(r"<!--\s*((?:\{%.*?%\}\s*)+)-->", re.DOTALL)
_STYLE = re.compile(r"<mj-style[^>]*>(.*?)</mj-style>", re.DOTALL | re.IGNORECASE)
_HEAD = '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'


def compiled_html(mjml: str) -> str:
    """The template as HTML, styles inlined, values still to be filled in. Raises ValueError with a sentence."""
    unknown = sorted({tag.lower() for tag in _TAG.findall(mjml)} - _TAGS)
    if unknown:
        raise ValueError(f"<{unknown[0]}> is not allowed in an e-mail; allowed are {', '.join(sorted(_TAGS))}.")
    forbidden = _FORBIDDEN.search(mjml)
    if forbidden:
        raise ValueError(f"'{forbidden.group(0)}' is not allowed in an e-mail's template.")
    try:
        html: str = mrml.to_html(mjml).content
    except Exception as error:
        raise ValueError(f"This is not MJML: {error}") from error
    # Only what the author wrote is inlined: MJML's own resets on every cell would make the mail three times as long.
    inliner = css_inline.CSSInliner(
        load_remote_stylesheets=False,
        inline_style_tags=False,
        keep_style_tags=True,
        extra_css="".join(_STYLE.findall(mjml)),
    )
    html = _COMMENTED.sub(r"\1", inliner.inline(html))
    return html.replace("</head>", f"{_HEAD}</head>", 1)


def check_emails(emails: Mapping[str, Email]) -> list[Problem]:
    """Every mistake in the templates: tags that are not allowed, values that there are not, broken syntax."""
    problems: list[Problem] = []
    environment = minijinja.Environment()
    for email_id, email in emails.items():
        path = f"email/{email_id} $.mjml"
        try:
            html = compiled_html(email.mjml)
            unknown = sorted(set(environment.undeclared_variables_in_str(html)) - VALUES)
        except ValueError as error:
            problems.append(Problem(path=path, sentence=str(error)))
            continue
        except minijinja.TemplateError as error:
            problems.append(Problem(path=path, sentence=f"The template cannot be read: {error}."))
            continue
        for name in unknown:
            sentence = f"There is no value `{name}`; there are {', '.join(sorted(VALUES))}."
            problems.append(Problem(path=path, sentence=sentence))
    return problems


class Letter(Struct, frozen=True):
    html: str
    text: str


class Postman:
    """Renders e-mails; templates are compiled when the documents change, not per mail."""

    def __init__(self, emails: Mapping[str, Email], links: Links, text_template: str) -> None:
        self._environment = minijinja.Environment(fuel=STEPS, trim_blocks=True, lstrip_blocks=True)
        self._environment.add_filter("link", lambda url: markup(links.absolute(url)))
        self._environment.add_filter("address", links.absolute)
        self._environment.add_filter("money", money)
        for email_id, email in emails.items():
            self._environment.add_template(f"{email_id}.html", compiled_html(email.mjml))
        self._environment.add_template("letter.txt", text_template)

    def letter(self, email_id: str, values: Mapping[str, Any]) -> Letter:
        """HTML and text of this e-mail with these values."""
        html = self._environment.render_template(f"{email_id}.html", **values)
        text = self._environment.render_template("letter.txt", **values)
        return Letter(html, _tidy(text))


def money(amount: object, currency: str = "USD") -> str:
    """A price as people read it: $2.49."""
    if not isinstance(amount, (int, float)):
        return ""
    sign = {"USD": "$", "EUR": "€", "GBP": "£"}.get(currency)
    return f"{sign}{amount:,.2f}" if sign else f"{amount:,.2f} {currency}"


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"
