"""The studio on a bus: for now it keeps nothing and answers nobody there; the shop is all HTTP (`http.py`)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from msgspec import Struct

from tailorbird.bus import AskingBus
from tailorbird.host.service import Service

__all__ = ["SERVICE", "Settings", "open_studio"]


class Settings(Struct, frozen=True, kw_only=True):
    """Nothing to set yet."""


@contextlib.asynccontextmanager
async def open_studio(bus: AskingBus, settings: Settings) -> AsyncIterator[None]:
    del bus, settings
    yield


SERVICE = Service(name="studio", settings=Settings, open=open_studio)
