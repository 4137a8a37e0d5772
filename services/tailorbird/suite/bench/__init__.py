"""Measures the running suite: `make bench`. What does a page, an event, an e-mail cost, against what it must not?

Start with `measuring.py` (the order of the measurements), then `cost.py` (CPU time from the operating
system) and `load.py` (requests, closed loop and at a steady rate). Each other module measures one thing.
"""
