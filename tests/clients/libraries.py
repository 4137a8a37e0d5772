"""The client libraries that real sites use, installed for the tests at their exact versions, apart from our own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

__all__ = ["node_libraries", "python_libraries"]

HERE = Path(__file__).parent
NO_NODE = (
    "This test runs @segment/analytics-node, which needs Node.js 20 or later with npm: on Debian and Ubuntu install "
    "them with `apt-get install nodejs npm`."
)


def python_libraries(cache: Path) -> Path:
    """A folder to be put on PYTHONPATH. It is not our environment: these libraries want older versions than we run."""
    into = cache / "python"
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes"]
    if not (into / "complete").exists():
        _installed([*command, "--upgrade", "--target", str(into), "-r", str(HERE / "requirements.txt")], cache)
        (into / "complete").touch()
    return into


def node_libraries(cache: Path) -> Path:
    """A folder with `node_modules`. Fails the test with what to install when there is no Node.js."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.fail(NO_NODE, pytrace=False)
    into = cache / "node"
    if not (into / "complete").exists():
        into.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, into / name)
        _installed(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], into)
        (into / "complete").touch()
    return into


def _installed(command: list[str], where: Path) -> None:
    where.mkdir(parents=True, exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        pytest.fail(f"The client libraries could not be installed ({command[0]} ...):\n{said}", pytrace=False)
