"""Who is who: which person an event belongs to, which ids lead to them, and how two persons become one and two again.

Start with `belonging.py` (whose is this event) and `graph.py` (which identifiers tie persons together). `merges.py`
keeps what undoes a merge, `suggesting.py` what somebody has to decide, `directory.py` remembers who was looked up.
"""
