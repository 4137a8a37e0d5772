"""How persons rest: each sealed under a key of their own, so that destroying the key erases them.

Start with `keyring.py` (who has which pseudonym and key) and `store.py` (profiles at rest, those used last open).
"""
