"""Texts of customers and products without the merge tags of e-mail systems, which would act on them downstream."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["neutral", "neutral_all"]

# Mailchimp *|X|*, Liquid, Handlebars and Jinja {{ }} {% %} {# #}, SFMC %%X%%, ERB and AMPscript <% %>, Iterable [[ ]].
_OPENING = re.compile(r"\*(?=\|)|\|(?=\*)|\{(?=[{%#])|[}%#](?=\})|%(?=%)|<(?=%)|%(?=>)|\[(?=\[)|\](?=\])")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_JOINER = "\u2060"
"""A character that nobody sees; between the two halves of a tag it makes it plain text."""


def neutral(text: str) -> str:
    """The text as it looks, with no merge tag in it, nor anything that cannot be seen."""
    if text.isprintable() and not _OPENING.search(text):
        return text
    text = _CONTROL.sub(" ", text)
    return _OPENING.sub(lambda match: match.group(0) + _JOINER, text)


def neutral_all(value: Any) -> Any:
    """The same of every text in a JSON value."""
    if isinstance(value, str):
        return neutral(value)
    if isinstance(value, list):
        return [neutral_all(part) for part in value]
    if isinstance(value, dict):
        return {key: neutral_all(part) for key, part in value.items()}
    return value
