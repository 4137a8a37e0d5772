"""A visitor of a plain site that holds our script: slots, what is told, consent, moments, and no suite at all."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tailorbird.host.broker import free_port
from tests.browser.othersites import OWN, Site, article, served
from tests.runningsuite import RunningSuite
from tests.waiting import eventually

pytestmark = pytest.mark.anyio

WATCH_SHIFTS = """
window.shifts = []; window.complaints = [];
new PerformanceObserver(list => shifts.push(...list.getEntries().map(e => e.value)))
  .observe({type: "layout-shift", buffered: true});
addEventListener("error", e => complaints.push(e.message));
addEventListener("unhandledrejection", e => complaints.push("" + e.reason));
"""
GPC = "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});"


@pytest.fixture(scope="module")
def site(suite: RunningSuite) -> Iterator[Site]:
    """Pages of the plain site: as it should be, with a product, asking for consent, and with the suite out of reach."""
    script = httpx.get(f"{suite.base_url}/sdk/tailorbird.js").text
    nowhere = f"http://127.0.0.1:{free_port()}"
    pages = {
        "/": article(suite),
        "/product": article(suite, 'data-item-id="i-33"'),
        "/asks": article(suite, 'data-consent="ask"'),
        "/alone": article(suite, host=nowhere, script="/copied.js"),
        "/later": article(suite, host=suite.base_url, script="/copied.js"),
        "/copied.js": ("text/javascript", script),
    }
    with served(pages) as running:
        yield running


@pytest.fixture
async def visit(browser: Browser, site: Site) -> AsyncIterator[BrowserContext]:
    """A visitor whom nobody knows yet."""
    context = await browser.new_context(base_url=site.base_url, viewport={"width": 1100, "height": 800})
    await context.add_init_script(WATCH_SHIFTS)
    yield context
    await context.close()


async def opened(visit: BrowserContext, path: str) -> Page:
    """The page with its slots filled."""
    page = await visit.new_page()
    await page.goto(path)
    await page.locator("[data-tailorbird-slot=trending] .card").first.wait_for()
    return page


async def visitor_of(visit: BrowserContext) -> str:
    return next((str(one["value"]) for one in await visit.cookies() if one["name"] == "tailorbird_id"), "")


def profile_of(server: httpx.Client, visitor: str) -> dict[str, Any]:
    known: dict[str, Any] = server.get(f"/v1/profiles/{visitor}", params={"kind": "anonymous"}).json()
    return known


def told_of(server: httpx.Client, visitor: str, names: set[str]) -> list[dict[str, Any]]:
    """The visitor's timeline as soon as all these stand in it."""

    def lines() -> list[dict[str, Any]]:
        answer = server.get(f"/v1/profiles/{visitor}/timeline", params={"kind": "anonymous", "count": 100})
        found: list[dict[str, Any]] = answer.json()["events"] if answer.status_code == 200 else []
        return found if names <= {line["event"] for line in found} else []

    return eventually(lines, f"{sorted(names)} in the timeline of {visitor}")


def test_the_script_is_small_and_the_same_for_everybody(suite: RunningSuite) -> None:
    answer = httpx.get(f"{suite.base_url}/sdk/tailorbird.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) < 6_000
    assert len(gzip.compress(answer.content, 9)) < 6_000
    again = httpx.get(answer.url, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.row(94, 57)
async def test_slots_of_a_plain_site_are_filled_by_one_call_and_nothing_moves(visit: BrowserContext) -> None:
    page = await visit.new_page()
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.method) if "/v1/pages/" in request.url else None)
    await page.goto("/")
    await page.locator("[data-tailorbird-slot=for_you] .card").first.wait_for()
    assert calls == ["POST"], "one call, and no question beforehand"
    assert await page.locator("[data-tailorbird-slot=hero] h1").inner_text()
    assert await page.locator("[data-tailorbird-slot=of_another_page]").inner_text() == OWN
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 240)"
    assert await page.locator("h1").first.evaluate("one => getComputedStyle(one).color") == "rgb(9, 9, 9)"
    assert await page.evaluate("shifts") == []
    assert await page.evaluate("complaints") == []
    await page.reload()
    await page.locator("[data-tailorbird-slot=trending] .card").first.wait_for()
    assert await page.evaluate("shifts") == [], "the room that was needed is there from the start"
    clipped = "document.querySelector('[data-tailorbird-slot=trending]').style.overflowY"
    assert await page.evaluate(clipped) == ""
    assert (await visitor_of(visit)).startswith("v-")


