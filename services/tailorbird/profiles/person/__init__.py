"""What is kept of one person, and what an event makes of it. All of it is pure.

Start with `profile.py` (what is kept) and `folding.py` (how an event changes it); `merging.py` makes one of two.
The others each fold one thing: orders, carts, visits, consent, what was stated, what was observed, the timeline.
"""
