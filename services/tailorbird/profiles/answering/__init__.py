"""What profiles answer: somebody as decisions see them, and as people read them.

Start with `describing.py` (a stored profile as the answer that decisions are made from) and `answers.py` (who it is,
and what just happened folded in). `showing.py` is for people; `catalogue.py`, `census.py` bring what it needs.
"""
