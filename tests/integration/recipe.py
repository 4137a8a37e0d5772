"""The steps of services/Dockerfile, run in a folder instead of a container.

By hand: `python -m tests.integration.recipe offers`. No engine is needed. Absolute paths of the recipe lie under the
folder; the base image's Python is the one that runs this. The one step left out is the making of the user, which would
change the machine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "services" / "Dockerfile"
LEFT_OUT = "useradd"


class Step(Struct, frozen=True):
    instruction: str
    rest: str


def steps() -> Iterator[Step]:
    """The recipe's instructions, continued lines joined, comments gone."""
    lines = [line for line in DOCKERFILE.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines():
        if line.strip():
            instruction, rest = line.strip().split(maxsplit=1)
            yield Step(instruction, rest)


def build(service: str, folder: Path) -> Path:
    """Builds the image of this service under `folder`; gives its file system. Raises CalledProcessError."""
    stages: dict[str, Path] = {}
    variables = {"SERVICE": service}
    image = here = folder
    for step in steps():
        match step.instruction:
            case "FROM":
                name = step.rest.split(" AS ")[1] if " AS " in step.rest else "image"
                image = here = stages[name] = folder / name
                image.mkdir(parents=True)
            case "WORKDIR":
                here = _within(image, step.rest)
                here.mkdir(parents=True, exist_ok=True)
            case "COPY":
                _copy(step.rest, stages, image, here)
            case "RUN" if not step.rest.startswith(LEFT_OUT):
                _run(step.rest, image, here, variables)
            case "ENV":
                variables |= dict(pair.split("=", 1) for pair in step.rest.split())
    # The image's scripts say where they lay while they were made.
    _relocate(stages["build"], image)
    return image


def _within(image: Path, path: str) -> Path:
    return image / path.lstrip("/")


def _copy(rest: str, stages: dict[str, Path], image: Path, here: Path) -> None:
    source_root = ROOT
    if rest.startswith("--from="):
        stage, rest = rest.removeprefix("--from=").split(maxsplit=1)
        source_root = stages[stage]
    *sources, target = rest.split()
    into = _within(image, target) if target.startswith("/") else here / target
    for source in sources:
        path = source_root / source.lstrip("/")
        if path.is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(path, into, symlinks=True, ignore=ignore, dirs_exist_ok=True)
        else:
            into.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, into)


def _run(command: str, image: Path, here: Path, variables: dict[str, str]) -> None:
    moved = re.sub(r"(?<![\w.])/(build|opt)/", rf"{image}/\1/", command)
    (image / "opt").mkdir(exist_ok=True)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    subprocess.run(["bash", "-euc", moved], cwd=here, env={**environment, **variables, "PATH": path}, check=True)


def _relocate(build: Path, image: Path) -> None:
    for script in (image / "opt" / "tailorbird" / "bin").iterdir():
        content = script.read_bytes() if script.is_file() and not script.is_symlink() else b""
        if content.startswith(b"#!"):
            script.write_bytes(content.replace(str(build).encode(), str(image).encode()))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made_in:
        made = build(sys.argv[1], Path(made_in))
        size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file() and not path.is_symlink())
        subprocess.run([made / "opt/tailorbird/bin/tailorbird", "--help"], check=True, stdout=subprocess.DEVNULL)
        sys.stdout.write(f"{sys.argv[1]}: {size / 1e6:.0f} MB\n")
