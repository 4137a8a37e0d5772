"""The studio over HTTP: the marketer's pages at /studio, and the shop at /shop, where one sees what they bring."""

from __future__ import annotations

from tailorbird.host.service import Routes
from tailorbird.studio.shop.routes import SHOP, open_shop

__all__ = ["ROUTES"]

ROUTES = Routes(handlers=[SHOP], open_state=open_shop)
