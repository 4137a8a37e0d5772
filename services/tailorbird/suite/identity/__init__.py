"""Who is one person with whom: pairs that may be, found and decided, and undoing it.

Start reading at `commands.py`.
"""
