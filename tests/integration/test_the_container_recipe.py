"""The recipe of every image, carried out step by step: what comes out runs its service, from pinned parts only."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.integration.recipe import build, steps

# The image with the most imports; the others are made by hand: python -m tests.integration.recipe recommender
WHAT_RUNS = {
    "gateway": "from tailorbird.suite.roster import GATEWAY, SERVICES, routes_of, service_of\n"
    "[service_of(name) for name in GATEWAY], [routes_of(name) for name in SERVICES]",
}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("service", WHAT_RUNS)
def test_an_image_holds_what_its_service_needs(service: str, tmp_path: Path) -> None:
    image = build(service, tmp_path)
    python = image / "opt" / "tailorbird" / "bin" / "python"
    done = subprocess.run([python, "-c", WHAT_RUNS[service]], capture_output=True, text=True, cwd=image, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    command = image / "opt" / "tailorbird" / "bin" / "tailorbird"
    assert subprocess.run([command, "serve", "--help"], capture_output=True, check=False).returncode == 0


def test_the_recipe_installs_nothing_without_its_hash() -> None:
    installs = [step.rest for step in steps() if step.instruction == "RUN" and "install" in step.rest]
    commands = [command for rest in installs for command in rest.split("&&") if "pip install" in command]
    assert [c for c in commands if not any(word in c for word in ("-hashes", "--no-deps", "--no-index"))] == []
