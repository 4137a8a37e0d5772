"""Nothing that a customer, a product or a marketer writes can run: in a page, in a mail, in a template."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

import tailorbird.assembler
from tailorbird.assembler.channels.rendering import PageRenderer
from tailorbird.assembler.layouts.theme import theme_shown
from tailorbird.assembler.mail.hearing.clicks import Clicks
from tailorbird.assembler.mail.writing.compiling import LARGEST, check_emails, compiled_html
from tailorbird.assembler.mail.writing.printing import Press, To
from tailorbird.assembler.wording.links import Links, safe_url
from tailorbird.contracts.assembler import LayoutChosen, PagePayload, Provenance, ServedCustomer
from tests.unit.assembler import shop

TEMPLATES = Path(tailorbird.assembler.__file__).parent / "templates"

HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)",
    "</title><script>x</script>", "{{ 7 * 7 }}", "{% raw %}", "{{ ''.__class__ }}", "<!--", "-->", "<![endif]-->",
    "&lt;script&gt;", "\u2028", "</style>",
    "javascript:alert(1)", "data:text/html,<script>x</script>", "<svg/onload=alert(1)>", "${alert(1)}", "%0d%0aBcc: x",
]  # fmt: skip


class Elements(HTMLParser):
    """Tags and attributes of a document, as a browser reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def elements(html: str) -> Elements:
    found = Elements()
    found.feed(html)
    return found


def harmless(html: str) -> bool:
    found = elements(html)
    runs = [name for name, _ in found.attributes if name.startswith("on")]
    leads = [value for name, value in found.attributes if name in {"href", "src"} and not safe_or_mail(value)]
    return not ({"script", "svg", "iframe"} & set(found.tags)) and not runs and not leads


def safe_or_mail(value: str) -> bool:
    return value == "#" or safe_url(value) == value


def slots(text: str) -> list[dict[str, Any]]:
    """One slot of every type, with this text wherever a text may stand."""
    item = {
        "item_id": text, "title": text, "price": 2.5, "currency": text, "size": text, "brand": text, "url": text,
        "image_url": text, "summary": text, "reasons": [text], "quantity": 1, "amount": 2.5,
    }  # fmt: skip
    offer = {"offer_id": text, "action_id": text, "headline": text, "text": text, "code": text, "reasons": [text],
             "url": text, "call_to_action": text}  # fmt: skip
    content = {"headline": text, "text": text, "url": text, "image_url": text, "call_to_action": text, "tone": text}
    base = {"id": text, "title": text}
    return [
        base | {"type": "hero", "content": content},
        base | {"type": "navigation", "links": [{"label": text, "url": text}]},
        base | {"type": "recommendations", "text": text, "items": [item]},
        base | {"type": "articles", "text": text, "items": [item]},
        base | {"type": "offers", "text": text, "offers": [offer]},
        base | {"type": "action", "actions": [offer]},
        base | {"type": "notice", "content": content},
        base | {"type": "content", "content": content},
        base | {"type": "item", "item": item, "available": False},
        base | {"type": "cart", "lines": [item], "total": 2.5},
    ]


