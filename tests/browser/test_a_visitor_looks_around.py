"""A visitor opens the shop in a browser: the page stands, whole, and the browser has nothing to complain of."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.anyio


async def test_the_shop_opens_without_a_complaint(page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"{request.url} failed"))
    answer = await page.goto("/shop")
    assert answer is not None
    assert answer.status == 200
    await page.wait_for_load_state("networkidle")
    assert await page.locator("h1").count() >= 1
    assert complaints == []


async def test_who_turns_to_leave_without_having_bought_is_told_of_a_sale(page: Page) -> None:
    await page.goto("/shop")
    async with page.expect_response(lambda answer: "/shop/noticed" in answer.url) as noticed:
        await page.evaluate("document.documentElement.dispatchEvent(new MouseEvent('mouseleave', {clientY: -1}))")
    assert (await noticed.value).status == 204
    for _ in range(60):
        await page.goto("/shop")
        if await page.get_by_text("a sale that is not on the shelves").count():
            return
    raise AssertionError("The page says nothing of the secret sale.")
