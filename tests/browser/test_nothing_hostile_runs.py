"""More than three hundred hostile texts in a real browser: nothing runs, nobody is called, no file is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from playwright.async_api import Browser, Route

import tailorbird.studio.shop.routes
from tailorbird.assembler.channels.rendering import PageRenderer
from tailorbird.contracts.assembler import PagePayload
from tailorbird.studio.shop.rendering import Templates
from tailorbird.studio.shop.view import page_view
from tailorbird.studio.shop.visit import Visit
from tests.hostile import hostile
from tests.runningsuite import RunningSuite
from tests.unit.assembler import test_hostile_values as assembled

pytestmark = pytest.mark.anyio

TEXTS = hostile()
TOGETHER = 42
"""So many texts stand in one document."""
DOCUMENTS = "http://documents.invalid/"
OWN = (DOCUMENTS, "https://shop.example/")
"""A path is the site's own, whatever it is made of; a mail is of the shop, with a pixel that counts."""
NOTICE = "window.hit = () => top.ran.push(location.href); if (top === window) { window.ran = []; }"
FAULTS = """documents => [...document.querySelectorAll("*")].flatMap(one => [...one.attributes].map(it => [one, it]))
.filter(([one, {name, value}]) => {
  if (/^on|^(srcdoc|ping|formaction|background|poster|srcset|autofocus)$/i.test(name)) return true;
  if (!/^(href|src|action|xlink:href)$/i.test(name) || value.startsWith("/shop/static/")) return false;
  const to = new URL(value, documents);
  return !["http:", "https:", "mailto:", "tel:"].includes(to.protocol) || to.host === "called.invalid";
}).map(([one, it]) => `${one.tagName} ${it.name}=${it.value}`)
.concat([...document.querySelectorAll("script:not([src^='/shop/static/']),object,embed,base,svg script,math,xss")]
.map(one => one.outerHTML.slice(0, 200)))"""


def test_there_are_enough_of_them() -> None:
    assert len(TEXTS) >= 300


@pytest.mark.row(28)
async def test_nothing_runs_in_pages_of_the_api(browser: Browser) -> None:
    renderer = PageRenderer(assembled.TEMPLATES / "web")
    await harmless(browser, [renderer.page(payload) for payload in _payloads()])


async def test_nothing_runs_in_fragments_on_sites_of_their_own(browser: Browser) -> None:
    renderer = PageRenderer(assembled.TEMPLATES / "web")
    documents = []
    for payload in _payloads():
        style, slots = renderer.fragments(payload)
        assert len(slots) > TOGETHER // 2
        documents.append(f"<!doctype html><style>{style}</style>{''.join(slots.values())}")
    await harmless(browser, documents)


async def test_nothing_runs_in_the_shop(browser: Browser) -> None:
    templates = Templates(Path(tailorbird.studio.shop.routes.__file__).parent / "templates")
    documents = []
    for payload in _payloads():
        view = page_view(payload) | {"visit": Visit(anonymous_id=payload.page), "nonce": "n", "choices": [], "said": ""}
        documents.append(templates.render("page.html", **view, back="/shop", item_id=""))
    await harmless(browser, documents)


async def test_nothing_runs_in_mails(browser: Browser) -> None:
    await harmless(browser, [assembled.letter(text).html for text in TEXTS], together=30)


async def test_nothing_runs_that_came_through_the_whole_suite(
    browser: Browser, suite: RunningSuite, server: httpx.Client
) -> None:
    """Titles, brands and addresses of items as loaded; names as told by a server."""
    pages = [_cart_page(server), *(_home_of(server, text) for text in TEXTS[::40])]
    await harmless(browser, pages)


