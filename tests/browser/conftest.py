"""Browser tests show requirement rows too: the marker is that of `tests/scenarios`."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "row(number, ...): rows of rows.toml that this test shows on a running suite")
