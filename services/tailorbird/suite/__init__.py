"""The front door: the command `tailorbird`, and the only package that knows every service by name.

Start with `__main__.py` (the commands), then `roster.py` (which services there are), `processes` (one of
them, and all on one machine).
"""
