"""Whole files of what is known from elsewhere, taken over so that loading twice changes nothing.

Start with `importer.py`; `bulk.py` finds which rows are new, `gathering.py` brings orders told as events into the same
snapshot that training reads.
"""
