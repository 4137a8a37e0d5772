"""Insights answer: does it work? For now: what was decided, how often, and why.

Start reading at `service.py`; what a kept decision looks like stands in `decisions.py`, how it survives a crash in
`store.py` (a journal first, Parquet later).
"""
