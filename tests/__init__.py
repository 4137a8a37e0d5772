"""Does Tailorbird do what it says?

Mirrors the code; `house/` holds the rules of the house, `scenarios/` the requirements, `cases/` behaviour as data.
"""
