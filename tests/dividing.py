"""Which tests stay together when processes share them: those of a module, and those that use one running suite."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[1]
USES_THE_SUITE = re.compile(
    r"\b(?:suite|fragile): RunningSuite|\bsuite_bus: |\b(?:server|collector): httpx\.Client|\bpage: Page\b"
)
"""The fixtures that start it, as a test asks for them: those of conftest.py, and the one that fault tests break."""
QUICK = ("tests/unit/", "tests/house/", "tests/contract/")


class FewSuites(LoadScopeScheduling):  # type: ignore[misc]
    """A module goes to one process as a whole; of those that need a running suite, all of one folder share one."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        # Its own order is by number of tests, and those that take longest are few: see `longest_first`.
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        module = _module_of(nodeid)
        if not _uses_the_suite(module):
            return module
        return f"suite of {module.rsplit('/', maxsplit=1)[0]}"


def longest_first(items: list[pytest.Item]) -> None:
    """Brings forward what takes longest, so that no process is left with it at the end: suites, then real servers."""
    items.sort(key=lambda item: (not _uses_the_suite(module := _module_of(item.nodeid)), module.startswith(QUICK)))


def _module_of(nodeid: str) -> str:
    return nodeid.split("::", maxsplit=1)[0]


@functools.cache
def _uses_the_suite(module: str) -> bool:
    return USES_THE_SUITE.search((ROOT / module).read_text(encoding="utf-8")) is not None
