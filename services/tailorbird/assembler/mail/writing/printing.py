"""Letters: HTML and text of an e-mail for one recipient, each value escaped for its place."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

import minijinja
from msgspec import Struct

from tailorbird.assembler.layouts.document import Email, EmailVariant
from tailorbird.assembler.layouts.theme import theme_shown
from tailorbird.assembler.mail.hearing.clicks import Clicks
from tailorbird.assembler.mail.writing.compiling import LARGEST, compiled
from tailorbird.assembler.mail.writing.mergetags import neutral
from tailorbird.assembler.mail.writing.pieces import Pieces, folded, slot_values
from tailorbird.assembler.mail.writing.plaintext import tidied
from tailorbird.assembler.wording.links import Links, markup
from tailorbird.contracts.wire import Fault
from tailorbird.wording.locales import money

__all__ = ["Letter", "Press", "To"]

STEPS = 500_000
"""What a template may do in one rendering; a loop without end stops here."""
FONTS = {
    # Double quotes would end the attribute of a style.
    "sans": "Helvetica, Arial, sans-serif",
    "serif": "Georgia, 'Times New Roman', serif",
    "rounded": "'Trebuchet MS', Verdana, sans-serif",
    "condensed": "'Arial Narrow', Arial, sans-serif",
}
"""Mail programs know few typefaces."""

LOOKS_KEPT = 500

_HERE = "\x01"
"""Stands for what a mail's own tracked links begin with, so that a rendered item serves many mails."""
_PIXEL = "\x02"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_VECTOR = re.compile(r"\.svg(?=$|[?#])", re.IGNORECASE)


class Letter(Struct, frozen=True):
    html: str
    text: str


class To(Struct, frozen=True):
    """For whom a letter is, as far as it says so."""

    decision_id: str
    person: str
    first_name: str
    subject: str
    preheader: str
    unsubscribe_url: str
    preferences_url: str


class Press:
    """Prints letters. An e-mail's templates are compiled with its first letter: of many, few are written after a start
    or a change, and each takes 25 ms in which no page is made.
    """

    def __init__(self, emails: Mapping[str, Email], links: Links, clicks: Clicks) -> None:
        self._emails = dict(emails)
        self._links = links
        self._clicks = clicks
        self._forms: dict[str, _Form] = {}

    def letter(self, email_id: str, variant: EmailVariant, slots: Sequence[bytes], to: To) -> Letter:
        """HTML and text with these slots. Raises Fault(422) when mail programs would cut it off."""
        form = self._forms.get(email_id)
        if form is None:
            form = self._forms[email_id] = _Form(self._emails[email_id], self._links, self._clicks)
        html, text = form.fill(variant, slots, to)
        text = tidied(text)  # Before its links stand in it: they are most of its length.
        if form.track:
            prefix = self._clicks.prefix(email_id, to.decision_id, to.person)
            pixel = self._clicks.pixel(email_id, to.decision_id, to.person)
            html = _filled(html, prefix, pixel)
            text = _filled(text, prefix, pixel)
        if len(html) > LARGEST or (not html.isascii() and len(html.encode()) > LARGEST):
            raise Fault(422, f"The e-mail '{email_id}' is larger than {LARGEST // 1000} KB: show fewer items in it.")
        return Letter(html, text)


def _filled(part: str, prefix: str, pixel: str) -> str:
    """The part with this mail's own links, and its pixel after the last of them; joined, as replacing in 46 KB takes
    half as long again.
    """
    *before, last = part.split(_HERE)
    return prefix.join([*before, last.replace(_PIXEL, pixel, 1)])


def _clean(url: str) -> str:
    return url if url.isprintable() else _CONTROL.sub("", url)


class _Look(Struct, frozen=True):
    variant: EmailVariant
    """Kept, so that no other takes its place in memory, by which it is found."""
    name: str
    constants: dict[str, Any]


