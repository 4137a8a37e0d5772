"""A template becomes letters: text derived from it, links signed, merge tags kept where wanted and nowhere else."""

from __future__ import annotations

import html
from typing import Any

import msgspec
import pytest

from tailorbird.assembler.mail.hearing.clicks import Clicks, Recipient
from tailorbird.assembler.mail.writing.compiling import check_emails
from tailorbird.assembler.mail.writing.mergetags import neutral
from tailorbird.assembler.mail.writing.printing import Letter, Press, To
from tailorbird.assembler.wording.links import Links
from tests.unit.assembler import shop

SHOP = "https://shop.example"
MJML = """<mjml><mj-head><mj-style>.x { color: #123456; }</mj-style></mj-head><mj-body><mj-section><mj-column>
<mj-text font-size="24px">Hello {{ first_name }}</mj-text>
<!-- {% for slot in slots %} --><!-- {% for item in slot["items"] %} -->
<mj-image src="{{ item.image_url|link }}" href="{{ item.url|link }}" alt="{{ item.title }}" />
<mj-text><a href="{{ item.url|link }}">{{ item.title }}</a>, {{ item.price|money(item.currency) }}
{% if item.reasons %}{{ item.reasons[0] }}{% endif %}</mj-text>
<!-- {% endfor %} --><!-- {% endfor %} -->
<mj-button href="{{ shop_url|link }}">To the shop</mj-button>
<mj-text>{% raw %}{{ unsubscribe }} {% view_online %}{% endraw %} *|LIST|*
<a href="{{ unsubscribe_url|link }}">Unsubscribe</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""


def item(**changes: Any) -> dict[str, Any]:
    plain = {
        "item_id": "p1", "title": "Rye & Oat", "price": 2.5, "currency": "USD", "url": "/p/1?a=1&b=2",
        "image_url": "/tiles/p1.svg", "score": 0.5, "reasons": ["You often buy it"],
    }  # fmt: skip
    return plain | changes


def slots(*items: dict[str, Any]) -> list[bytes]:
    return [msgspec.json.encode({"id": "s", "type": "recommendations", "title": "For you", "items": items})]


def printed(encoded: list[bytes], mjml: str = MJML, first_name: str = "Ana", track: bool = True) -> Letter:
    email = msgspec.structs.replace(shop.email(mjml), track=track)
    press = Press({"weekly": email}, Links(SHOP), Clicks(SHOP, "secret"))
    return press.letter("weekly", email.variants[0], encoded, to(first_name))


def to(first_name: str = "Ana") -> To:
    own = f"{SHOP}/v1/mail"
    return To("d-1", "p-1", first_name, "Subject", "Preheader", f"{own}/unsubscribe/t", f"{own}/preferences/t")


def test_the_text_part_says_what_the_mail_says_with_each_address_behind_its_words() -> None:
    text = printed(slots(item()), track=False).text
    assert "== Hello Ana ==" in text
    assert f"Rye & Oat: {SHOP}/p/1?a=1&b=2, $2.50" in text
    assert "You often buy it" in text
    assert f"To the shop: {SHOP}/shop" in text
    assert f"Unsubscribe: {SHOP}/v1/mail/unsubscribe/t" in text
    assert "<" not in text


def test_merge_tags_survive_where_the_author_wrote_them() -> None:
    letter = printed(slots(item()))
    for part in (letter.html, letter.text):
        assert "{{ unsubscribe }} {% view_online %}" in part
        assert "*|LIST|*" in part


def test_what_an_author_writes_beyond_ascii_is_read_as_written_in_words_and_in_conditions() -> None:
    greeting = '<mj-text>Grüße 🍞{% if first_name == "Zoë" %}, nur für Zoë{% endif %}</mj-text>'
    mjml = MJML.replace('<mj-text font-size="24px">', f"{greeting}<mj-text>")
    mjml = mjml.replace("#123456;", "#123456; content: '→';")
    zoe, ana = printed(slots(item()), mjml, "Zoë"), printed(slots(item()), mjml)
    assert "Grüße 🍞, nur für Zoë" in html.unescape(zoe.html)
    assert "Grüße 🍞<" in html.unescape(ana.html)
    assert "Grüße 🍞, nur für Zoë" in zoe.text
    assert "content: '→';" in ana.html


@pytest.mark.parametrize("tag", ["{{ x }}", "{% x %}", "*|X|*", "%%X%%", "<%= x %>", "[[x]]", "{{{x}}}", "{# x #}"])
def test_merge_tags_in_names_and_titles_are_plain_text(tag: str) -> None:
    letter = printed(slots(item(title=tag)), first_name=tag)
    for part in (letter.html, letter.text):
        assert tag not in part.replace("{{ unsubscribe }}", "").replace("*|LIST|*", "")
    assert neutral(tag).replace("\u2060", "") == tag


def test_an_item_looks_the_same_when_its_piece_was_rendered_for_another_mail() -> None:
    email = shop.email(MJML)
    press = Press({"weekly": email}, Links(SHOP), Clicks(SHOP, "secret"))
    first = press.letter("weekly", email.variants[0], slots(item(score=0.1)), to())
    again = press.letter("weekly", email.variants[0], slots(item(score=0.9)), to())
    dearer = press.letter("weekly", email.variants[0], slots(item(price=3.5)), to())
    assert first == again
    assert "$3.50" in dearer.html
    assert "$3.50" in dearer.text


def test_a_link_leads_where_it_was_signed_to_lead_and_nowhere_else() -> None:
    clicks = Clicks(SHOP, "secret")
    html = printed(slots(item())).html
    prefix = clicks.prefix("weekly", "d-1", "p-1").replace("&", "&amp;")
    tail = clicks.tail(f"{SHOP}/p/1?a=1&b=2")
    assert prefix + tail.replace("&", "&amp;") in html
    signature = tail.partition("&")[0]
    assert clicks.leads_to(signature, f"{SHOP}/p/1?a=1&b=2")
    assert not clicks.leads_to(signature, "https://evil.example/")
    assert not Clicks(SHOP, "other").leads_to(signature, f"{SHOP}/p/1?a=1&b=2")


def test_an_unsubscribe_link_names_whom_it_is_for_and_cannot_be_made_by_others() -> None:
    clicks = Clicks(SHOP, "secret")
    recipient = Recipient("ab" * 16, "news.and", "d-1", "wee kly", "p-1")
    token = clicks.token(recipient)
    assert clicks.recipient(token) == recipient
    assert clicks.recipient("x" + token) is None
    assert clicks.recipient("") is None
    assert Clicks(SHOP, "other").recipient(token) is None


def test_pictures_are_such_as_mail_programs_show() -> None:
    html = printed(slots(item())).html
    assert f'src="{SHOP}/tiles/p1.png"' in html
    assert ".svg" not in printed(slots(item(image_url="https://cdn.example/logo.svg"))).html


def test_openings_are_counted_by_a_picture_unless_the_author_does_not_want_it() -> None:
    assert f"{SHOP}/v1/mail/open/weekly/d-1/p-1.gif" in printed(slots(item())).html
    untracked = printed(slots(item()), track=False)
    assert "/v1/mail/open/" not in untracked.html
    assert "/v1/mail/click/" not in untracked.html + untracked.text


def test_a_value_that_there_is_not_is_told_with_how_a_merge_tag_is_kept() -> None:
    body = "<mjml><mj-body><mj-section><mj-column><mj-text>{{ x }}</mj-text></mj-column></mj-section></mj-body></mjml>"
    problems = check_emails({"weekly": shop.email(body)})
    assert ["{% raw %}{{ x }}{% endraw %}" in problem.sentence for problem in problems] == [True]
