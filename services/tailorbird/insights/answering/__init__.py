"""What is asked of insights: reports, and decisions one by one.

Start reading at `measuring.py`, which computes a report from everything up to this second, and `reporting.py`, which
lists them; `report_routes.py` has them over HTTP.
"""
