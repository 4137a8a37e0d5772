"""`tailorbird apply FOLDER`: documents written as TOML put to work by the services that own them.

A document is a file `<kind>s/<id>.toml`, or a table `[<id>]` in a file `<kind>s.toml`. A key that ends in `_file` is
replaced by the content of the file it names, beside the document: `mjml_file = "weekly.mjml"` becomes `mjml`.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec

from tailorbird.bus import Asker
from tailorbird.contracts import assembler, offers, profiles, recommender
from tailorbird.contracts.documents import Applied, ApplyQuery, Document, ListDocumentsQuery, ListedDocuments
from tailorbird.contracts.wire import Endpoint, Fault, Problem

__all__ = ["OWNERS", "apply", "differences", "read_documents"]

OWNERS: dict[str, Endpoint[ApplyQuery, Applied]] = {
    "segment": profiles.APPLY,
    "persona": profiles.APPLY,
    "webhook": profiles.APPLY,
    "moment": profiles.APPLY,
    "offer": offers.APPLY,
    "action": offers.APPLY,
    "goal": offers.APPLY,
    "curation": recommender.APPLY,
    "layout": assembler.APPLY,
    "mailing": assembler.APPLY,
    "email": assembler.APPLY,
    "campaign": assembler.APPLY,
    "experiment": assembler.APPLY,
    "holdout": assembler.APPLY,
}
"""Kind of document -> how its owner takes it. In the order in which they are applied: rules before what names them."""


async def apply(folder: Path, asker: Asker, *, prune: bool = False, dry_run: bool = False) -> Applied:
    """What changed, over all owners. Raises Fault(422) with every mistake in the files; then nothing is changed.

    Each owner takes all of its documents or none.
    """
    documents = read_documents(folder)
    by_owner: dict[str, list[Document]] = defaultdict(list)
    for kind, endpoint in OWNERS.items():
        by_owner[endpoint.subject] += [document for document in documents if document.kind == kind]
    endpoints = {endpoint.subject: endpoint for endpoint in OWNERS.values()}
    owned = [(endpoints[subject], tuple(some)) for subject, some in by_owner.items() if some]
    problems: list[Problem] = []
    for endpoint, some in owned:  # Asked first whether all of it holds: one owner's mistake must not leave half.
        tried = await asker.ask(endpoint, ApplyQuery(documents=some, prune=prune, dry_run=True))
        problems += tried.problems
    if problems:
        listed = "\n".join(f"  {problem.path}: {problem.sentence}" for problem in problems)
        raise Fault(422, f"Nothing was changed, for these mistakes:\n{listed}", tuple(problems))
    changed: list[str] = []
    unchanged: list[str] = []
    retired: list[str] = []
    notes: list[Problem] = []
    for endpoint, some in owned:
        applied = await asker.ask(endpoint, ApplyQuery(documents=some, prune=prune, dry_run=dry_run))
        if applied.problems:
            raise Fault(422, applied.problems[0].sentence, applied.problems)
        changed += applied.changed
        unchanged += applied.unchanged
        retired += applied.retired
        notes += applied.notes
    return Applied(changed=tuple(changed), unchanged=tuple(unchanged), retired=tuple(retired), notes=tuple(notes))


def read_documents(folder: Path) -> list[Document]:
    """Every document under `folder`. Raises Fault(404, 422) naming the file that cannot be read."""
    if not folder.is_dir():
        raise Fault(404, f"There is no folder {folder}.")
    found: list[Document] = []
    for kind in OWNERS:
        together = folder / f"{kind}s.toml"
        if together.exists():
            for identity, body in _toml(together).items():
                if not isinstance(body, dict):
                    raise Fault(422, f"{together}: '{identity}' stands outside of a table [id of the {kind}].")
                found.append(_document(kind, identity, body, together))
        alone = sorted((folder / f"{kind}s").glob("*.toml"))
        found.extend(_document(kind, path.stem, _toml(path), path) for path in alone)
    if not found:
        kinds = ", ".join(f"{kind}s/" for kind in OWNERS)
        raise Fault(404, f"There are no documents in {folder}; they stand in {kinds} as <id>.toml.")
    return found


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Fault(422, f"{path} is not valid TOML: {error}.") from error


def _document(kind: str, identity: str, body: dict[str, Any], path: Path) -> Document:
    return Document(kind=kind, id=identity, body=msgspec.Raw(msgspec.json.encode(_with_files(body, path))))


def _with_files(body: dict[str, Any], path: Path) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for key, value in body.items():
        if key.endswith("_file") and isinstance(value, str):
            beside = (path.parent / value).resolve()
            if path.parent.resolve() not in beside.parents:
                raise Fault(422, f"{path}: {key} names a file outside of the document's folder.")
            try:
                whole[key.removesuffix("_file")] = beside.read_text(encoding="utf-8")
            except OSError as error:
                raise Fault(422, f"{path}: {key} names {value}, which cannot be read: {error.strerror}.") from error
        elif isinstance(value, dict):
            whole[key] = _with_files(value, path)
        else:
            whole[key] = value
    return whole


LISTS: dict[str, Endpoint[ListDocumentsQuery, ListedDocuments]] = {
    profiles.APPLY.subject: profiles.LIST_DOCUMENTS,
    offers.APPLY.subject: offers.LIST_DOCUMENTS,
    recommender.APPLY.subject: recommender.LIST_DOCUMENTS,
    assembler.APPLY.subject: assembler.LIST_DOCUMENTS,
}
"""Who lists what they were given, by where they take it."""


async def differences(folder: Path, asker: Asker) -> list[str]:
    """Lines as of `diff`: what stands at work against what the folder holds. Empty documents, none: nothing differs."""
    wanted = {(one.kind, one.id): bytes(one.body) for one in read_documents(folder)}
    kinds = {kind for kind, _ in wanted}
    at_work: dict[tuple[str, str], bytes] = {}
    for subject in dict.fromkeys(OWNERS[kind].subject for kind in kinds):
        listed = await asker.ask(LISTS[subject], ListDocumentsQuery())
        at_work |= {(one.kind, one.id): bytes(one.body) for one in listed.documents if one.kind in kinds}
    lines: list[str] = []
    for kind, identity in sorted(wanted.keys() | at_work.keys()):
        name = f"{kind}/{identity}"
        before, after = (_told(some.get((kind, identity))) for some in (at_work, wanted))
        lines += difflib.unified_diff(before, after, f"at work: {name}", f"folder: {name}", lineterm="", n=1)
    return lines or ["Nothing differs."]


def _told(body: bytes | None) -> list[str]:
    """The document line by line, in one order of its keys."""
    if body is None:
        return []
    return json.dumps(msgspec.json.decode(body), indent=2, sort_keys=True, ensure_ascii=False).splitlines()
