"""Simulated traffic for trying reports out: `behaviour.py` makes it up, `sending.py` asks real pages and sends it.

Nothing of it reaches profiles, offers or training, and every report that rests on it says so.
"""
