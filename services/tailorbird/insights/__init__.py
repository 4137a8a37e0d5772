"""Insights answer: does it work? What was decided and why, what came of it, and what that says.

Start reading at `service.py`. What comes is kept by `arriving` (a journal first, Parquet later). `facts` makes of it
what reports read, `reports` holds each report and each number's one definition, `statistics` the formulas; `answering`
tells them over the bus and over HTTP.
"""
