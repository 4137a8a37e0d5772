"""Which tests stay together when processes share them: those of a module, and those that use one running suite."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[1]
USES_THE_SUITE = re.compile(r"\bsuite: RunningSuite|\bsuite_bus: |\b(?:server|collector): httpx\.Client|\bpage: Page\b")
"""The fixtures of conftest.py that start it, as a test asks for them."""


class FewSuites(LoadScopeScheduling):  # type: ignore[misc]
    """A module goes to one process as a whole; scenarios that need a running suite share one, all others another."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.split("::", maxsplit=1)[0]
        if not _uses_the_suite(module):
            return module
        return "suite of scenarios" if module.startswith("tests/scenarios/") else "suite of the others"


@functools.cache
def _uses_the_suite(module: str) -> bool:
    return USES_THE_SUITE.search((ROOT / module).read_text(encoding="utf-8")) is not None