async def harmless(browser: Browser, documents: Sequence[str], together: int = 1) -> None:
    """Opens each document, as the only one or in frames beside others, and looks at what it did and holds."""
    assert not any("root:x:0" in document or "daemon:" in document for document in documents)
    context = await browser.new_context()
    await context.add_init_script(NOTICE)
    called: list[str] = []

    async def answer(route: Route) -> None:
        address = route.request.url.partition("#")[0]
        name = address.removeprefix(DOCUMENTS)
        if name.isdecimal():
            await route.fulfill(body=documents[int(name)], content_type="text/html; charset=utf-8")
        elif name.startswith("frames-"):
            first = int(name.removeprefix("frames-"))
            numbers = range(first, min(first + together, len(documents)))
            frames = (f"<iframe src={DOCUMENTS}{at}></iframe>" for at in numbers)
            await route.fulfill(body="<!doctype html>" + "".join(frames), content_type="text/html")
        elif address.startswith(OWN):
            await route.fulfill(status=204)
        else:
            called.append(address)
            await route.abort()

    await context.route("**/*", answer)
    page = await context.new_page()
    page.on("dialog", lambda dialog: called.append(dialog.message))
    for first in range(0, len(documents), together):
        await page.goto(f"{DOCUMENTS}{first}" if together == 1 else f"{DOCUMENTS}frames-{first}")
        for frame in page.frames if together == 1 else page.frames[1:]:
            assert await frame.evaluate(FAULTS, DOCUMENTS) == []
        assert await page.evaluate("ran") == []
        assert page.url.startswith(DOCUMENTS)
    await context.close()
    assert called == []


def _payloads() -> list[PagePayload]:
    """Pages of every slot type with each text wherever one may stand, many texts to a page."""
    pages = []
    for first in range(0, len(TEXTS), TOGETHER):
        texts = TEXTS[first : first + TOGETHER]
        slots = [(at, slot) for at, text in enumerate(texts) for slot in assembled.slots(text)]
        raw = tuple(msgspec.Raw(msgspec.json.encode(slot | {"id": f"{slot['type']}-{at}"})) for at, slot in slots)
        pages.append(msgspec.structs.replace(assembled.page(texts[0]), slots=raw))
    return pages


def _cart_page(server: httpx.Client) -> str:
    """The cart with an item for each text, told to the suite and taken out of the range afterwards."""
    ids = [f"hostile-{at}" for at in range(len(TEXTS))]
    try:
        _put(server, [_item(one, text, 1.0) for one, text in zip(ids, TEXTS, strict=True)])
        cart = {"context": {"cart": [{"item_id": one} for one in ids]}}
        answer = server.post("/v1/pages/cart", json=cart, headers={"Accept": "text/html"}, timeout=60.0)
        assert answer.status_code == 200, answer.text
        assert "hit(1)" in answer.text
        told = server.post("/v1/pages/cart", json=cart, timeout=60.0).text
        assert '"url":"javascript:' not in told.lower()
        assert 'url":"file:' not in told.lower()
        return answer.text
    finally:
        _put(server, [_item(one, "Gone", None) for one in ids])


def _item(item_id: str, text: str, price: float | None) -> dict[str, Any]:
    told = {"title": text.strip() or "x", "brand": text, "size": text[:40], "url": text, "image_url": text}
    return {"item_id": item_id, "price": price, **told}


def _put(server: httpx.Client, items: list[dict[str, Any]]) -> None:
    lines = "\n".join(json.dumps(item) for item in items)
    answer = server.post("/v1/items", content=lines, headers={"Content-Type": "application/x-ndjson"}, timeout=60.0)
    assert answer.status_code == 200, answer.text


def _home_of(server: httpx.Client, text: str) -> str:
    """The home page of somebody who is called so."""
    name = f"hostile-{abs(hash(text))}"
    told = {"type": "identify", "userId": name, "traits": {"first_name": text}}
    answer = server.post(
        "/v1/pages/home",
        json={"customer": {"customer_id": name}, "events": [told]},
        headers={"Accept": "text/html"},
    )
    assert answer.status_code == 200, answer.text
    return answer.text
