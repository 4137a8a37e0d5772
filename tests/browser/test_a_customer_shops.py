"""A customer shops: what is done is on the page at once, without a reload by hand."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from tests.browser.shopping import items_on, look_as, press, whole
from tests.runningsuite import RunningSuite

pytestmark = pytest.mark.anyio


@pytest.mark.row(19)
async def test_buying_an_item_removes_it_from_the_page(page: Page) -> None:
    await look_as(page, "c-02")
    bought = (await items_on(page))[0]
    await page.goto(f"/shop/product/{bought}")
    assert "on its way" in await press(page, "Buy now")
    assert page.url.endswith("/shop")
    assert bought not in await items_on(page)
    await page.reload()
    assert bought not in await items_on(page)


async def test_an_item_in_the_cart_is_counted_shown_and_ordered(page: Page) -> None:
    await look_as(page, "c-03")
    title = await page.locator(".card h3").first.inner_text()
    assert "in your cart" in await press(page, f"Add {title} to the cart")
    assert await page.locator(".count").inner_text() == "1"
    await page.get_by_role("link", name="Cart").click()
    assert title in await page.locator(".basket").inner_text()
    item_id = str(await page.locator(".basket [name=item_id]").first.get_attribute("value"))
    assert "on its way" in await press(page, "Place the order")
    assert await page.locator(".count").inner_text() == "0"
    assert item_id not in await items_on(page)


async def test_an_item_can_be_taken_out_of_the_cart_again(page: Page) -> None:
    await look_as(page)
    await press(page, "Add ")
    await page.goto("/shop/cart")
    assert "no longer in your cart" in await press(page, "Take ")
    assert "Nothing in it yet" in await page.locator(".basket").inner_text()


@pytest.mark.row(45, 47, 53)
async def test_a_visitor_registers_and_is_welcomed_by_name(page: Page) -> None:
    await look_as(page)
    form = page.locator(".register form")
    await form.get_by_label("Your first name").fill("Wilhelmina")
    for question in await form.locator("fieldset").all():
        await question.locator(".pill").first.click()
    await form.get_by_role("button").click()
    await page.locator(".toast", has_text="Welcome, Wilhelmina!").wait_for()
    await whole(page)
    assert await page.locator(".register").count() == 0, "nobody is asked twice"


@pytest.mark.row(49)
async def test_a_high_value_customer_with_something_in_the_cart_can_chat(page: Page) -> None:
    await look_as(page, "c-01")
    assert await page.locator(".chat").count() == 0
    await press(page, "Add ")
    await whole(page)
    await page.locator(".chat summary").click()
    await page.get_by_label("Your message").fill("Is the rye bread sliced?")
    await page.get_by_role("button", name="Send").click()
    assert "Is the rye bread sliced?" in await page.get_by_role("log").inner_text()


async def test_the_shop_works_without_script(browser: Browser, suite: RunningSuite) -> None:
    context = await browser.new_context(base_url=suite.base_url, java_script_enabled=False)
    page = await context.new_page()
    await look_as(page, "c-04")
    await page.get_by_role("button", name="Add ").first.click()
    await page.locator(".toast", has_text="in your cart").wait_for()
    assert await page.locator(".count").inner_text() == "1"
    await page.locator(".card .why-link").first.click()
    assert "Why this item" in await page.locator("main").inner_text()
    await context.close()
