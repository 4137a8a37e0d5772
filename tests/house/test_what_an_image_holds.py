"""An image holds its service's extra and nothing else, so every library that a service imports is named there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.test_the_pins import EXTRAS, PROJECT
from tests.house.tree import SERVICES, SOURCE_ROOTS, imported_modules, shown

DISTRIBUTIONS = packages_distributions()
EVERYWHERE = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
WORDING = SOURCE_ROOTS[1] / "tailorbird" / "wording"
FOLDERS = sorted(path for path in SERVICES.iterdir() if path.is_dir() and not path.name.startswith("_"))


def _named_by(extra: str) -> Iterator[str]:
    """Every distribution that this extra names, itself or through other extras of ours."""
    for text in EXTRAS[extra]:
        requirement = Requirement(text)
        if requirement.name == PROJECT["name"]:
            for other in requirement.extras:
                yield from _named_by(other)
        else:
            yield canonicalize_name(requirement.name)


def _not_named(folder: Path, named: AbstractSet[str]) -> list[str]:
    wrong = []
    for path in sorted(folder.rglob("*.py")):
        for module, line in imported_modules(path):
            top = module.split(".")[0]
            if top in sys.stdlib_module_names or top in {"__future__", "tailorbird"}:
                continue
            providers = {canonicalize_name(name) for name in DISTRIBUTIONS.get(top, [top])}
            if not providers & named:
                wrong.append(f"{shown(path)}:{line} imports {top}")
    return sorted(set(wrong))


def _imports(folder: Path, package: str) -> bool:
    return any(name.startswith(package) for path in folder.rglob("*.py") for name, _ in imported_modules(path))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_service_imports_what_its_extra_names(folder: Path) -> None:
    # The front door serves the demonstration and the command that compares persons too, and only it; Spark is loaded
    # by who trains with it.
    also = {"suite": ("demo", "identity"), "recommender": ("recommender", "spark")}
    extras = also.get(folder.name, (folder.name,))
    named = {name for extra in extras for name in _named_by(extra)}
    assert _not_named(folder, EVERYWHERE | named) == []


def test_what_every_process_shares_needs_no_extra() -> None:
    shared = [path for path in (SOURCE_ROOTS[1] / "tailorbird").iterdir() if path.is_dir() and path != WORDING]
    assert [line for folder in shared for line in _not_named(folder, EVERYWHERE)] == []


def test_who_writes_money_and_days_names_what_that_needs() -> None:
    writing = [folder for folder in FOLDERS if _imports(folder, "tailorbird.wording")]
    wrong = [line for folder in writing for line in _not_named(WORDING, EVERYWHERE | set(_named_by(folder.name)))]
    assert (wrong, [folder.name for folder in writing]) == ([], ["assembler", "studio"])


def test_the_gateway_can_mount_the_routes_of_every_service() -> None:
    named = EVERYWHERE | set(_named_by("gateway"))
    wrong = [line for folder in FOLDERS for line in _not_named(folder, named) if f"{folder.name}/http.py" in line]
    assert wrong == []
