"""Every command that the documentation shows as a block of `sh` runs as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runningsuite import ROOT, RunningSuite, clean_environment

PAGES = sorted((ROOT / "shared" / "docs").glob("*.md"))
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


def commands() -> list[tuple[str, str]]:
    return [(page.name, block) for page in PAGES for block in BLOCK.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("page", "block"), commands(), ids=lambda text: text.splitlines()[0][:60])
def test_a_documented_command_runs(suite: RunningSuite, tmp_path: Path, page: str, block: str) -> None:
    told = tmp_path / "bin"
    told.mkdir()
    (told / "tailorbird").write_text(f'#!/bin/sh\nexec {sys.executable} -m tailorbird.suite "$@"\n', encoding="utf-8")
    (told / "tailorbird").chmod(0o700)
    environment = clean_environment(suite.home) | {
        "PATH": f"{told}{os.pathsep}{os.environ['PATH']}",
        "URL": suite.base_url,
        "KEY": suite.server_key,
        "WRITE_KEY": suite.write_key,
        "FOLDER": str(tmp_path / "folder"),
    }
    done = subprocess.run(
        ["sh", "-eu", "-c", block],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{page}:\n{block}\n{done.stdout}\n{done.stderr}"
