"""The suite that fault tests break: one of their own, as nobody else could use it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.runningsuite import RunningSuite, start_suite
from tests.tinyshop import TinyShop

SPOOL_BYTES = 4_000_000


@pytest.fixture(scope="session")
def fragile(tmp_path_factory: pytest.TempPathFactory, tiny_shop: TinyShop) -> Iterator[RunningSuite]:
    """A suite whose parts are killed and filled up; each test leaves it whole. Its spool is small."""
    settings = {"TAILORBIRD_PROFILES_SPOOL_BYTES": str(SPOOL_BYTES)}
    with start_suite(tmp_path_factory.mktemp("fragile"), **settings) as running:
        running.fill_with(tiny_shop)
        yield running


@pytest.fixture(scope="session")
def suite(fragile: RunningSuite) -> RunningSuite:
    """The same one for tests that break nothing: a second would take as long to start as they do to run."""
    return fragile
