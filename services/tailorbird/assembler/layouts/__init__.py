"""Which layout does this customer get? Start at `document.py`, what a marketer writes.

`choosing.py` compiles the documents into a book and chooses a face of a page, `theme.py` is its look, `trying.py` the
book as it would be with drafts at work, `routes.py` the documents over HTTP.
"""
