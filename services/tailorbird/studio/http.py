"""The studio over HTTP: the marketer's pages at /studio, and the shop at /shop, where one sees what they bring."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from tailorbird.bus import AskingBus
from tailorbird.host.service import Routes
from tailorbird.studio.desk.routes import DESK, open_studio_pages
from tailorbird.studio.shop.routes import SHOP, open_shop

__all__ = ["ROUTES"]


@contextlib.asynccontextmanager
async def open_both(bus: AskingBus, _: None) -> AsyncIterator[dict[str, Any]]:
    """What the routes of both keep in the process that mounts them."""
    async with open_shop(bus, None) as shop, open_studio_pages(bus) as pages:
        yield {**shop, **pages}


ROUTES = Routes(handlers=[SHOP, DESK], open_state=open_both)
