"""The site's one kind of page."""

from __future__ import annotations

from django.http import HttpRequest
from wagtail.models import Page

__all__ = ["HomePage", "customer_id"]


class HomePage(Page):  # type: ignore[misc]  # Wagtail brings no types.
    """The page that `home_page.html` draws."""

    template = "home_page.html"


def customer_id(request: HttpRequest) -> str:
    """Who is signed in: this site keeps it in a cookie."""
    return str(request.COOKIES.get("signed_in", ""))
