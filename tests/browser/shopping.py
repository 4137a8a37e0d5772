"""What a person does in the shop, as steps that tests are made of."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

__all__ = ["items_on", "look_as", "press", "whole", "why"]


async def look_as(page: Page, customer_id: str = "", referrer: str = "") -> None:
    """Open the shop and choose, in the strip above it, whom to be."""
    await page.goto("/shop")
    await page.get_by_text("Look as somebody else").click()
    if customer_id:
        await page.get_by_label("Any household by number").fill(customer_id)
        await page.get_by_role("button", name="Go", exact=True).click()
        await page.locator(".stage-who b", has_text=customer_id).wait_for()
    elif referrer:
        await page.get_by_role("button", name=f"Arrives from {referrer}").click()
        await page.locator(".stage-who b", has_text=referrer).wait_for()
    else:
        await page.get_by_role("button", name="A visitor nobody knows").click()
        await page.locator(".stage-who b", has_text="a visitor nobody knows").wait_for()
    await whole(page)


async def whole(page: Page) -> None:
    """Reload until nothing stands in for anything: on a busy machine an answer may be late, which the page says."""
    for _ in range(20):
        if not await page.locator(".fallbacks, .stage-note").count():
            return
        await page.reload()
    pytest.fail(f"Twenty pages in a row had a fallback: {await page.locator('.fallbacks').inner_text()}")


async def items_on(page: Page) -> list[str]:
    """Ids of the items that are recommended on this page, in their order."""
    return [str(await card.get_attribute("data-item")) for card in await page.locator(".card").all()]


async def press(page: Page, name: str) -> str:
    """Press this button and wait until the page has changed; gives the sentence the shop then says."""
    async with page.expect_response(lambda answer: "/shop/actions" in answer.url):
        await page.get_by_role("button", name=name).first.click()
    toast = page.locator(".toast")
    await toast.wait_for()
    return await toast.inner_text()


async def why(page: Page, within: str) -> str:
    """Press the first "Why?" within this part of the page; gives what the panel says."""
    await page.locator(within).locator(".why-link").first.click()
    panel = page.locator("dialog[open] .why")
    await panel.wait_for()
    return await panel.inner_text()
