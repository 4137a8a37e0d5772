"""Insights answer: does it work? What was decided and why, what came of it, and what that says.

Start reading at `service.py`. What arrives is kept by `arriving.py` (a journal first, Parquet later): decisions
(`decisions.py`, `store.py`) and outcomes (`outcomes.py`, `enriching.py`, `outcomestore.py`). `facts.py` makes of both
what reports read; `kpis.py` holds each KPI's one definition, `statistics` the formulas, `reporting.py` every report.
"""
