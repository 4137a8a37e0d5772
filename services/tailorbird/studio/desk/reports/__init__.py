"""Reports as pages: what is asked of insights, and how numbers and intervals are drawn.

Start reading at `reporting.py`.
"""
