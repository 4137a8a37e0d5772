"""Whose data it is: everything about a person given out, or erased wherever it rests.

Start with `erasing.py`; `erasures.py` remembers that somebody was erased, `exporting.py` tells them all there is.
"""
