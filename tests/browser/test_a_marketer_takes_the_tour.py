"""Somebody who has never seen the studio does what its tour says: an offer, previewed, published, seen in the shop."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
from playwright.async_api import Locator, Page, Route, expect

from tailorbird.studio.desk.people.roles import Role
from tests.runningsuite import ROOT, RunningSuite
from tests.studiodesk import PASSWORD, let_in

pytestmark = pytest.mark.anyio

AXE = "services/tailorbird/studio/front/node_modules/axe-core/axe.min.js"
PATIENCE = 60_000


async def sign_in(page: Page, suite: RunningSuite, role: Role) -> None:
    let_in(suite, f"browser-{role}", role)
    page.set_default_timeout(PATIENCE)
    await page.goto("/studio")
    await page.get_by_label("Name").fill(f"browser-{role}")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("heading", name="Home").wait_for()


async def shown(page: Page, what: Locator) -> None:
    """Loads the page anew until it is there: a part that was late on a busy machine is on the next page."""
    async with asyncio.timeout(PATIENCE / 1_000):
        while not await what.count():
            await page.reload()


@pytest.mark.row(99, 100)
async def test_an_offer_from_its_first_word_to_its_report(page: Page, suite: RunningSuite) -> None:
    await sign_in(page, suite, "admin")
    await page.get_by_role("link", name="A first tour").click()
    await page.get_by_role("link", name="New offer").click()
    await page.get_by_label("Headline").fill("Supper for the whole table")
    await page.get_by_role("button", name="Begin a draft").click()

    await page.get_by_role("button", name="Add condition").click()
    attribute = page.get_by_label("Attribute", exact=True)
    await attribute.fill("segments")
    await attribute.press("Tab")
    await page.get_by_label("Comparison").select_option("contains")
    said = page.locator(".reach .sentence")
    await page.get_by_label("Value", exact=True).last.fill("families")
    await expect(said).to_have_text("segments include families", timeout=PATIENCE)
    await expect(page.locator(".reach .count")).to_contain_text(re.compile(r"\d+ of \d+ customers"), timeout=PATIENCE)
    await page.get_by_label("Priority").fill("100")
    await page.get_by_role("button", name="Save draft").click()
    await page.get_by_text("Saved as a draft.").wait_for()

    await page.get_by_role("link", name="A first tour").click()
    await page.get_by_role("link", name="Preview as customer").click()
    await shown(page, page.locator(".draft-thing", has_text="Supper for the whole table"))
    await page.locator(".draft-thing").get_by_text("Why this?").click()
    for screen in ("desktop", "telephone"):
        frame = page.frame_locator(f"iframe[title='The page on a {screen}']")
        await expect(frame.get_by_text("Supper for the whole table")).to_be_visible(timeout=PATIENCE)
    await page.locator("article", has=page.locator(".draft-thing")).get_by_role("button", name="Show on").click()
    desktop = page.frame_locator("iframe[title='The page on a desktop']")
    await expect(desktop.locator("[data-shown]").get_by_text("Supper for the whole table")).to_be_in_viewport()

    await page.get_by_role("link", name="A first tour").click()
    await page.get_by_role("link", name=re.compile("^Open supper")).last.click()
    for button in ("Propose", "Approve", "Publish"):
        await page.get_by_role("button", name=button, exact=True).click()
    await page.get_by_text("It is at work now.").wait_for()

    await page.get_by_role("link", name="A first tour").click()
    async with page.expect_popup() as opened:
        await page.get_by_role("button", name=re.compile("^Open the shop")).click()
    shop = await opened.value
    await shown(shop, shop.get_by_text("Supper for the whole table"))
    await page.get_by_role("link", name=re.compile("^Report of")).click()
    await page.get_by_role("heading", name="Reports").wait_for()

    await page.goto("/studio/offers/supper-for-the-whole-table")
    page.on("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name="Undo the last change").click()
    await page.get_by_role("status").get_by_text("Undone").wait_for()


@pytest.mark.row(99)
async def test_what_is_typed_while_the_form_is_drawn_again_is_not_lost(page: Page, suite: RunningSuite) -> None:
    await sign_in(page, suite, "editor")
    await page.goto("/studio/offers/new")
    await page.get_by_label("Headline").fill("Typed meanwhile")
    await page.get_by_role("button", name="Begin a draft").click()
    await page.get_by_role("button", name="Add condition").click()
    await page.get_by_label("Attribute", exact=True).fill("history.orders")
    await page.get_by_label("Priority").focus()
    await page.get_by_label("Comparison").select_option("is at least")

    async with held(page, "**/condition?*"):
        await page.get_by_label("Comparison").select_option("is between")
        await page.get_by_label("Value", exact=True).last.fill("3, 9")
        await page.get_by_label("Priority").fill("7")
    await expect(page.get_by_placeholder("values, with commas")).to_have_value("3, 9", timeout=PATIENCE)
    await expect(page.get_by_label("Priority")).to_have_value("7")

    async with held(page, "**/form"):
        await page.get_by_role("button", name="Add group").click()
        await page.get_by_label("Priority").fill("8")
    await expect(page.get_by_label("Attribute", exact=True)).to_have_count(2, timeout=PATIENCE)
    await expect(page.get_by_label("Priority")).to_have_value("8")
    await expect(page.get_by_label("Priority")).to_be_focused()
    await expect(page.get_by_placeholder("values, with commas")).to_have_value("3, 9")


@contextlib.asynccontextmanager
async def held(page: Page, pattern: str) -> AsyncIterator[None]:
    """Answers from there are on their way for as long as this is entered."""
    arrived = asyncio.Event()

    async def hold(route: Route) -> None:
        await arrived.wait()
        await route.continue_()

    await page.route(pattern, hold)
    yield
    arrived.set()


async def test_slots_are_moved_by_keyboard_and_by_drag(page: Page, suite: RunningSuite) -> None:
    await sign_in(page, suite, "editor")
    await page.goto("/studio/layouts/home")
    await page.locator("#d-f-variants-2 > summary").click()
    slots = page.locator('[data-sort="variants[2].slots"] > .entry > details > summary')
    before = [(await one.inner_text()).strip() for one in await slots.all()]
    down = page.get_by_role("button", name=re.compile("^Move .* down$"))
    first = page.locator('[data-sort="variants[2].slots"] > .entry').first.locator("> .moves button").nth(1)
    await first.focus()
    await page.keyboard.press("Enter")
    await expect(slots.nth(1)).to_contain_text(before[0].split()[-1], timeout=PATIENCE)
    moved = [(await one.inner_text()).strip() for one in await slots.all()]
    assert (moved[0], moved[1]) == (before[1], before[0])
    assert await down.count() > 0

    grips = page.locator('[data-sort="variants[2].slots"] > .entry > details > summary > [data-grip]')
    await grips.nth(0).drag_to(grips.nth(1))
    dragged = [(await one.inner_text()).strip() for one in await slots.all()]
    assert (dragged[0], dragged[1]) == (before[0], before[1])


@pytest.mark.parametrize(("width", "look", "every"), [(1280, "light", 4), (390, "dark", 1)])
async def test_nothing_serious_keeps_anybody_from_using_the_studio(
    page: Page, suite: RunningSuite, width: int, look: Any, every: int
) -> None:
    await page.set_viewport_size({"width": width, "height": 860})
    await page.emulate_media(color_scheme=look)
    await sign_in(page, suite, "admin")
    axe = await anyio.Path(ROOT / AXE).read_text()
    wrong: list[str] = []
    for path in PAGES[::every]:
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        await page.evaluate(axe)
        found = await page.evaluate("axe.run({resultTypes: ['violations']})")
        wrong += [
            f"{path}: {one['id']}: {one['nodes'][0]['html'][:200]}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        wide = await page.evaluate("document.documentElement.scrollWidth")
        wrong += [f"{path}: {wide} wide on {width}"] if wide > width else []
    assert wrong == []


PAGES = (
    "/studio", "/studio/tour", "/studio/offers", "/studio/offers/new", "/studio/offers/come-back",
    "/studio/offers/come-back/versions", "/studio/segments/families", "/studio/layouts/home", "/studio/emails/weekly",
    "/studio/moments", "/studio/curations/new", "/studio/webhooks",
    "/studio/goals/default", "/studio/preview?persona=families&beside=1",
    "/studio/preview/email/weekly", "/studio/customers", "/studio/customers/c-01", "/studio/models", "/studio/reports",
    "/studio/reports/holdout", "/studio/reports/quality", "/studio/people", "/studio/changes", "/studio/me",
)  # fmt: skip
