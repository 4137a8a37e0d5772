"""A page's payload as HTML: one template a slot type, every value escaped for its place.

Whole, as a page that stands by itself; a slot at a time, with the style that it needs, to be put into another page; or
with tags in place of what may be cached for everybody, which an edge server fills in (edge-side includes).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import minijinja
import msgspec

from tailorbird.assembler.wording.cleaning import cleaned
from tailorbird.assembler.wording.links import markup, safe_url
from tailorbird.assembler.wording.saying import said
from tailorbird.contracts.assembler import PagePayload
from tailorbird.wording.locales import money

__all__ = ["PageRenderer"]

STEPS = 2_000_000
"""What the templates may do for one page; a loop without end stops here."""
_WHOLE_PAGES = frozenset({"page", "style", "card", "fragment", "scoped", "brief"})


class PageRenderer:
    """Renders with the templates of one folder: `page.html`, and `<slot type>.html` for each slot."""

    def __init__(self, templates: Path) -> None:
        self._types = frozenset(path.stem for path in templates.glob("*.html")) - _WHOLE_PAGES
        self._environment = minijinja.Environment(
            loader=minijinja.load_from_path([str(templates)]), fuel=STEPS, trim_blocks=True, lstrip_blocks=True
        )
        self._environment.add_filter("link", lambda url: markup(safe_url(url)))
        self._environment.add_filter("money", money)
        self._environment.add_filter("said", said)
        self._environment.add_filter("cleaned", lambda html: minijinja.safe(cleaned(html)))
        self._environment.add_template("scoped.html", scoped((templates / "style.html").read_text(encoding="utf-8")))

    def page(self, payload: PagePayload) -> str:
        """The whole page. A slot type without a template is left out."""
        return self._environment.render_template("page.html", **self._values(payload), includes={})

    def with_includes(self, payload: PagePayload, query: str) -> str:
        """The page with `<esi:include>` in place of each slot that is the same for everybody who gets this variant.

        `query`: parameters that its address needs besides, such as the channel and the language.
        """
        told = {"variant": payload.layout.variant, "v": payload.meta.layouts}
        if payload.experiments:
            told["variants"] = ",".join(f"{one.experiment_id}:{one.variant_id}" for one in payload.experiments)
        rest = "&".join(filter(None, (urlencode(told), query)))
        page = quote(payload.page, safe="")
        includes = {slot: f"/v1/pages/{page}/fragments/{quote(slot, safe='')}?{rest}" for slot in payload.shared}
        return self._environment.render_template("page.html", **self._values(payload), includes=includes)

    def fragment(self, payload: PagePayload) -> str:
        """The payload's slots alone, in an element that carries their theme, and their style."""
        values = self._values(payload)
        slots = [slot | {"html": self._inside(slot, values)} for slot in values["slots"]]
        return self._environment.render_template("fragment.html", **values | {"slots": slots}, styled=True)

    def fragments(self, payload: PagePayload) -> tuple[str, dict[str, str]]:
        """(their style, id -> HTML of each slot): a slot in which nothing stands is left out."""
        values = self._values(payload)
        found: dict[str, str] = {}
        for slot in values["slots"]:
            html = self._inside(slot, values)
            if html.strip():
                alone = values | {"slots": [slot | {"html": html}]}
                found[slot["id"]] = self._environment.render_template("fragment.html", **alone, styled=False)
        return self._environment.render_template("scoped.html", **values), found

    def brief(self, brief: Mapping[str, Any], payload: PagePayload) -> str:
        """What an agent reads, as a page."""
        values = {"theme": payload.layout.theme, "palette": payload.layout.theme["palette"], "locale": payload.locale}
        return self._environment.render_template("brief.html", brief=msgspec.to_builtins(brief), **values)

    def _inside(self, slot: dict[str, Any], values: dict[str, Any]) -> str:
        html: str = self._environment.render_template(f"{slot['type']}.html", slot=slot, **values)
        return minijinja.safe(html)

    def _values(self, payload: PagePayload) -> dict[str, Any]:
        slots: list[dict[str, Any]] = [msgspec.json.decode(slot) for slot in payload.slots]
        return {
            "payload": msgspec.to_builtins(msgspec.structs.replace(payload, slots=())),
            "theme": payload.layout.theme,
            "palette": payload.layout.theme["palette"],
            "slots": [slot for slot in slots if slot["type"] in self._types],
            "locale": payload.locale,
        }


def scoped(style: str) -> str:
    """The style sheet with every rule inside of `.tailorbird`, so that it changes nothing of the page around."""
    within = re.sub(r"(?m)(^|\})(\s*):root\{", r"\1\2&{", style)
    within = re.sub(r"(^|[}\n])(\s*)\*\{", r"\1\2& *{", within)
    within = re.sub(r"(^|[}\n])(\s*)body\b", r"\1\2&", within)
    return ".tailorbird{" + within + "}"
