"""Which variant of what is being tried does this person get? Start at `document.py`, what a marketer writes.

`assigning.py` gives a person their variant by a hash, `changing.py` makes the changed page of it, `trials.py` has both
ready for each face of the book, `checking.py` tells the mistakes when a document is saved.
"""