def page(text: str) -> PagePayload:
    theme = shop.layout({"id": "v", "slots": [{"id": "h", "type": "navigation"}]}).variants[0].theme
    return PagePayload(
        decision_id=text,
        page=text,
        customer=ServedCustomer(customer_id=text, anonymous_id=None, known=True, persona="", segments=()),
        layout=LayoutChosen(id="l", variant=text, theme=theme_shown(theme)),
        slots=tuple(msgspec.Raw(msgspec.json.encode(slot)) for slot in slots(text)),
        fallbacks=(),
        meta=Provenance(model="", rules="", layouts="", took_ms=0.0),
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_page_runs(text: str) -> None:
    html = PageRenderer(TEMPLATES / "web").page(page(text))
    assert harmless(html)
    assert "49" not in html


def demo_email() -> Any:
    mjml = (shop.DEMO_DOCUMENTS / "emails" / "letter.mjml").read_text(encoding="utf-8")
    return shop.email(mjml)


def press(email: Any) -> Press:
    return Press({"weekly": email}, Links("https://shop.example"), Clicks("https://shop.example", "secret"))


def letter(text: str) -> Any:
    email = msgspec.structs.replace(demo_email(), sender_name=text, postal_address=text)
    to = To(
        decision_id="d-1",
        person="p-1",
        first_name=text,
        subject=text,
        preheader=text,
        unsubscribe_url="https://shop.example/v1/mail/unsubscribe/token",
        preferences_url="https://shop.example/v1/mail/preferences/token",
    )
    encoded = [msgspec.json.encode(slot) for slot in slots(text)]
    return press(email).letter("weekly", email.variants[0], encoded, to)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_mail_runs(text: str) -> None:
    html = letter(text).html
    assert harmless(html)
    assert "49" not in re.sub(r"#\w+|\d+px", "", html)


def test_a_path_in_a_mail_leads_to_the_shop() -> None:
    html = letter("/shop/product/1").html
    assert "&amp;u=https://shop.example/shop/product/1" in html
    assert 'src="https://shop.example/shop/product/1"' in html


def test_a_mail_can_be_read_as_text_and_in_the_dark_and_is_not_cut_off() -> None:
    made = letter("Bread & butter")
    assert "Bread & butter" in made.text
    assert "https://shop.example/v1/mail/unsubscribe/token" in made.text
    assert "prefers-color-scheme: dark" in made.html
    assert 'name="color-scheme"' in made.html
    assert len(made.html.encode()) < LARGEST


@pytest.mark.parametrize(
    ("mjml", "sentence"),
    [
        ("<mjml><mj-body><mj-include path='/etc/passwd'/></mj-body></mjml>", "mj-include"),
        ("<mjml><mj-body><mj-raw><script>x</script></mj-raw></mj-body></mjml>", "mj-raw"),
        ("<mjml><mj-body><mj-wibble/></mj-body></mjml>", "mj-wibble"),
        ("<mjml><mj-body><mj-section><mj-column><mj-text><script>x</script></mj-text></mj-column></mj-section></mj-body></mjml>", "script"),  # noqa: E501
        ("<mjml><mj-body><mj-section><mj-column><mj-text>{{ subject|safe }}</mj-text></mj-column></mj-section></mj-body></mjml>", "safe"),  # noqa: E501
        ("<mjml><mj-head><mj-style>@import 'x';</mj-style></mj-head><mj-body></mj-body></mjml>", "@import"),
        ("<mjml><mj-body><mj-section><mj-column><mj-text>{{ password }}</mj-text></mj-column></mj-section></mj-body></mjml>", "password"),  # noqa: E501
        ("<mjml><mj-body><mj-section><mj-column><mj-text>{% for %}</mj-text></mj-column></mj-section></mj-body></mjml>", "cannot be read"),  # noqa: E501
        ("this is no template", "not MJML"),
    ],
)
def test_a_template_that_is_wrong_or_could_do_harm_is_refused(mjml: str, sentence: str) -> None:
    problems = check_emails({"weekly": shop.email(mjml)})
    assert [problem for problem in problems if sentence in problem.sentence], problems
    assert problems[0].path == "email/weekly $.mjml"


def test_the_demos_template_is_accepted() -> None:
    assert check_emails({"weekly": demo_email()}) == []


def test_a_loop_without_end_is_stopped() -> None:
    mjml = (
        "<mjml><mj-body><mj-section><mj-column><mj-text>{% for a in range(100000) %}{% for b in range(100000) %}x"
        "{% endfor %}{% endfor %}</mj-text></mj-column></mj-section></mj-body></mjml>"
    )
    email = shop.email(mjml)
    to = To("d", "p", "", "", "", "", "")
    with pytest.raises(Exception, match=r"fuel|range"):
        press(email).letter("weekly", email.variants[0], [], to)


def test_styles_of_the_author_are_inlined_and_no_address_is_called() -> None:
    mjml = (
        "<mjml><mj-head><mj-style>.x { color: #123456; }</mj-style></mj-head><mj-body><mj-section><mj-column>"
        '<mj-text><span class="x">Hi</span></mj-text></mj-column></mj-section></mj-body></mjml>'
    )
    html = compiled_html(mjml)
    assert re.search(r'<span class="x" style="color: ?#123456', html)
    assert "<link" not in html
