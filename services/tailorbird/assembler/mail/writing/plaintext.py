"""The text part's template, derived once from the MJML: what a reader without pictures and colours should read."""

from __future__ import annotations

import html
import re

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

__all__ = ["text_template", "tidied"]

LARGE = 20
"""Pixels from which on a line is a heading."""

_PART = re.compile(
    r"<!--(?P<comment>.*?)-->"
    r"|<mj-(?P<tag>text|button|table|navbar-link)\b(?P<attributes>[^>]*)>(?P<inner>.*?)</mj-(?P=tag)>"
    r"|<mj-divider\b[^>]*>(?P<rule>)|</mj-column>(?P<end>)",
    re.DOTALL | re.IGNORECASE,
)
_STATEMENTS = re.compile(r"\{%.*?%\}", re.DOTALL)
_TEMPLATED = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_ANCHOR = re.compile(r"<a\b[^>]*?\bhref=\"([^\"]*)\"[^>]*>(.*?)</a>", re.DOTALL | re.IGNORECASE)
_HREF = re.compile(r"\bhref=\"([^\"]*)\"", re.IGNORECASE)
_SIZE = re.compile(r"\bfont-size=\"(\d+)px\"", re.IGNORECASE)
_MARK = re.compile("\ue000(\\d+)\ue001")
_LINKED = re.compile(r"\s*\{\{\s*([^{}|]+?)\s*\|\s*link\s*\}\}\s*")
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"].copy())


def text_template(mjml: str) -> str:
    """The template of the text part: the words, each link's address behind them, loops and conditions as they stand."""
    body = mjml[max(0, mjml.find("<mj-body")) :]
    return "".join(_part(match) for match in _PART.finditer(body))


def tidied(text: str) -> str:
    """The text without blanks at the ends of lines and with one empty line at most between paragraphs."""
    lines = "\n".join([line.rstrip() for line in text.split("\n")])
    # A campaign does this for each mail, and a pattern takes half as long again.
    while "\n\n\n" in lines:
        lines = lines.replace("\n\n\n", "\n\n")
    return lines.strip("\n") + "\n"


def _part(match: re.Match[str]) -> str:
    comment, tag = match.group("comment"), (match.group("tag") or "").lower()
    if comment is not None:
        return "".join(f"{statement}\n" for statement in _STATEMENTS.findall(comment))
    if not tag:
        return "\n" if match.group("end") is not None else "\n--\n"
    words = _words(match.group("inner"))
    attributes = match.group("attributes")
    if tag in {"button", "navbar-link"}:
        href = _HREF.search(attributes)
        return f"\n{words}{_behind(href.group(1)) if href else ''}\n\n"
    size = _SIZE.search(attributes)
    if tag == "text" and size and int(size.group(1)) >= LARGE:
        return f"\n\n== {words} ==\n\n"
    # minijinja takes a statement's line break away with it.
    return f"{words}\n\n" if words.endswith("%}") else f"{words}\n"


def _behind(address: str) -> str:
    """An address as it stands behind its words: a colon and the address, or nothing where there is none."""
    linked = _LINKED.fullmatch(address)
    return f"{{{{ {linked.group(1)} | behind }}}}" if linked else f": {address}"


def _words(inner: str) -> str:
    """The words of a piece of HTML; what minijinja fills in stays as it stands."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(html.unescape(match.group(0)))
        return f"\ue000{len(kept) - 1}\ue001"

    spelled = _ANCHOR.sub(lambda anchor: f"{anchor.group(2)}{_behind(anchor.group(1))}", inner)
    plain = get_text(_TEMPLATED.sub(keep, spelled), _CONFIG).strip()
    return _MARK.sub(lambda mark: kept[int(mark.group(1))], plain)
