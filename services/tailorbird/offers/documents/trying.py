"""Offers and actions that are still drafts, read so that a preview can decide as if they were at work."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tailorbird.contracts.documents import Document
from tailorbird.contracts.wire import Fault
from tailorbird.host.misread import misread
from tailorbird.offers.documents.checking import check_documents
from tailorbird.offers.documents.offer import Action, Offer

__all__ = ["read_trial"]

KINDS: dict[str, type[Offer | Action]] = {"offer": Offer, "action": Action}


def read_trial(trial: Iterable[Document]) -> dict[str, Offer | Action]:
    """By id; documents of other kinds are somebody else's. Raises Fault(422) with what is wrong with one."""
    read: dict[str, Offer | Action] = {}
    for document in trial:
        shape = KINDS.get(document.kind)
        if shape is None:
            continue
        try:
            read[document.id] = msgspec.json.decode(bytes(document.body), type=shape)
        except msgspec.MsgspecError as error:
            problem = misread(error, f"{document.kind}/{document.id}")
            sentence = f"The draft of '{document.id}' can't be tried out: {problem.sentence}"
            raise Fault(422, sentence, (problem,)) from error
        # What it promises in return may be at work, which is not looked at here.
        own = {document.kind: {document.id: read[document.id]}}
        problems = [one for one in check_documents(own) if not one.path.endswith("$.offer_id")]
        if problems:
            sentence = f"The draft of '{document.id}' can't be tried out: {problems[0].sentence}"
            raise Fault(422, sentence, tuple(problems))
    return read
