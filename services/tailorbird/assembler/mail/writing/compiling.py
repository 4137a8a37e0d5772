"""An e-mail's MJML as templates of HTML and text: checked when it is saved, made once, with the first letter."""

from __future__ import annotations

import re
from collections.abc import Mapping

import css_inline
import minijinja
import mrml
from msgspec import Struct

from tailorbird.assembler.layouts.document import Email
from tailorbird.assembler.mail.writing.plaintext import text_template
from tailorbird.contracts.wire import Problem

__all__ = ["FILTERS", "LARGEST", "VALUES", "Compiled", "check_emails", "compiled", "compiled_html"]

LARGEST = 102_000
"""Bytes of HTML above which Gmail cuts a mail off."""

VALUES = frozenset(
    {
        "subject", "preheader", "theme", "palette", "hero", "slots", "links", "first_name", "sender_name",
        "postal_address", "shop_url", "unsubscribe_url", "preferences_url", "font", "loop",
    }
)  # fmt: skip
"""Names a template may use."""
FILTERS = ("link", "picture", "address", "money")
"""What a template may do with a value beside what minijinja brings."""

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
_PICTURE = re.compile(r'(\bsrc="\{\{[^{}"]*?\|\s*)link(\s*\}\})')
_SPACE = re.compile(r">\s*\n\s*<")
_BEYOND_ASCII = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|<style\b.*?</style>)|[^\x00-\x7f]", re.DOTALL | re.IGNORECASE)


class Compiled(Struct, frozen=True):
    """An e-mail's templates, values still to be filled in."""

    html: str
    text: str


def compiled(mjml: str) -> Compiled:
    """Both templates. Raises ValueError with a sentence."""
    return Compiled(compiled_html(mjml), text_template(mjml))


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
    # A picture's address is no link that anybody follows, and must be one that mail programs show.
    html = _PICTURE.sub(r"\1picture\2", html)
    html = _SPACE.sub("><", html.replace("</head>", f"{_HEAD}</head>", 1))
    # One thin space of MJML's own doubles a mail in memory, and every pass over it costs thrice as much.
    return _BEYOND_ASCII.sub(lambda found: found.group(1) or f"&#{ord(found.group(0))};", html)


def check_emails(emails: Mapping[str, Email]) -> list[Problem]:
    """Every mistake in the templates: tags that are not allowed, values that there are not, broken syntax."""
    problems: list[Problem] = []
    environment = minijinja.Environment()
    for email_id, email in emails.items():
        path = f"email/{email_id} $.mjml"
        try:
            made = compiled(email.mjml)
            names = {*environment.undeclared_variables_in_str(made.html)}
            names |= {*environment.undeclared_variables_in_str(made.text)}
        except ValueError as error:
            problems.append(Problem(path=path, sentence=str(error)))
            continue
        except minijinja.TemplateError as error:
            problems.append(Problem(path=path, sentence=f"The template cannot be read: {error}."))
            continue
        for name in sorted(names - VALUES):
            sentence = (
                f"There is no value `{name}`; there are {', '.join(sorted(VALUES))}. A merge tag of another system "
                f"is kept when it stands as {{% raw %}}{{{{ {name} }}}}{{% endraw %}}."
            )
            problems.append(Problem(path=path, sentence=sentence))
    return problems
