"""A shop owner is shown the demonstration: different pages, the reasons for them, the weekly e-mail."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.browser.shopping import items_on, look_as, why
from tests.tinyshop import NEWCOMERS

pytestmark = pytest.mark.anyio

SETTLED, NEW = "c-01", NEWCOMERS[0]


async def look_of(page: Page) -> tuple[str, str, str]:
    """Headline, background colour and typeface of the page."""
    headline = await page.locator("h1").first.inner_text()
    colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    return headline, str(colour), str(await page.evaluate("document.body.className"))


@pytest.mark.row(10, 11, 64, 70)
async def test_a_shop_owner_sees_different_pages_for_two_households(page: Page) -> None:
    await look_as(page, SETTLED)
    one, items_of_one = await look_of(page), await items_on(page)
    await look_as(page, NEW)
    two, items_of_two = await look_of(page), await items_on(page)
    assert one[0] != two[0], "another headline"
    assert one[1:] != two[1:], "another look"
    assert items_of_one != items_of_two, "other items"
    assert len(items_of_one) == len(set(items_of_one)) > 10


async def test_households_can_be_chosen_by_persona(page: Page) -> None:
    await page.goto("/shop")
    await page.get_by_text("Look as somebody else").click()
    newcomers = page.locator(".picker section", has_text="Newcomers")
    await newcomers.get_by_role("button").first.click()
    await page.locator(".stage-who .chip", has_text="Newcomers").wait_for()


@pytest.mark.row(41, 42)
async def test_a_visitor_from_an_affiliate_site_gets_that_sites_page(page: Page) -> None:
    await look_as(page, referrer="gadgets.example")
    assert "gadget" in (await page.locator("h1").first.inner_text()).lower()
    assert "10" in await page.locator(".ticket", has_text="10").first.inner_text()


async def test_why_explains_an_offer(page: Page) -> None:
    await look_as(page, SETTLED)
    offer = await page.locator(".ticket h3").first.inner_text()
    told = await why(page, ".ticket")
    assert "Why this offer" in told
    assert offer in told
    assert "Not offered" in told, "the refused ones stand beside it, each with its reason"
    assert await page.locator("dialog .refused li").count() >= 1


async def test_why_explains_an_item_and_the_page(page: Page) -> None:
    await look_as(page, SETTLED)
    title = await page.locator(".card h3").first.inner_text()
    told = await why(page, ".card")
    assert title in told
    assert "First of" in told
    await page.get_by_role("button", name="Close").click()
    told = await why(page, ".stage")
    assert "What was chosen" in told
    assert "Orders so far" in told


async def test_the_weekly_email_opens(page: Page) -> None:
    await look_as(page, SETTLED)
    await page.get_by_role("link", name="Weekly e-mail").click()
    subject = await page.locator("h1").inner_text()
    assert subject
    for frame in range(3):  # On a screen, on a phone, in the dark.
        await page.frame_locator("iframe").nth(frame).locator("a").first.wait_for()
    text = await page.locator("pre").inner_text()
    assert "Unsubscribe" in text
    await page.get_by_text("Headers").click()
    assert "List-Unsubscribe" in await page.locator(".mail dl").inner_text()


async def test_the_shop_can_be_read_on_a_phone(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/shop", "/shop/cart", "/shop/product/i-01", "/shop/email"):
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390, path
