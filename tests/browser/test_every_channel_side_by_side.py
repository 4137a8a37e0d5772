"""One person in every channel, side by side; and what is not for them goes away."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.browser.shopping import items_on, look_as, press

pytestmark = pytest.mark.anyio


@pytest.mark.row(12, 15, 109)
async def test_two_devices_a_push_message_the_agents_brief_and_paper_are_for_the_same_person(page: Page) -> None:
    await look_as(page, "c-01")
    await page.get_by_role("link", name="Every channel").click()
    await page.locator(".stories li").nth(2).wait_for()
    assert "Ada" in await page.frame_locator(".laptop iframe").locator("h1").first.inner_text()
    assert await page.locator(".phone .app-items p").count() > 0
    assert len(await page.locator(".push h3").inner_text()) <= 50
    assert "Ada" in await page.locator(".brief").inner_text()
    assert "Ada" in await page.locator(".till pre").inner_text()
    await page.locator(".stories li").first.get_by_role("button").click()
    await page.locator(".stories").wait_for()
    assert "Somebody we do not know" in await page.locator(".brief").inner_text()


@pytest.mark.row(118)
async def test_not_for_me_takes_the_item_off_the_page(page: Page) -> None:
    await look_as(page, "c-11")
    unwanted = (await items_on(page))[0]
    title = await page.locator(".card h3").first.inner_text()
    assert "will not be shown" in await press(page, f"Not for me: {title}")
    assert unwanted not in await items_on(page)
    await page.reload()
    assert unwanted not in await items_on(page)
    await page.goto("/shop/account")
    assert unwanted not in await items_on(page)
