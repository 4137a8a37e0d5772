"""What is installed is what was chosen: every requirement pinned and hashed, one version for running and testing."""

from __future__ import annotations

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from tests.house.tree import ROOT, SERVICES

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
NEEDED_FOR_TESTS = {"lab", "lint", "pins", "test"}
LARGE = {"spark"}
"""Installed where it is asked for, from a file of its own."""


def _pins(name: str) -> dict[NormalizedName, set[str]]:
    """Package -> its versions; more than one where Pythons differ."""
    pins: dict[NormalizedName, set[str]] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            package, rest = re.split(r"(?:\[[^]]*\])?==", line.removesuffix("\\").strip(), maxsplit=1)
            pins.setdefault(canonicalize_name(package), set()).add(rest.split(";")[0].strip())
    return pins


def _wanted(extras: set[str]) -> set[NormalizedName]:
    requirements = [Requirement(text) for extra in extras for text in EXTRAS[extra]]
    requirements += [Requirement(text) for text in PROJECT["dependencies"]]
    return {canonicalize_name(requirement.name) for requirement in requirements} - {canonicalize_name("tailorbird")}


def test_every_extra_that_runs_is_pinned() -> None:
    assert _wanted(set(EXTRAS) - NEEDED_FOR_TESTS - LARGE) - _pins("requirements.txt").keys() == set()
    pinned = _pins("requirements.txt").keys() | _pins("requirements-spark.txt").keys()
    assert _wanted(LARGE) - pinned == set()


def test_every_extra_for_testing_is_pinned() -> None:
    assert _wanted(NEEDED_FOR_TESTS) - _pins("requirements-dev.txt").keys() == set()


def test_tests_run_with_the_versions_that_are_shipped() -> None:
    run, dev = _pins("requirements.txt"), _pins("requirements-dev.txt")
    assert {name: (pins, dev[name]) for name, pins in run.items() if name in dev and not dev[name] <= pins} == {}


def test_every_pin_has_a_hash_and_no_download_address() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-spark.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        entries = re.split(r"\n(?=[A-Za-z0-9])", text.split("\n", 2)[2])
        assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
        assert re.findall(r"--(?:index-url|extra-index-url|find-links)|https?://", text) == []


def test_every_service_has_an_extra_of_its_own() -> None:
    services = {path.name for path in SERVICES.iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert services <= EXTRAS.keys()
