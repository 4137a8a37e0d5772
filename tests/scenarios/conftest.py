"""The marker that ties a scenario to the requirement rows it shows: `@pytest.mark.row(19)` or `row(19, 57)`."""

from __future__ import annotations

import pytest

from tests.scenarios.rows import read_themes


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "row(number, ...): rows of rows.toml that this test shows on a running suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known = {row.number for theme in read_themes() for row in theme.rows}
    for item in items:
        for marker in item.iter_markers("row"):
            unknown = [number for number in marker.args if number not in known]
            if unknown or not marker.args:
                raise pytest.UsageError(f"{item.nodeid} shows row {unknown or '(none)'}, which is not in rows.toml.")
