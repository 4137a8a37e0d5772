"""What do others send, and what do they get? `bodies.py` reads a call strictly, `replying.py` answers it in its form
and with what caches may keep, `describing.py` says both in the API's documentation.
"""
