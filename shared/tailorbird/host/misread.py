"""What could not be read as the type that was wanted, as a mistake with its place: everywhere in the same words."""

from __future__ import annotations

import msgspec

from tailorbird.contracts.wire import Problem

__all__ = ["misread"]


def misread(error: msgspec.MsgspecError | UnicodeDecodeError, document: str = "") -> Problem:
    """The mistake, and where: `$.scope.items[2]`, after the document's name where it is one of several."""
    sentence, _, where = str(error).partition(" - at `")
    path = where.rstrip("`").rpartition("`")[2] or "$"
    return Problem(path=f"{document} {path}".lstrip(), sentence=f"{sentence}.")
