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
