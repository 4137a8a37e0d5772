"""The front door: the command `tailorbird`, and the only package that knows every service by name.

Start with `__main__.py` (the commands), then `roster.py` (which services there are), `serving.py` (one process) and
`supervisor.py` (all of them on one machine).
"""
