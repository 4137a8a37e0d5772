"""Each requirement row with the scenario tests that show it, then the rows that none shows: `make rows`."""

from __future__ import annotations

import contextlib
import io
import sys
from collections import defaultdict
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

HERE = Path(__file__).parent
SHOWN_IN = (HERE, HERE.parent / "browser", HERE.parent / "faults", HERE.parent / "integration")


class Row(Struct, frozen=True):
    number: int
    text: str


class Theme(Struct, frozen=True):
    name: str
    rows: tuple[Row, ...]


class _Rows(Struct, frozen=True):
    theme: tuple[Theme, ...]


class Collected:
    """A pytest plugin that notes which tests show which row."""

    def __init__(self) -> None:
        self.tests: dict[int, list[str]] = defaultdict(list)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            for marker in item.iter_markers("row"):
                for number in marker.args:
                    self.tests[number].append(item.nodeid.removeprefix("tests/"))


def read_themes() -> tuple[Theme, ...]:
    """The requirement rows by theme, in the order of the numbers within each."""
    return msgspec.toml.decode((HERE / "rows.toml").read_bytes(), type=_Rows).theme


def collect() -> dict[int, list[str]]:
    """Row -> the tests that show it. Exits with pytest's own words when the tests cannot be collected."""
    collected = Collected()
    said = io.StringIO()
    folders = [str(folder) for folder in SHOWN_IN if folder.exists()]
    with contextlib.redirect_stdout(said):
        code = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *folders], plugins=[collected])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        sys.exit(said.getvalue())
    return collected.tests


def report(tests: dict[int, list[str]]) -> str:
    """The rows as text, one heading a theme, then the count."""
    lines: list[str] = []
    missing: list[int] = []
    for theme in read_themes():
        lines += ["", theme.name, "-" * len(theme.name)]
        for row in theme.rows:
            shown = sorted(set(tests.get(row.number, [])))
            lines.append(f"{'+' if shown else ' '} R{row.number:<4} {row.text}")
            lines += [f"           {name}" for name in shown]
            missing += [] if shown else [row.number]
    total = sum(len(theme.rows) for theme in read_themes())
    none = ", ".join(f"R{number}" for number in sorted(missing)) or "none"
    return "\n".join([*lines[1:], "", f"{total - len(missing)} of {total} rows are shown. Not yet shown: {none}"])


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parents[1]))
    sys.stdout.write(report(collect()) + "\n")