class _Form:
    """One e-mail's templates, a pair for each variant."""

    def __init__(self, email: Email, links: Links, clicks: Clicks) -> None:
        self.track = email.track
        self._email = email
        self._links = links
        self._clicks = clicks
        self._values: dict[bytes, Any] = {}
        self._numbers = itertools.count()
        environment = minijinja.Environment(fuel=STEPS, trim_blocks=True, lstrip_blocks=True)
        environment.add_filter("link", lambda url: markup(self._link(url)))
        environment.add_filter("address", self._link)
        environment.add_filter("behind", self._behind)
        environment.add_filter("picture", lambda url: markup(self._picture(url)))
        environment.add_filter("money", money)
        self._environment = environment
        self._compiled = compiled(email.mjml)
        self._looks: dict[int, _Look] = {}
        for variant in email.variants:
            self._look(variant)

    def fill(self, variant: EmailVariant, slots: Sequence[bytes], to: To) -> tuple[str, str]:
        shown = slot_values(slots, self._values)
        look = self._look(variant)
        values = {
            **look.constants,
            "subject": to.subject,
            "preheader": to.preheader,
            "hero": next((slot["content"] for slot in shown if b'"type":"hero"' in slot.key), None),
            "slots": shown,
            "first_name": neutral(to.first_name),
            "unsubscribe_url": to.unsubscribe_url,
            "preferences_url": to.preferences_url,
        }
        render = self._environment.render_template
        return render(f"{look.name}.html", **values), render(f"{look.name}.txt", **values)

    def _look(self, variant: EmailVariant) -> _Look:
        """The templates in this variant's look: an experiment may have made the variant."""
        look = self._looks.get(id(variant))
        if look is None:
            if len(self._looks) >= LOOKS_KEPT:
                self._looks.clear()
            look = self._looks[id(variant)] = _Look(variant, f"look{next(self._numbers)}", self._constant(variant))
            self._add(look)
        return look

    def _add(self, look: _Look) -> None:
        constants, environment, made = look.constants, self._environment, self._compiled
        html = folded(made.html, environment, constants, html=True)
        if self.track:
            # Last, so that a mail cut short by a program is still shown whole as far as it goes.
            pixel = f'<img src="{_PIXEL}" width="1" height="1" alt="" style="display:block" />'
            html = html.replace("</body>", f"{pixel}</body>", 1)
        text = folded(made.text, environment, constants, html=False)
        environment.add_template(f"{look.name}.html", Pieces(environment, look.name, html=True).extracted(html))
        environment.add_template(f"{look.name}.txt", Pieces(environment, look.name, html=False).extracted(text))

    def _constant(self, variant: EmailVariant) -> dict[str, Any]:
        theme = theme_shown(variant.theme)
        return {
            "theme": theme,
            "palette": theme["palette"],
            "font": FONTS.get(theme["typeface"], FONTS["sans"]),
            "links": [{"label": link.label, "url": link.url} for link in variant.navigation],
            "sender_name": self._email.sender_name,
            "postal_address": self._email.postal_address,
            "shop_url": self._links.absolute("/shop"),
        }

    def _link(self, url: object) -> str:
        """The address as a mail has it: absolute, and through our own door where clicks are counted."""
        absolute = _clean(self._links.absolute(url))
        own = absolute.startswith(f"{self._clicks.base}/v1/mail/")
        if not self.track or own or not absolute.lower().startswith(("http://", "https://")):
            return absolute
        return _HERE + self._clicks.tail(absolute)

    def _behind(self, url: object) -> str:
        """The address as text has it behind its words."""
        address = self._link(url)
        return "" if address == "#" else f": {address}"

    def _picture(self, url: object) -> str:
        """A picture's address. Mail programs show no SVG: of the suite's own there is a PNG, another's is left out."""
        absolute = _clean(self._links.absolute(url))
        if not _VECTOR.search(absolute):
            return absolute
        return _VECTOR.sub(".png", absolute) if absolute.startswith(f"{self._clicks.base}/") else ""
