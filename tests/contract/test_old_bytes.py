"""What was sent once can be read for ever: `wire/v1` holds a frozen sample of each message that was released."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.contract.declared import messages
from tests.contract.samples import FOLDER

SAMPLES = sorted(path.stem for path in FOLDER.glob("*.json"))


def test_every_message_has_a_frozen_sample() -> None:
    missing = sorted(messages().keys() - set(SAMPLES))
    assert missing == [], "write them with: python -m tests.contract.samples"


@pytest.mark.parametrize("name", SAMPLES)
def test_a_frozen_sample_still_reads_with_every_value_it_had(name: str) -> None:
    sample = (FOLDER / f"{name}.json").read_bytes()
    read = msgspec.json.decode(sample, type=messages()[name])
    again = msgspec.json.decode(msgspec.json.encode(read))
    assert _lost(msgspec.json.decode(sample), again) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_a_reader_skips_a_field_of_a_newer_writer(name: str) -> None:
    written = (FOLDER / f"{name}.json").read_bytes()
    sample = msgspec.json.decode(written)
    newer: Any
    if isinstance(sample, dict):
        newer = {**sample, "a_field_of_next_year": {"x": 1}}
    else:
        # An array's next field stands behind all that it has by now.
        newer = [*msgspec.to_builtins(msgspec.json.decode(written, type=messages()[name])), "of next year"]
    msgspec.json.decode(msgspec.json.encode(newer), type=messages()[name])


def _lost(old: Any, new: Any, path: str = "$") -> list[str]:
    """Paths whose value is gone or changed; fields that a newer message added do not count."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [found for key in old for found in _lost(old[key], new.get(key, "(gone)"), f"{path}.{key}")]
    if isinstance(old, list) and isinstance(new, list):
        if len(new) < len(old):
            return [f"{path} is shorter"]
        return [found for i, (a, b) in enumerate(zip(old, new, strict=False)) for found in _lost(a, b, f"{path}[{i}]")]
    return [] if old == new else [f"{path}: {old!r} became {new!r}"]
