"""A marketer is signed out in the middle of writing a rule: the page says so, and what was written is saved."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.runningsuite import RunningSuite
from tests.studiodesk import PASSWORD, let_in

pytestmark = [pytest.mark.anyio, pytest.mark.row(99)]

PATIENCE = 60_000


async def test_what_was_typed_when_the_session_ended_is_saved(page: Page, suite: RunningSuite) -> None:
    page.set_default_timeout(PATIENCE)
    let_in(suite, "browser-editor", "editor")
    await page.goto("/studio/segments/new")
    await _sign_in(page)
    await page.goto("/studio/segments/new")
    await page.get_by_label("Name").fill("Written while signed out")
    await page.get_by_role("button", name="Begin a draft").click()
    await page.get_by_role("button", name="Add condition").first.click()
    attribute = page.locator("input.attribute").first
    await attribute.wait_for()
    await page.context.clear_cookies()
    await attribute.fill("history.orders")
    await attribute.press("Tab")
    await expect(page.get_by_role("alert")).to_contain_text("what you wrote is kept", timeout=PATIENCE)
    await page.get_by_role("button", name="Save draft").click()
    await _sign_in(page)
    await page.get_by_role("button", name="Go on with what I wrote").click()
    await expect(page.get_by_role("status").first).to_contain_text("Saved as a draft", timeout=PATIENCE)
    await expect(page.locator("input.attribute").first).to_have_value("history.orders", timeout=PATIENCE)


async def _sign_in(page: Page) -> None:
    # The password first: a form that is being left has a name as well, but no password.
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_label("Name").fill("browser-editor")
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_load_state()