@pytest.mark.row(97, 103, 104)
async def test_dwell_hover_and_exit_intent_are_told_and_a_moment_comes_back(
    visit: BrowserContext, server: httpx.Client
) -> None:
    page = await visit.new_page()
    await page.clock.install()
    await page.goto("/product")
    await page.locator("[data-tailorbird-slot=trending] .card").first.wait_for()
    await page.clock.run_for(10_500)
    await page.locator("[data-tailorbird-slot=trending] .card").first.hover()
    await page.clock.run_for(1_500)
    await page.evaluate("document.dispatchEvent(new MouseEvent('mouseout', {clientY: -1, relatedTarget: null}))")
    await page.clock.run_for(1_000)
    said = page.locator("#mine")
    await said.get_by_text("Before you go").wait_for()
    assert await said.get_by_role("link").get_attribute("href") == "/shop#offers"
    visitor = await visitor_of(visit)
    wanted = {"item dwelled", "item hovered", "exit intent", "product viewed", "product list viewed", "page"}
    lines = told_of(server, visitor, wanted)
    assert [line["about"] for line in lines if line["event"] == "item dwelled"] == ["i-33"]


@pytest.mark.row(99)
async def test_what_is_not_for_me_is_gone_from_every_slot_at_once_and_stays_away(
    visit: BrowserContext, server: httpx.Client
) -> None:
    page = await opened(visit, "/")
    card = page.locator("[data-tailorbird-slot=trending] .card").first
    item_id = await card.get_attribute("data-item")
    everywhere = page.locator(f"[data-tailorbird-slot] [data-item='{item_id}']")
    assert await everywhere.count() >= 1
    await card.get_by_role("button", name="Not for me").click()
    assert await everywhere.count() == 0
    lines = told_of(server, await visitor_of(visit), {"item dismissed"})
    assert [line["about"] for line in lines if line["event"] == "item dismissed"] == [item_id]
    await page.goto("/")
    await page.locator("[data-tailorbird-slot=trending] .card").first.wait_for()
    assert await everywhere.count() == 0
    assert item_id not in {one["item_id"] for one in profile_of(server, await visitor_of(visit))["cart"]}


@pytest.mark.row(28)
async def test_with_global_privacy_control_the_page_is_nobodys_and_nothing_stays(visit: BrowserContext) -> None:
    await visit.add_init_script(GPC)
    page = await visit.new_page()
    asked: list[dict[str, Any]] = []
    page.on("request", lambda one: asked.append(one.post_data_json or {}) if one.method == "POST" else None)
    await page.goto("/")
    await page.locator("[data-tailorbird-slot=trending] .card").first.wait_for()
    assert await visit.cookies() == []
    assert asked[0]["customer"] == {}
    assert asked[0]["context"]["gpc"] is True
    assert {event["anonymousId"] for one in asked for event in one.get("events", one.get("batch", []))} <= {"nobody"}


@pytest.mark.row(28)
async def test_where_consent_is_asked_for_nothing_is_told_before_the_yes(
    visit: BrowserContext, server: httpx.Client
) -> None:
    page = await visit.new_page()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.post_data or "") if "/v1/" in one.url else None)
    await page.goto("/asks")
    await page.locator("[data-tailorbird-slot=trending] .card").first.wait_for()
    assert await visit.cookies() == []
    assert all("messageId" not in one for one in asked)
    await page.evaluate("tailorbird.consent({personalization: true, analytics: true})")
    await page.evaluate("tailorbird.track('Product Viewed', {product_id: 'i-33'})")
    visitor = await visitor_of(visit)
    told_of(server, visitor, {"product viewed"})
    assert profile_of(server, visitor)["consent"]["personalization"]["granted"] is True
    await page.evaluate("tailorbird.consent({personalization: false, analytics: false})")
    assert await visit.cookies() == []


@pytest.mark.row(110)
async def test_without_the_suite_the_page_keeps_its_own_content_and_tells_later(
    visit: BrowserContext, server: httpx.Client
) -> None:
    page = await visit.new_page()
    unfilled = "document.addEventListener('tailorbird:unfilled', () => document.title = 'unfilled')"
    await page.add_init_script(unfilled)
    await page.goto("/alone")
    await page.wait_for_function("document.title === 'unfilled'")
    await page.evaluate("tailorbird.track('Product Viewed', {product_id: 'i-34'})")
    assert await page.locator("[data-tailorbird-slot]").all_inner_texts() == [OWN] * 4
    assert await page.evaluate("complaints") == []
    assert await page.evaluate("shifts") == []
    await page.goto("/later")
    lines = told_of(server, await visitor_of(visit), {"product viewed"})
    assert "i-34" in {line["about"] for line in lines}
