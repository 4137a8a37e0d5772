"""The containers run what one machine runs: a compose file of the specification, one recipe for every image."""

from __future__ import annotations

import json
import re
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from tailorbird.host.broker import nats_server_binary
from tailorbird.suite import roster
from tailorbird.suite.permissions import OPERATOR, ROLES, write_users
from tests.house.test_the_pins import EXTRAS
from tests.house.tree import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
BUILT = {name: service for name, service in COMPOSE["services"].items() if "build" in service}


def test_the_compose_file_is_of_the_compose_specification() -> None:
    schema = json.loads(
        resources.files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text()
    )
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(COMPOSE)] == []


def test_there_is_a_container_for_every_service_behind_the_gateway() -> None:
    assert set(BUILT) == set(roster.SERVICES) - set(roster.GATEWAY) | {"gateway", "tools", "users"}


def test_every_image_is_an_extra_of_the_distribution() -> None:
    images = {name: service["build"]["args"]["SERVICE"] for name, service in BUILT.items()}
    assert {name: extra for name, extra in images.items() if extra not in EXTRAS} == {}
    assert {name for name, service in BUILT.items() if service["build"]["dockerfile"] != "services/Dockerfile"} == set()


def test_only_the_gateway_can_be_reached_from_outside() -> None:
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["gateway"]
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_the_cluster_has_three_nats_nodes_with_data_of_their_own() -> None:
    nodes = {name: service for name, service in COMPOSE["services"].items() if re.fullmatch(r"nats(-\d)?", name)}
    assert len(nodes) == 3
    data = {volume for service in nodes.values() for volume in service["volumes"] if isinstance(volume, str)}
    assert len(data) == 3
    assert [name for name, service in nodes.items() if service.get("profiles") == ["cluster"]] == ["nats-2", "nats-3"]


def test_no_container_is_more_than_it_needs_to_be() -> None:
    for service in BUILT.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    recipe = (ROOT / "services" / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER tailorbird$", recipe, re.MULTILINE)


def test_every_volume_that_is_mounted_is_declared() -> None:
    mounted = {
        (volume["source"] if isinstance(volume, dict) else volume.split(":")[0])
        for service in COMPOSE["services"].values()
        for volume in service.get("volumes", ())
    }
    assert {name for name in mounted if not name.startswith(("$", "."))} == set(COMPOSE["volumes"])


def test_each_container_enters_nats_as_a_user_of_its_own_and_holds_no_other_seed() -> None:
    for name, service in BUILT.items():
        if name == "users":
            continue
        user = "operator" if name == "tools" else name
        seeds = [volume for volume in service["volumes"] if isinstance(volume, dict) and volume["source"] == "users"]
        assert [(volume["volume"]["subpath"], volume["target"]) for volume in seeds] == [(user, "/run/tailorbird")]
        for server in ("NATS", "LEDGER"):
            assert service["environment"][f"TAILORBIRD_{server}_SEED_FILE"] == f"/run/tailorbird/{user}.seed"


def test_the_servers_of_the_containers_let_in_those_users_alone(tmp_path: Path) -> None:
    write_users(tmp_path / "made")
    (tmp_path / "users").symlink_to(tmp_path / "made" / "servers")  # As compose mounts it.
    for name, config in COMPOSE["configs"].items():
        path = tmp_path / f"{name}.conf"
        path.write_text(config["content"].replace("/data", str(tmp_path / "data")), encoding="utf-8")
        done = subprocess.run(
            [nats_server_binary(), "-t", "-c", str(path)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert config["content"].splitlines()[0] == 'include "users/authorization.conf"'
    assert {path.stem for path in tmp_path.rglob("*.seed")} == {*ROLES, OPERATOR}
