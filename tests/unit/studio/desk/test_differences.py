"""Two people's changes are told place by place and brought together; where both changed the same, somebody says."""

from __future__ import annotations

from typing import Any

from tailorbird.studio.desk.documents.differences import differences, merged, placed

BASE: dict[str, Any] = {
    "headline": "Pizza", "value": 10, "limit": {"total": 5}, "slots": [{"id": "a", "n": 1}, {"id": "b", "n": 1}],
}  # fmt: skip


def test_differences_are_named_as_forms_name_their_fields() -> None:
    after = {"headline": "Pizza", "value": 20, "limit": {}, "slots": [{"id": "a", "n": 1}, {"id": "b", "n": 2}], "x": 1}
    assert [(one.path, one.kind) for one in differences(BASE, after)] == [
        ("value", "changed"), ("limit.total", "removed"), ("slots[1].n", "changed"), ("x", "added"),
    ]  # fmt: skip


def test_changes_in_different_places_both_stand() -> None:
    found = merged(BASE, {**BASE, "value": 20}, {**BASE, "headline": "Pasta"})
    assert found.document == {**BASE, "value": 20, "headline": "Pasta"}
    assert (found.contested, found.theirs) == ((), ("value",))


def test_where_both_changed_the_same_nothing_is_decided_for_them() -> None:
    found = merged(BASE, {**BASE, "value": 20}, {**BASE, "value": 30})
    assert [(one.path, one.before, one.after) for one in found.contested] == [("value", 20, 30)]
    document = dict(found.document)
    document = placed(document, {**BASE, "value": 20}, "value")
    assert document["value"] == 20


def test_what_both_changed_alike_is_not_contested() -> None:
    assert merged(BASE, {**BASE, "value": 20}, {**BASE, "value": 20}).contested == ()


def test_a_list_of_another_length_is_one_place() -> None:
    shorter = {**BASE, "slots": BASE["slots"][:1]}
    assert [one.path for one in differences(BASE, shorter)] == ["slots"]
    assert [one.path for one in merged(BASE, shorter, {**BASE, "slots": [{"id": "a", "n": 9}]}).contested] == ["slots"]
