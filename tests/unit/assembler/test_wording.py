"""What a marketer wrote, said to one customer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tailorbird.assembler.slots.base import encode_text
from tailorbird.assembler.wording.placeholders import Wording, bad_placeholders

SAID = [
    ("Welcome back, {first_name}.", "Ana", "Welcome back, Ana."),
    ("Welcome back, {first_name}.", "", "Welcome back."),
    ("Welcome back, {first_name|neighbour}.", "", "Welcome back, neighbour."),
    ("{first_name|Psst}, look.", "", "Psst, look."),
    ("{first_name|Psst}, look.", "Ana", "Ana, look."),
    ("{ first_name | friend }!", "", " friend !"),
    ("No name here", "Ana", "No name here"),
    ("{first_name} and {first_name}", "Ana", "Ana and Ana"),
]


@pytest.mark.parametrize(("written", "name", "said"), SAID)
def test_a_text_is_said_with_the_name_or_gracefully_without(written: str, name: str, said: str) -> None:
    wording = Wording({"headline": written})
    assert json.loads(wording.say(encode_text(name) if name else b"")) == {"headline": said}


@pytest.mark.parametrize("name", ['"', "\\", "</script>", "\u2028", "{first_name}", "Zoë", "\x01"])
def test_a_name_never_breaks_the_json_it_stands_in(name: str) -> None:
    wording = Wording({"texts": ["Hello {first_name}", {"deeper": "{first_name}"}], "number": 1})
    assert json.loads(wording.say(encode_text(name))) == {
        "texts": [f"Hello {name}", {"deeper": name}],
        "number": 1,
    }


@pytest.mark.parametrize(("value", "said"), [(None, None), ({}, {}), ([], [])])
def test_nothing_written_is_nothing_said(value: Any, said: Any) -> None:
    assert json.loads(Wording(value).say(b"Ana")) == said


def test_a_placeholder_that_means_nothing_is_told() -> None:
    assert bad_placeholders("Hi {name}, {first_name|x}, {last_name|y}") == ["{name}", "{last_name|y}"]
