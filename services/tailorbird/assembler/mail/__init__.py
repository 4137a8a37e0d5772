"""What leaves as e-mail: how a template becomes a letter, who may be written to, how often, and how it goes out.

Start with `compiling.py` (a template, once), `printing.py` (a letter, per recipient) and `standing.py` (who may be
written to); `campaigning.py` makes a campaign's letters, `posting.py` and the modules beside it hand them over.
"""
