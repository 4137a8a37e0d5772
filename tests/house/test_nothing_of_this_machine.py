"""What is committed runs anywhere: it names no registry's host and no path of the machine it was written on."""

from __future__ import annotations

import re
from pathlib import Path

from pip._internal.models.index import PyPI

from tests.house.tree import ROOT, shown, tracked_files

# Put together here, so that this file does not hold what it looks for.
REGISTRIES = (PyPI.netloc, PyPI.file_storage_domain, "registry." + "npmjs.org", "deb." + "debian.org", "crates" + ".io")
FOREIGN_PATHS = (f"{ROOT.parent}/", f"{Path.home()}/", "/" + "root/", "/" + "Users/")
LARGEST_FILE = 600 * 1024
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|NotImplemented" + r"Error)\b")


def _texts() -> list[tuple[str, str]]:
    texts = []
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" not in content[:4096]:
            texts.append((shown(path), content.decode("utf-8")))
    return texts


def test_no_file_names_the_host_of_a_registry() -> None:
    assert [(path, host) for path, text in _texts() for host in REGISTRIES if host in text] == []


def test_no_file_holds_a_path_of_this_machine() -> None:
    # A root as short as "/" would be found everywhere and say nothing.
    paths = [path for path in FOREIGN_PATHS if len(path) > len("/x/")]
    assert [(name, path) for name, text in _texts() for path in paths if path in text] == []


def test_nothing_is_left_unfinished() -> None:
    held = [
        (name, found.group()) for name, text in _texts() if name.endswith(".py") for found in UNFINISHED.finditer(text)
    ]
    assert held == []


def test_no_file_is_too_large_to_read() -> None:
    assert {shown(path): path.stat().st_size for path in tracked_files() if path.stat().st_size > LARGEST_FILE} == {}
