"""The studio's pages at /studio: offers, segments, layouts and the rest written, previewed, published and judged.

Start reading at `routes.py`, which lists every address with the role that may use it. `documents/kinds.py` says which
documents there are, one row each; `forms/forms.py` draws a form from the owner's JSON Schema and `forms/reading.py`
reads it back; `documents/work.py` carries a document from draft to published and back. What is kept here are people,
sessions, drafts, versions and the log of changes; everything else is asked of its owner.
"""
