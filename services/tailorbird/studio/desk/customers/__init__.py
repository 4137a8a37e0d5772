"""One customer looked at, and who is in a segment taken elsewhere.

Start reading at `customers.py`.
"""
