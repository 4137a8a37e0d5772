"""A page of the shop as HTML by itself, to be looked at in a frame in which nothing runs and nothing is pressed."""

from __future__ import annotations

from tailorbird.contracts.assembler import PagePayload
from tailorbird.studio.shop.rendering import Templates
from tailorbird.studio.shop.view import page_view
from tailorbird.studio.shop.visit import Visit

__all__ = ["framed_page"]


def framed_page(templates: Templates, payload: PagePayload, visit: Visit) -> str:
    """The page as a visitor's browser gets it, without the strip and the panel of the demonstration."""
    return templates.render("page.html", **page_view(payload), visit=visit, back="/shop", framed=True)
