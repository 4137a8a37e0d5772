"""A form says everything that a document says, and gives it back as it was: nobody's words are lost by opening it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import tailorbird.studio.desk.routes as desk
from tailorbird.assembler.experiments.document import Experiment, Holdout
from tailorbird.assembler.layouts.document import Email, Layout
from tailorbird.assembler.mail.documents import KINDS as MAIL_KINDS
from tailorbird.contracts.wire import Problem
from tailorbird.host.schemas import schemas_of
from tailorbird.offers.documents.goal import Goal
from tailorbird.offers.documents.offer import Action, Offer
from tailorbird.profiles.moments.document import KINDS as MOMENT_KINDS
from tailorbird.profiles.segments.membership import Persona, Segment
from tailorbird.recommender.shelves.curation import Curation
from tailorbird.studio.desk.documents.kinds import KINDS, Kind
from tailorbird.studio.desk.forms.editing import done_to
from tailorbird.studio.desk.forms.forms import form_of, mistakes
from tailorbird.studio.desk.forms.reading import document_from
from tailorbird.studio.desk.forms.rulebuilder import node_of, said
from tailorbird.studio.desk.pages import Front, Pages
from tailorbird.suite.applying import read_documents
from tests.runningsuite import documents_of_the_demo
from tests.studiodesk import fields_of

FOLDER = Path(desk.__file__).parent
PAGES = Pages(FOLDER / "templates", Front(FOLDER / "static", FOLDER))
SHAPES: dict[str, Any] = {
    "offer": Offer, "action": Action, "goal": Goal, "segment": Segment, "persona": Persona, "layout": Layout,
    "email": Email, "experiment": Experiment, "holdout": Holdout, "curation": Curation, **MOMENT_KINDS, **MAIL_KINDS,
}  # fmt: skip
SCHEMAS = schemas_of(SHAPES)
BY_KIND = {kind.kind: kind for kind in KINDS}
DOCUMENTS = [one for one in read_documents(documents_of_the_demo()) if one.kind in BY_KIND]


def as_kept(kind: str, body: bytes) -> dict[str, Any]:
    """The document as its owner writes it, without what is as it would be anyway."""
    read: dict[str, Any] = msgspec.to_builtins(msgspec.json.decode(body, type=SHAPES[kind]))
    return read


def posted(
    kind: Kind, document: dict[str, Any], problems: tuple[Problem, ...] = (), **suggestions: list[str]
) -> dict[str, list[str]]:
    """What a browser sends of the document's form."""
    found = mistakes(problems)
    html = PAGES.render(
        "documents/form.html",
        {
            "kind": kind, "identity": "some", "groups": form_of(kind, SCHEMAS[kind.kind], document, found), "notes": (),
            "mistakes": found, "revision": "1", "base": "", "suggestions": suggestions, "attributes": (),
            "node_of": node_of, "said_of": said,
            "hidden": {name: document[name] for name in kind.hidden if name in document}, "csrf": "x",
            "may": {"editor": True},
        },
    )  # fmt: skip
    return fields_of(html, "document")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: f"{one.kind}-{one.id}")
def test_a_document_comes_out_of_its_form_as_it_went_in(document: Any) -> None:
    kind, before = BY_KIND[document.kind], as_kept(document.kind, bytes(document.body))
    after = document_from(SCHEMAS[kind.kind], posted(kind, before), {})
    assert as_kept(kind.kind, msgspec.json.encode(after)) == before


@pytest.mark.parametrize("kind", KINDS, ids=lambda one: one.kind)
def test_a_new_document_has_a_form(kind: Kind) -> None:
    read = document_from(SCHEMAS[kind.kind], posted(kind, dict(kind.first)), {})
    assert {name: read.get(name, "") for name in ("headline", "on", "page", "variants") if name in kind.first} == {
        name: kind.first[name] for name in ("headline", "on", "page", "variants") if name in kind.first
    }


def test_segments_are_ticked_and_one_that_is_gone_can_be_taken_out() -> None:
    kind, document = BY_KIND["curation"], {"does": "ban", "items": ["i-1", "i-2"], "segments": ["families", "gone"]}
    fields = posted(kind, document, segments=["families", "newcomers"])
    assert fields["segments"] == ["families", "gone"]
    assert document_from(SCHEMAS["curation"], fields, {}) == document


def test_a_mistake_stands_at_its_field() -> None:
    kind = BY_KIND["offer"]
    problem = Problem(path="offer/some $.limit.total", sentence="At least one.")
    groups = form_of(kind, SCHEMAS["offer"], {"headline": "x", "kind": "gift"}, mistakes((problem,)))
    limit = next(field for _, fields in groups for field in fields if field.name == "limit")
    assert limit.wrong
    assert [part.name for part in limit.parts if part.problems] == ["limit.total"]


def test_what_is_no_number_stays_as_it_was_written() -> None:
    fields = posted(BY_KIND["offer"], {"headline": "x", "kind": "gift"}) | {"value": ["ten"], "priority": ["7"]}
    read = document_from(SCHEMAS["offer"], fields, {})
    assert (read["value"], read["priority"]) == ("ten", 7)


def steps() -> Iterator[tuple[str, list[str]]]:
    yield "up variants[0].slots[1]", ["second", "first", "third"]
    yield "down variants[0].slots[1]", ["first", "third", "second"]
    yield "drop variants[0].slots[0]", ["second", "third"]
    yield "add variants[0].slots offers", ["first", "second", "third", "offers"]
    yield "up variants[0].slots[0]", ["first", "second", "third"]
    yield "drop variants[7].slots[0]", ["first", "second", "third"]


@pytest.mark.parametrize(("deed", "left"), list(steps()), ids=lambda one: one if isinstance(one, str) else "")
def test_entries_are_added_dropped_and_moved(deed: str, left: list[str]) -> None:
    slots = [{"type": "offers", "id": name} for name in ("first", "second", "third")]
    document: dict[str, Any] = {"page": "home", "variants": [{"id": "everyone", "slots": slots}]}
    done_to(document, SCHEMAS["layout"], deed)
    assert [slot["id"] for slot in document["variants"][0]["slots"]] == left


def test_conditions_and_groups_are_added_to_a_rule() -> None:
    document: dict[str, Any] = {"rule": {"field": "segments", "operator": "contains", "value": "families"}}
    done_to(document, SCHEMAS["offer"], "group rule")
    done_to(document, SCHEMAS["offer"], "condition rule.rules[1]")
    first, group = document["rule"]["rules"]
    assert first["value"] == "families"
    assert (group["combinator"], len(group["rules"])) == ("or", 2)
